package tcp

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// MaxLadder bounds the packets of a ladder, of which alike ones count once.
const MaxLadder = 40

// Ladder returns what passes in the exchange of a trace that stalls longest, or in
// the first if none does, up to the beginning of the next one. What a packet
// waited for from before that counts from its beginning.
func (t *Trace) Ladder() flow.Ladder {
	span := &t.Spans[0]
	until := sim.Never
	for i := range t.Spans {
		s := &t.Spans[i]
		if i > 0 && s.StallTime <= span.StallTime {
			continue
		}
		if span, until = s, sim.Never; i+1 < len(t.Spans) {
			until = t.Spans[i+1].Start
		}
	}
	l := flow.Ladder{Ends: []string{"client", "server"}, Done: span.End - span.Start, Stalls: span.Stalls}
	if t.Packets[0].Relayed {
		l.Ends = []string{"client", "balancer", "server"}
	}
	last := len(l.Ends) - 2
	if think := (flow.LadderWait{Leg: last, Back: true, Kind: flow.WaitWork, From: span.Asked - span.Start, To: span.Answered - span.Start}); think.To > think.From {
		l.Waits = append(l.Waits, think)
	}
	for i := range t.Packets {
		p := &t.Packets[i]
		if p.At < span.Start || p.At >= until {
			continue
		}
		if !t.climb(&l, p, span.Start) {
			l.More++
			continue
		}
		if p.Held > 0 {
			wait(&l, p, t.frees(i), span.Start)
		}
	}
	return l
}

// climb adds a packet, unless there are too many.
func (t *Trace) climb(l *flow.Ladder, p *Packet, start sim.Time) bool {
	x := flow.LadderPacket{
		Leg: int(p.Leg), Back: p.From == ServerSide, Kind: p.kind(), Leaves: p.At - start, Arrives: p.Arrives - start,
		Bytes: p.Bytes, Count: 1, Again: p.Again, Lost: p.Lost(),
	}
	if x.Lost {
		x.Arrives = x.Leaves.Add(t.way(p))
	}
	for i := len(l.Packets) - 1; i >= 0 && l.Packets[i].Leaves == x.Leaves; i-- {
		y := l.Packets[i]
		if y.Count = 1; y == x {
			l.Packets[i].Count++
			return true
		}
	}
	if len(l.Packets) >= MaxLadder {
		return false
	}
	l.Packets = append(l.Packets, x)
	return true
}

// way is how long packets take that go the same way as one that is lost.
func (t *Trace) way(lost *Packet) time.Duration {
	for i := range t.Packets {
		if p := &t.Packets[i]; p.Leg == lost.Leg && p.From == lost.From && !p.Lost() {
			return p.Arrives.Sub(p.At)
		}
	}
	return 0
}

// wait adds what a packet waited for. Data that are held back one after the other
// have one wait, until the last of them leave.
func wait(l *flow.Ladder, p *Packet, stall bool, start sim.Time) {
	w := flow.LadderWait{
		Leg: int(p.Leg), Back: p.From == ServerSide, From: max(0, p.At-start-sim.Time(p.Held)), To: p.At - start, Bytes: p.Bytes,
	}
	if w.From == w.To { // all of it before the exchange began
		return
	}
	switch {
	case stall:
		w.Kind = flow.WaitStall
	case p.Wait == ForTimer:
		w.Kind = flow.WaitAck
	case p.Wait == ForRetransmit:
		w.Kind = flow.WaitLost
	}
	k := slices.IndexFunc(l.Waits, func(x flow.LadderWait) bool {
		return x.Leg == w.Leg && x.Back == w.Back && x.Kind == w.Kind && w.From < x.To
	})
	if k >= 0 {
		l.Waits[k].From, l.Waits[k].To, l.Waits[k].Bytes = min(l.Waits[k].From, w.From), w.To, l.Waits[k].Bytes+w.Bytes
		return
	}
	l.Waits = append(l.Waits, w)
}

// frees reports whether packet i is a delayed acknowledgement and lets data leave
// that were held back.
func (t *Trace) frees(i int) bool {
	ack := &t.Packets[i]
	if ack.Wait != ForTimer {
		return false
	}
	for _, p := range t.Packets[i+1:] {
		if p.At > ack.Arrives {
			break
		}
		if p.At == ack.Arrives && p.Leg == ack.Leg && p.From != ack.From && (p.Wait == ForNagle || p.Wait == ForWindow) {
			return true
		}
	}
	return false
}

// kind says what a packet is for.
func (p *Packet) kind() flow.PacketKind {
	switch {
	case p.Flags&SYN != 0 && p.Flags&ACK != 0:
		return flow.PacketSynAck
	case p.Flags&SYN != 0:
		return flow.PacketSyn
	case p.Flags&FIN != 0:
		return flow.PacketFin
	case p.Bytes == 0:
		return flow.PacketAck
	}
	return flow.PacketData
}
