package lb_test

import "lbsim/models/lb"

// homes is a scheduler for tests: clients A, B, C, ... belong to the first,
// second, third server and so on in turn, and go to the next one that is usable.
// It writes down what it is told.
type homes struct {
	made []*homing // by instance
}

type homing struct {
	env     lb.Env
	changes []byte // members
	counts  []byte
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *homes) NewScheduler(env lb.Env) lb.Scheduler {
	h := &homing{env: env}
	p.made = append(p.made, h)
	return h
}

// Basis implements lb.SchedulerPolicy.
func (*homes) Basis() lb.Basis { return lb.ByHash }

// Pick implements lb.Scheduler.
func (h *homing) Pick(q *lb.Query) int {
	n := len(h.env.View.Members)
	for k := range n {
		if m := (int(q.Client) + k) % n; h.env.View.Members[m].Usable {
			return m
		}
	}
	return -1
}

// Changed implements lb.Membership.
func (h *homing) Changed(m int) { h.changes = append(h.changes, 'a'+byte(m)) }

// Counted implements lb.Tracker.
func (h *homing) Counted(m int) { h.counts = append(h.counts, 'a'+byte(m)) }
