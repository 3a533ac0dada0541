package server

import (
	"cmp"
	"math"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// sharing is the state of processor sharing. It keeps the service that each
// request in service has attained since the server was last idle: all attain
// the same per unit of time, so a request is done when the common count
// reaches the count at which it came plus its demand. The next to finish is
// the top of a heap, and an arrival or a departure changes the speed of all
// requests in one step (virtual time, as in Kleinrock 1976, section 4.4).
type sharing struct {
	cores    float64
	speed    float64 // of a core, 1 unless others use it, too
	jobs     []job   // binary min-heap by finish, then by order of arrival
	order    uint32
	attained float64 // nanoseconds of service per request
	rate     float64 // cores per request, at most 1, times their speed
	since    sim.Time
	next     sim.Pending
}

type job struct {
	finish float64
	order  uint32
	id     flow.RequestID
}

func (a job) before(b job) bool {
	return a.finish < b.finish || a.finish == b.finish && a.order < b.order
}

// advance brings the attained service up to now.
func (q *sharing) advance(now sim.Time) {
	q.attained += float64(q.rate * float64(now-q.since))
	q.since = now
}

// setRate divides the cores among the requests in service.
func (q *sharing) setRate() {
	q.rate = float64(min(1, q.cores/float64(len(q.jobs))) * q.speed)
}

func (q *sharing) add(id flow.RequestID, demand float64, now sim.Time) {
	if len(q.jobs) == 0 {
		q.attained, q.order, q.since = 0, 0, now
	}
	q.advance(now)
	q.push(job{q.attained + demand, q.order, id})
	q.order++
	q.setRate()
}

func (q *sharing) push(j job) {
	q.jobs = append(q.jobs, j)
	for i := len(q.jobs) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.jobs[i].before(q.jobs[parent]) {
			break
		}
		q.jobs[i], q.jobs[parent] = q.jobs[parent], q.jobs[i]
		i = parent
	}
}

// take removes the request that finishes first.
func (q *sharing) take() flow.RequestID {
	id := q.jobs[0].id
	n := len(q.jobs) - 1
	q.jobs[0] = q.jobs[n]
	q.jobs = q.jobs[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && q.jobs[c+1].before(q.jobs[c]) {
			c++
		}
		if !q.jobs[c].before(q.jobs[i]) {
			break
		}
		q.jobs[c], q.jobs[i] = q.jobs[i], q.jobs[c]
		i = c
	}
	if n > 0 {
		q.setRate()
	}
	return id
}

// remove takes out the requests that match and returns them in the order in which
// they came.
func (q *sharing) remove(match func(flow.RequestID) bool) (out []job) {
	all := slices.Clone(q.jobs)
	q.clear()
	for _, j := range all {
		if match(j.id) {
			out = append(out, j)
		} else {
			q.push(j)
		}
	}
	if len(q.jobs) > 0 {
		q.setRate()
	}
	slices.SortFunc(out, func(a, b job) int { return cmp.Compare(a.order, b.order) })
	return out
}

func (q *sharing) clear() { q.jobs = q.jobs[:0] }

// left is the time until the first request finishes, rounded up to a
// nanosecond.
func (q *sharing) left() time.Duration {
	return time.Duration(math.Ceil(max(0, q.jobs[0].finish-q.attained) / q.rate))
}

// reschedule sets the event at which server s finishes its next request.
func (p *Pool) reschedule(s int32, m *machine) {
	p.e.Cancel(m.sharing.next)
	if len(m.sharing.jobs) > 0 {
		m.sharing.next = p.turn.Set(m.sharing.left(), uint32(s))
	}
}

// onTurn ends the service of the requests that server s has finished by now.
// Half a nanosecond of service is less than the clock can tell.
func (p *Pool) onTurn(s uint32) {
	m := &p.machines[s]
	q := m.sharing
	q.advance(p.e.Now())
	for len(q.jobs) > 0 && q.jobs[0].finish <= q.attained+0.5 {
		id := q.take()
		p.served(m, id)
		p.leave(int32(s), m)
		p.reschedule(int32(s), m)
		p.sink.Done(id)
		q.advance(p.e.Now())
	}
	p.reschedule(int32(s), m)
}
