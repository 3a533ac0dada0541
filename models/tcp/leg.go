package tcp

import (
	"time"

	"lbsim/sim"
)

// A leg is one connection: of the client, or of the balancer to the server.
type leg struct {
	ends  [2]socket
	way   [2]time.Duration // from that side to the other
	lanes [2]queue[Packet]
	phase opening
	tls   handshake
	tried sim.Time // when a SYN without an answer is sent again
	tries uint
	// Of the TLS handshake: which flight is under way, and how much of it has come.
	flight, got int
	// Bytes of the handshake that each side writes with what it writes first, and
	// that each side receives so.
	with, skip [2]int
}

// opening is how far a connection has been opened.
type opening uint8

const (
	closed opening = iota
	synSent
	agreeing // on keys
	ready
)

// initial makes the leg an idle open connection, or one to be opened.
func (l *leg) initial(number uint8, client, server *End, rtt, added time.Duration, tls handshake, open bool) {
	l.way[ClientSide] = rtt/2 + added
	l.way[ServerSide] = rtt - rtt/2 + added
	l.ends[ClientSide].initial(client, server, number, ClientSide, open)
	l.ends[ServerSide].initial(server, client, number, ServerSide, open)
	for side := range l.lanes {
		l.lanes[side].clear()
	}
	l.phase, l.tls, l.tried, l.tries = ready, tls, sim.Never, 0
	l.flight, l.got, l.with, l.skip = 0, 0, [2]int{}, [2]int{}
	if !open {
		l.phase = closed
		l.with = [2]int{tls.withRequest, tls.withResponse}
		l.skip = [2]int{tls.withResponse, tls.withRequest}
	}
}

// open sends the first packet, or sends it again.
func (m *simulation) open(l *leg) {
	l.phase = synSent
	m.packet(&l.ends[ClientSide], Packet{Flags: SYN, Again: l.tries > 0})
	l.tried = m.now.Add(backed(retry, l.tries))
	l.tries++
}

// greet goes on with opening a connection, when a SYN has come. A server answers
// again if it comes again.
func (m *simulation) greet(l *leg, s *socket) {
	if s.side == ServerSide {
		p := Packet{Flags: SYN | ACK, Again: s.up}
		s.up = true
		m.packet(s, p)
		return
	}
	m.acknowledge(s)
	if s.up {
		return
	}
	s.up, l.tried = true, sim.Never
	if l.tls.count == 0 {
		m.opened(l)
		return
	}
	l.phase = agreeing
	for side := range l.ends {
		l.ends[side].nagle = NagleOff
	}
	m.write(s, l.tls.flights[0])
}

// agree goes on with the TLS handshake, when bytes of it have come to s.
func (m *simulation) agree(l *leg, s *socket, bytes int) {
	if l.got += bytes; l.got < l.tls.flights[l.flight] {
		return
	}
	l.flight, l.got = l.flight+1, 0
	if l.flight < l.tls.count {
		m.write(s, l.tls.flights[l.flight])
		return
	}
	for side := range l.ends {
		l.ends[side].nagle = m.rules[l.ends[side].leg][side]
	}
	m.opened(l)
}

// opened lets those write who waited for the connection.
func (m *simulation) opened(l *leg) {
	l.phase = ready
	if l == &m.legs[0] {
		m.begin()
		return
	}
	if n := m.waiting; n > 0 {
		m.waiting = 0
		m.say(&l.ends[ClientSide], m.one(n))
	}
}
