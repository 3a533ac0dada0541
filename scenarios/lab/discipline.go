package lab

import (
	"slices"
	"sort"
	"time"

	"lbsim/models/server"
)

// job is a request that a server works on, or that waits for it.
type job struct {
	demand time.Duration // processor time of one core
	done   chan struct{} // closed when it is served
}

// station is the work of one server: so many jobs in service, the others waiting in
// order. It knows no real time but what it is told, in rising order, and works as a
// server that is never late: what is due between two instants is done at its own
// time, and what waits begins then.
type station struct {
	places  int // jobs in service at a time; 0: any number
	room    int // jobs that may wait; server.Unlimited
	waiting []*job
	working crew
}

// crew is how the jobs in service share the cores.
type crew interface {
	begin(j *job, now time.Duration)
	count() int
	// next is when the next job is done, if there is one and no other comes.
	next() (at time.Duration, ok bool)
	// leave ends that job.
	leave() *job
}

// newStation returns an idle server. Slots beyond the cores are places to wait in
// under fifo, as in package server.
func newStation(c *server.Config) *station {
	s := &station{places: c.Slots, room: c.Queue}
	if c.Discipline == server.PS {
		s.working = &sharers{cores: float64(c.Cores)}
		return s
	}
	s.working = &owners{}
	if s.places == 0 {
		s.places = c.Cores
	}
	if beyond := s.places - c.Cores; beyond > 0 {
		s.places = c.Cores
		if s.room != server.Unlimited {
			s.room += beyond
		}
	}
	return s
}

// add takes a job, unless there is no room. What is due must have been finished.
func (s *station) add(j *job, now time.Duration) bool {
	switch {
	case s.places == 0 || s.working.count() < s.places:
		s.working.begin(j, now)
	case s.room != server.Unlimited && len(s.waiting) >= s.room:
		return false
	default:
		s.waiting = append(s.waiting, j)
	}
	return true
}

// finish returns the jobs that are done by now, in their order.
func (s *station) finish(now time.Duration) (done []*job) {
	for {
		at, ok := s.working.next()
		if !ok || at > now {
			return done
		}
		done = append(done, s.working.leave())
		if len(s.waiting) > 0 {
			s.working.begin(s.waiting[0], at)
			s.waiting = s.waiting[1:]
		}
	}
}

// owners have a core each: fifo.
type owners struct {
	jobs []owner // by rising end
}

type owner struct {
	*job
	end time.Duration
}

func (o *owners) count() int { return len(o.jobs) }

func (o *owners) begin(j *job, now time.Duration) {
	end := now + j.demand
	i := sort.Search(len(o.jobs), func(i int) bool { return o.jobs[i].end > end })
	o.jobs = slices.Insert(o.jobs, i, owner{j, end})
}

func (o *owners) next() (time.Duration, bool) {
	if len(o.jobs) == 0 {
		return 0, false
	}
	return o.jobs[0].end, true
}

func (o *owners) leave() *job {
	j := o.jobs[0].job
	o.jobs = slices.Delete(o.jobs, 0, 1)
	return j
}

// sharers share the cores evenly, none having more than one: processor sharing. The
// work that each has had since the beginning is the same for all, so that a job ends
// when that has grown by its demand, whoever comes and goes.
type sharers struct {
	cores float64
	had   float64       // work that one who was always there has had, in ns
	asOf  time.Duration // when that was so
	jobs  []sharer      // by rising end
}

type sharer struct {
	*job
	end float64 // had, when it is done
}

func (s *sharers) count() int { return len(s.jobs) }

// speed is the part of a core that each has.
func (s *sharers) speed() float64 { return min(1, s.cores/float64(len(s.jobs))) }

func (s *sharers) begin(j *job, now time.Duration) {
	if len(s.jobs) > 0 {
		s.had += float64(now-s.asOf) * s.speed()
	}
	s.asOf = now
	end := s.had + float64(j.demand)
	i := sort.Search(len(s.jobs), func(i int) bool { return s.jobs[i].end > end })
	s.jobs = slices.Insert(s.jobs, i, sharer{j, end})
}

func (s *sharers) next() (time.Duration, bool) {
	if len(s.jobs) == 0 {
		return 0, false
	}
	return s.asOf + time.Duration(max(0, s.jobs[0].end-s.had)/s.speed()), true
}

func (s *sharers) leave() *job {
	at, _ := s.next()
	first := s.jobs[0]
	s.had, s.asOf = first.end, at
	s.jobs = slices.Delete(s.jobs, 0, 1)
	return first.job
}
