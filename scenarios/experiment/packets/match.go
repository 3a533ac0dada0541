package packets

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/tcp"
)

// question is what is known of an exchange: whose it is, whether it is the first of
// its connection, and how long it was on the wire.
type question struct {
	stream uint16
	site   int
	first  bool
	trip   flow.Trip
}

// answer are circumstances under which an exchange takes as long.
type answer struct {
	network tcp.Config
	options tcp.Options
	back    time.Duration
	off     time.Duration // by how much it does not
}

// mostTried is how many packets are tried to be lost, one at a time.
const mostTried = 60

// answer finds circumstances under which an exchange takes as long as it did, or
// nearly.
func (r *recorder) answer(q question, c *flow.Conn, x *tcp.Exchange) (*answer, error) {
	if a := r.found[q]; a != nil {
		return a, nil
	}
	config := r.network(c)
	states := []tcp.State{tcp.Idle}
	if q.first && c.Opened > 0 {
		states = []tcp.State{tcp.Fresh, tcp.Resumed, tcp.Idle}
	}
	before, total := q.trip.Opened+q.trip.Before, q.trip.Opened+q.trip.Total
	var best *answer
	try := func(n tcp.Config, o tcp.Options) (packets int, err error) {
		trace, err := tcp.Simulate(&n, x, o)
		if err != nil {
			return 0, err
		}
		first, last := &trace.Spans[0], &trace.Spans[len(trace.Spans)-1]
		a := &answer{network: n, options: o, back: last.End.Sub(last.Answered)}
		a.off = (trace.Latency - x.Thinking() - total).Abs() + (last.Answered.Sub(first.Start) - before).Abs()
		if best == nil || a.off < best.off {
			best = a
		}
		return len(trace.Packets), nil
	}
	for _, n := range []tcp.Config{config, inUse(config, config.Client.InitialWindow), inUse(config, tcp.MaxInitialWindow)} {
		for _, s := range states {
			o := tcp.Options{State: s}
			packets, err := try(n, o)
			if err != nil {
				return nil, err
			}
			for k := 0; best.off > 0 && config.Loss > 0 && k < min(packets, mostTried); k++ {
				o.Lose = []int{k}
				if _, err := try(n, o); err != nil {
					return nil, err
				}
			}
		}
		if best.off == 0 {
			break
		}
	}
	r.found[q] = best
	return best, nil
}

// inUse returns the network as a connection meets it that is in use: nothing is
// acknowledged at once any more, and the window is at least so many segments.
func inUse(c tcp.Config, window int) tcp.Config {
	ends := []*tcp.End{&c.Client, &c.Server}
	if c.Inner != nil {
		inner := *c.Inner
		c.Inner = &inner
		ends = append(ends, &inner.Balancer)
	}
	for _, e := range ends {
		e.QuickAcks, e.InitialWindow = 0, max(e.InitialWindow, window)
	}
	return c
}
