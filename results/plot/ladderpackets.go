package plot

import (
	"gonum.org/v1/plot/vg"

	"lbsim/models/flow"
)

// A ladderArrow is where a packet leaves and arrives.
type ladderArrow struct {
	packet   *flow.LadderPacket
	from, to vg.Length
}

// placePackets gives each packet its ends, with a label where it leaves.
func (p *ladderPlan) placePackets() {
	p.arrows = make([]ladderArrow, len(p.Packets))
	p.stack(func(i int, leaves bool, offset vg.Length) {
		switch {
		case i < 0:
			p.labels = append(p.labels, ladderLabel{0, p.depth[p.instant(p.Done)] + offset, "done", true})
		case leaves:
			x := &p.Packets[i]
			p.arrows[i].packet, p.arrows[i].from = x, p.depth[p.instant(x.Leaves)]+offset
			p.labels = append(p.labels, ladderLabel{columnOf(x.Leg, x.Back), p.arrows[i].from, packetWords(x), false})
		default:
			p.arrows[i].to = p.depth[p.instant(p.Packets[i].Arrives)] + offset
		}
	})
}

// stack puts what happens at one instant in one column below one another: what
// arrives, that the exchange is done, what leaves. It calls put, if not nil, for
// each with its offset; done is packet -1.
func (p *ladderPlan) stack(put func(packet int, leaves bool, offset vg.Length)) {
	type place struct{ instant, column int }
	came, rows := map[place]int{}, map[place]int{}
	p.tall = make([]vg.Length, len(p.instants))
	note := func(at place, packet int, leaves bool) {
		var offset vg.Length
		if leaves {
			offset = ladderStep*vg.Length(max(0, came[at]-1)) + ladderLine*vg.Length(rows[at])
			rows[at]++
		} else {
			offset = ladderStep * vg.Length(came[at])
			came[at]++
		}
		p.tall[at.instant] = max(p.tall[at.instant], offset)
		if put != nil {
			put(packet, leaves, offset)
		}
	}
	for i := range p.Packets {
		x := &p.Packets[i]
		note(place{p.instant(x.Arrives), columnOf(x.Leg, !x.Back)}, i, false)
	}
	note(place{p.instant(p.Done), 0}, -1, true)
	for i := range p.Packets {
		x := &p.Packets[i]
		note(place{p.instant(x.Leaves), columnOf(x.Leg, x.Back)}, i, true)
	}
}
