package server

import "lbsim/models/flow"

// State is what a connection attempt to a server meets.
type State uint8

// The states.
const (
	Working State = iota
	Closed        // the machine answers, but the port is closed
	Silent        // nothing answers
)

// spot is one service of one server.
type spot struct {
	server  int32
	service int
}

// trouble is what is wrong with one service of a server that works.
type trouble struct {
	closed bool             // its port
	hung   bool             // it takes requests and answers none
	parked []flow.RequestID // those that it has taken since
}

// State returns what a connection attempt to a service of server s meets.
func (p *Pool) State(s int32, service int) State {
	if m := &p.machines[s]; m.state != Working || p.troubles == nil {
		return m.state
	}
	if t := p.troubles[spot{s, service}]; t != nil && t.closed {
		return Closed
	}
	return Working
}

// Hung reports whether a service of server s takes requests and answers none.
func (p *Pool) Hung(s int32, service int) bool {
	t := p.troubles[spot{s, service}]
	return t != nil && t.hung
}

// Troubled reports whether Close or Hang befell a service of server s.
func (p *Pool) Troubled(s int32, service int) bool { return p.troubles[spot{s, service}] != nil }

// Close closes the port of one service of server s, whose other services go on.
// The caller ends the service's requests and connections.
func (p *Pool) Close(s int32, service int) { p.trouble(s, service).closed = true }

// Hang lets one service of server s take requests and answer none.
func (p *Pool) Hang(s int32, service int) { p.trouble(s, service).hung = true }

// Mend ends what Close and Hang did. The requests that a hung service has taken
// are worked on now, in their order.
func (p *Pool) Mend(s int32, service int) {
	t := p.troubles[spot{s, service}]
	if t == nil {
		return
	}
	delete(p.troubles, spot{s, service})
	for _, id := range t.parked {
		if p.Submit(s, id) != flow.Accepted {
			p.sink.Dropped(id)
		}
	}
}

func (p *Pool) trouble(s int32, service int) *trouble {
	if p.troubles == nil {
		p.troubles = map[spot]*trouble{}
	}
	at := spot{s, service}
	if p.troubles[at] == nil {
		p.troubles[at] = &trouble{}
	}
	return p.troubles[at]
}

// park keeps a request that its server's service does not answer, and reports
// whether it does so.
func (p *Pool) park(s int32, id flow.RequestID) bool {
	t := p.troubles[spot{s, int(p.fl.Requests.At(uint32(id)).Service)}]
	if t == nil || !t.hung {
		return false
	}
	t.parked = append(t.parked, id)
	return true
}
