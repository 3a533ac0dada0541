package server

import "lbsim/models/flow"

// State returns what a connection attempt to a service of server s meets.
func (p *Pool) State(s int32, service int) flow.Answer {
	m := &p.machines[s]
	state, x := m.state, m.special
	switch {
	case x == nil:
		return state
	case x.still != nil:
		state = x.still.meets
	}
	if state == flow.Accepts && service < len(x.services) && x.services[service].closed {
		return flow.Refuses
	}
	return state
}

// Turn lets server s, which is dead, be dead in another way: its machine is lost
// beside its programs, or is back without them.
func (p *Pool) Turn(s int32, to flow.Answer) {
	if !p.Up(s) {
		p.machines[s].state = to
	}
}

// Hangs reports whether a service of server s takes requests and answers none,
// for reasons of its own or because the server is blocked.
func (p *Pool) Hangs(s int32, service int) bool {
	x := p.machines[s].special
	return x != nil && x.hangs(service)
}

// Troubled reports whether Close or Hang befell a service of server s.
func (p *Pool) Troubled(s int32, service int) bool {
	x := p.machines[s].special
	return x != nil && service < len(x.services) && (x.services[service].closed || x.services[service].hung)
}

// Close closes the port of one service of server s, whose other services go on.
// What the server had of its requests is lost; the caller ends these, and the
// service's connections.
func (p *Pool) Close(s int32, service int) {
	p.makeSpecial(s).service(service).closed = true
	p.drop(s, &p.machines[s], service)
}

// Hang lets one service of server s take requests and answer none. Those in
// service stand still and keep their slots, as threads do that wait for
// something; those that come take slots as well, and so a server with few slots
// is soon of no use to its other services.
func (p *Pool) Hang(s int32, service int) {
	p.makeSpecial(s).service(service).hung = true
	p.freeze(s, &p.machines[s])
}

// Mend ends what Close and Hang did. Requests that stood still go on from where
// they were, in the order in which they came to stand still and before those that
// wait. A service that was closed starts anew, as cold as its server after a
// start; cold, if it is not nil, says how cold in either case.
func (p *Pool) Mend(s int32, service int, cold *Cold) {
	if !p.Troubled(s, service) {
		return
	}
	k := p.machines[s].special.service(service)
	if k.closed && cold == nil {
		cold = p.configs[s].Cold
	}
	if *k = (aside{last: k.last}); cold != nil {
		k.last = boot{cold, p.e.Now()}
	}
	p.thaw(s, &p.machines[s])
}

// Block lets all services of server s hang, or ends that: what the server depends
// on does not work, or works again.
func (p *Pool) Block(s int32, blocked bool) {
	m := &p.machines[s]
	if m.state != flow.Accepts || p.Blocked(s) == blocked {
		return
	}
	if p.makeSpecial(s).blocked = blocked; blocked {
		p.freeze(s, m)
	} else {
		p.thaw(s, m)
	}
}

// Blocked reports whether server s is blocked.
func (p *Pool) Blocked(s int32) bool {
	x := p.machines[s].special
	return x != nil && x.blocked
}
