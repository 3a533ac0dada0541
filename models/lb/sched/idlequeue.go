package sched

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// JoinIdleQueue keeps a queue of the servers that have reported to this balancer
// that they are idle; a connection goes to the first of them, and if there is
// none, to a usable server at random. Servers report instead of being asked, so
// that a decision costs no message (Lu, Xie, Kliot, Geller, Larus, Greenberg:
// Join-Idle-Queue, Performance Evaluation 68, 2011). With several balancers a
// server reports to one of them, and that one alone knows that it is idle.
//
// What becomes of the report of a server that another balancer has picked at
// random was not verified in the paper, nor was the order of the queue; Keep
// and Newest choose. A server has one report at a time. One that is out keeps
// its report and comes back to the end of the queue. Weights count where a
// server is picked at random, and weight 0 everywhere.
type JoinIdleQueue struct {
	Choices int  `yaml:"choices" doc:"with several balancers: how many of them a server looks at, to report to the one with the fewest reports; 1: one at random"`
	Keep    bool `yaml:"keep" doc:"a report stays in the queue when its server gets a connection from another balancer"`
	Newest  bool `yaml:"newest" doc:"use the last report first, not the oldest; of reports that are kept it is the likeliest to be true still"`
}

// maxDraws bounds the parameters that say how many draws one decision takes.
const maxDraws = 1000

// Validate checks the parameters.
func (p *JoinIdleQueue) Validate() []flow.Problem {
	if p.Choices < 0 || p.Choices > maxDraws {
		return []flow.Problem{{Path: "choices", Text: fmt.Sprintf("%d is not between 1 and %d", p.Choices, maxDraws)}}
	}
	return nil
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *JoinIdleQueue) NewScheduler(env lb.Env) lb.Scheduler {
	n := len(env.View.Members)
	return &idleQueue{
		policy: *p, view: env.View, others: (&Random{Choices: 1}).NewScheduler(env).(*random),
		reported: make([]bool, n), queue: newQueue(n),
	}
}

// Basis implements lb.SchedulerPolicy.
func (*JoinIdleQueue) Basis() lb.Basis { return lb.ByLoad }

type idleQueue struct {
	policy   JoinIdleQueue
	view     *lb.View
	others   *random
	reported []bool // idle, and not picked for it since
	queue    queue  // those of them that are usable
}

func (q *idleQueue) Pick(query *lb.Query) int {
	if q.queue.n == 0 {
		return q.others.Pick(query)
	}
	m := q.queue.first()
	if q.policy.Newest {
		m = q.queue.last()
	}
	q.reported[m] = false
	q.place(m)
	return m
}

// Idle implements lb.IdleQueue.
func (q *idleQueue) Idle(m int) {
	q.reported[m] = true
	q.place(m)
}

// Busy implements lb.IdleQueue.
func (q *idleQueue) Busy(m int) bool {
	if !q.policy.Keep {
		q.reported[m] = false
		q.place(m)
	}
	return q.reported[m]
}

// Idles implements lb.IdleQueue.
func (q *idleQueue) Idles() int { return q.queue.n }

// Asks implements lb.IdleQueue.
func (q *idleQueue) Asks() int { return max(1, q.policy.Choices) }

// Changed implements lb.Membership.
func (q *idleQueue) Changed(m int) {
	q.others.Changed(m)
	q.place(m)
}

// place puts a member into the queue or takes it out.
func (q *idleQueue) place(m int) {
	if q.reported[m] && q.view.Members[m].Usable {
		q.queue.push(m)
	} else {
		q.queue.remove(m)
	}
}

// queue is a first-in-first-out queue of members from whose middle members may
// leave: a ring of links, with one link more that is before the first and
// after the last.
type queue struct {
	next, before []int32 // by member; absent: not in the queue
	n            int
}

func newQueue(members int) queue {
	q := queue{next: make([]int32, members+1), before: make([]int32, members+1)}
	for m := range members {
		q.next[m] = absent
	}
	q.next[members], q.before[members] = int32(members), int32(members)
	return q
}

func (q *queue) end() int32 { return int32(len(q.next) - 1) }

// first and last return members of a queue that is not empty.
func (q *queue) first() int { return int(q.next[q.end()]) }
func (q *queue) last() int  { return int(q.before[q.end()]) }

// push puts a member at the end, unless it is in the queue.
func (q *queue) push(m int) {
	if q.next[m] != absent {
		return
	}
	end := q.end()
	last := q.before[end]
	q.next[m], q.before[m] = end, last
	q.next[last], q.before[end] = int32(m), int32(m)
	q.n++
}

// remove takes a member out; it need not be in the queue.
func (q *queue) remove(m int) {
	if q.next[m] == absent {
		return
	}
	q.next[q.before[m]], q.before[q.next[m]] = q.next[m], q.before[m]
	q.next[m] = absent
	q.n--
}
