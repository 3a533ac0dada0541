package server

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// standstill is that the machine that a server runs on stands still: it is saved,
// moves, or nobody hears it. The server does not know.
type standstill struct {
	meets flow.Answer      // what a connection attempt meets
	begun []withdrawn      // what was in service under fifo
	late  []flow.RequestID // what was sent meanwhile
}

// Suspend lets the machine of server s stand still. What it has keeps its place,
// and the work that was done for it. meets is what a connection attempt meets:
// Silent, or Accepts if it is over so soon that nobody notices, as attempts wait for
// an answer. What is sent over connections arrives when the server goes on, as TCP
// sends it again; that it does so with pauses is left out.
func (p *Pool) Suspend(s int32, meets flow.Answer) {
	m := &p.machines[s]
	switch {
	case p.Suspended(s):
		m.special.still.meets = meets
	case m.state == flow.Accepts:
		p.makeSpecial(s).still = &standstill{meets: meets}
		m.state = flow.Silent
		p.halt(s, m)
	}
}

// Resume lets server s go on after Suspend, from where it was. What was sent
// meanwhile arrives now, unless its client has given up.
func (p *Pool) Resume(s int32) {
	if !p.Suspended(s) {
		return
	}
	m := &p.machines[s]
	still := m.special.still
	m.state, m.special.still = flow.Accepts, nil
	p.proceed(s, m, still)
	for _, id := range still.late {
		if p.fl.Requests.At(uint32(id)).Abandoned || p.Submit(s, id) != flow.Accepted {
			p.sink.Dropped(id)
		}
	}
}

// Suspended reports whether server s stands still.
func (p *Pool) Suspended(s int32) bool {
	x := p.machines[s].special
	return x != nil && x.still != nil
}

// unheard keeps a request that a server does not hear which may go on later. It is
// rare, and not to be part of Submit.
//
//go:noinline
func (p *Pool) unheard(s int32, id flow.RequestID) {
	if p.Suspended(s) {
		still := p.machines[s].special.still
		still.late = append(still.late, id)
	}
}

// halt stops all work.
func (p *Pool) halt(s int32, m *machine) {
	now := p.e.Now()
	if q := m.sharing; q == nil {
		m.special.still.begun = p.withdraw(s, m, func(flow.RequestID) bool { return true })
	} else if len(q.jobs) > 0 {
		q.advance(now)
		p.e.Cancel(q.next)
	}
	m.busy.Set(0, now)
	if p.watch != nil {
		p.watch(s, 0)
	}
}

// proceed goes on with what halt has stopped. The time for which a request stood
// still counts as time that it waited under fifo, and as service under ps.
func (p *Pool) proceed(s int32, m *machine, still *standstill) {
	now := p.e.Now()
	if q := m.sharing; q == nil {
		for _, x := range still.begun {
			r := p.fl.Requests.At(uint32(x.id))
			r.Started = now - sim.Time(x.had)
			p.done.After(r.Demand-x.had, uint32(x.id))
		}
		still.begun = nil
	} else if q.since = now; len(q.jobs) > 0 {
		q.setRate()
		p.reschedule(s, m)
	}
	p.occupy(s, m, now)
}

// awake lets a server that stands still do something to its requests at once:
// the caller calls what it returns when that is done.
func (p *Pool) awake(s int32, m *machine) (done func()) {
	if !p.Suspended(s) {
		return func() {}
	}
	p.proceed(s, m, m.special.still)
	return func() { p.halt(s, m) }
}
