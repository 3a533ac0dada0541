package packets

import (
	"net/netip"
	"time"

	"lbsim/models/flow"
	"lbsim/models/snat"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/scenarios"
	"lbsim/scenarios/convert/capture"
	"lbsim/sim"
)

// recorder observes a run and writes what passes.
type recorder struct {
	observer
	plan    *scenarios.Plan
	writer  *capture.Writer
	pop     *snat.Population
	open    map[flow.ConnID]*flow.Conn // as they were when their servers took them
	talks   map[uint64]*talk
	found   map[question]*answer
	count   int // connections recorded
	packets int
	err     error
}

// talk is a recorded connection.
type talk struct {
	legs  [2]*capture.Conversation // the second from a balancer that ends the first
	free  sim.Time                 // when the last exchange had ended
	begun bool
}

// Addresses of what clients have none of (RFC 5737, RFC 2544 and RFC 3849).
var (
	service4, balancer4 = netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	service6            = netip.MustParseAddr("2001:db8::1")
	server4             = [4]byte{198, 19, 0, 0} // and the number of the server
)

// begin opens a conversation for a connection.
func (r *recorder) begin(c *flow.Conn) *talk {
	n := r.plan.Config.Network
	service := &r.plan.Config.Balancer.Services[c.Service]
	port := uint16(80)
	if service.Port != 0 {
		port = uint16(service.Port)
	}
	ephemeral := uint16(1024 + (r.count-1)%64_512)
	client, to := r.pop.Addrs[c.Addr], service4
	if client.Is6() {
		to = service6
	}
	from, at := netip.AddrPortFrom(client, ephemeral), netip.AddrPortFrom(to, port)
	k := &talk{}
	if n.Inner == nil {
		k.legs[0] = r.writer.Open(from, at, [2]int{n.Client.MSS, n.Server.MSS}, capture.AtClient)
		return k
	}
	k.legs[0] = r.writer.Open(from, at, [2]int{n.Client.MSS, n.Inner.Balancer.MSS}, capture.AtServer)
	host := server4
	host[2], host[3] = byte((c.Server+1)>>8), byte(c.Server+1)
	k.legs[1] = r.writer.Open(netip.AddrPortFrom(balancer4, ephemeral), netip.AddrPortFrom(netip.AddrFrom4(host), port),
		[2]int{n.Inner.Balancer.MSS, n.Server.MSS}, capture.AtClient)
	return k
}

// exchange returns what is written for a connection's requests.
func (r *recorder) exchange(c *flow.Conn) tcp.Exchange {
	if x := r.stream(c).Exchange; x != nil {
		return *x
	}
	return tcp.Request(traffic.UsualRequest, traffic.UsualResponse, 0)
}

// network returns the network of a connection.
func (r *recorder) network(c *flow.Conn) tcp.Config {
	n := r.plan.Config.Network
	if own := r.plan.Config.Sites[r.pop.SiteOf(c.Client)].RTT; own > 0 {
		return n.At(own)
	}
	return *n
}

// add records an exchange that has just ended.
func (r *recorder) add(k *talk, c *flow.Conn, q *flow.Request, t *flow.Trip, now sim.Time) error {
	x := r.exchange(c)
	a, err := r.answer(question{c.Stream, r.pop.SiteOf(c.Client), !k.begun, *t}, c, &x)
	if err != nil {
		return err
	}
	if !k.begun && a.options.State == tcp.Idle {
		if err := r.greet(k, &a.network, &x); err != nil {
			return err
		}
	}
	// The server's own time is between the request, which it has, and the answer.
	took := max(0, now.Sub(q.Reached())-a.back)
	o := a.options
	s := r.stream(c)
	o.Close = s.Arrivals != nil && s.Requests == nil && (s.Connections == nil || s.Connections.Lifetime == nil)
	shift := took
	if x.Count == 1 {
		shift = 0
		if turns := len(x.Turns); turns > 0 {
			x.Turns = append([]tcp.Turn(nil), x.Turns...)
			x.Turns[turns-1].Think += took
		} else {
			x.Think += took
		}
	}
	trace, err := tcp.Simulate(&a.network, &x, o)
	if err != nil {
		return err
	}
	first, last := &trace.Spans[0], &trace.Spans[len(trace.Spans)-1]
	opened := first.Ready.Sub(first.Start)
	begin := max(q.Sent, k.free)
	if opened > 0 && q.Sent == c.Opened {
		begin = begin.Add(opened) // the set-up is part of the request's time
	}
	for i := range trace.Packets {
		p := &trace.Packets[i]
		d := time.Duration(begin) - opened
		switch {
		case opened > 0 && opens(p, first):
			d = time.Duration(min(c.Opened, begin-sim.Time(opened)))
		case p.At >= last.Answered:
			d += shift
		}
		p.At += sim.Time(d)
		if !p.Lost() {
			p.Arrives += sim.Time(d)
		}
	}
	k.begun, k.free = true, max(now, begin.Add(last.End.Sub(first.Ready)+shift))
	r.packets += len(trace.Packets)
	k.add(trace.Packets)
	return nil
}

// opens reports whether a packet is one of those that open a connection.
func opens(p *tcp.Packet, s *tcp.Span) bool { return p.At < s.Ready || p.At == s.Ready && p.Bytes == 0 }

// greet lets a connection that was open when the run began be opened then: who reads
// a capture learns from that how far the ends are from each other.
func (r *recorder) greet(k *talk, n *tcp.Config, x *tcp.Exchange) error {
	trace, err := tcp.Simulate(n, x, tcp.Options{State: tcp.Fresh})
	if err != nil {
		return err
	}
	s := &trace.Spans[0]
	var opening []tcp.Packet
	for i := range trace.Packets {
		if p := &trace.Packets[i]; opens(p, s) {
			opening = append(opening, *p)
		}
	}
	k.free = s.Ready
	k.add(opening)
	return nil
}

// add writes packets of both legs.
func (k *talk) add(packets []tcp.Packet) {
	for leg, conversation := range k.legs {
		if conversation != nil {
			conversation.Add(0, packets, uint8(leg))
		}
	}
}
