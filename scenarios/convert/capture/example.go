package capture

import (
	"cmp"
	"slices"
	"time"

	"lbsim/models/tcp"
)

// An Example is the exchange that stalled most often, with the network and the
// two ends that make it stall in a simulation, too.
type Example struct {
	Config   tcp.Config
	Exchange tcp.Exchange
	Pattern  Pattern
	Seen     int // exchanges of just these sizes; others have the same pattern
	Port     int // the server's
}

// A Model is what a simulation says of the example: the time of one exchange as
// it is and with each setting, which tells whether the estimates of what they save
// are right.
type Model struct {
	Stalls       float64 `json:"stalls_per_exchange"`
	AsIs         float64 `json:"exchange_s"`
	Nodelay      float64 `json:"with_nodelay_s"`       // on the end that holds data back
	AckFrequency float64 `json:"with_ack_frequency_s"` // of 1, on the other
}

// mostExchanges bounds those of a conversation in a scenario.
const mostExchanges = 300

// A simulation has at most so many exchanges, and about so many bytes.
const (
	mostSimulated      = 50
	mostSimulatedBytes = 2_000_000
)

// mostWritten bounds a write of the example: what is beyond does not stall.
const mostWritten = 100_000

// example makes one of the pattern that lost most, in the network of the
// connection that did. It is nil if nothing stalled.
func (d *diagnoser) example(r *Diagnosis, list []*connection) *Example {
	if len(r.Patterns) == 0 {
		return nil
	}
	e := &Example{Pattern: r.Patterns[0]}
	sender := e.Pattern.sender
	var best shape
	for s, n := range d.shapes {
		if s.kind == e.Pattern.kind && s.sender == sender && (n > e.Seen || n == e.Seen && slices.Compare(s.numbers(), best.numbers()) < 0) {
			best, e.Seen = s, n
		}
	}
	var c *connection
	for _, c = range list {
		if c.found.stalls[sender][e.Pattern.kind].n > 0 {
			break
		}
	}
	e.Port = max(int(c.addr[server].Port()), 1)
	e.network(c, r)
	e.exchange(c, &best)
	e.Exchange.Count = min(e.Pattern.Count, mostExchanges, tcp.MaxBytes/e.bytes())
	return e
}

// numbers lists the sizes of both ends' writes.
func (s *shape) numbers() []int32 { return slices.Concat(s.writes[client][:], s.writes[server][:]) }

// network sets the ends and the distance between them.
func (e *Example) network(c *connection, r *Diagnosis) {
	sender, kind := e.Pattern.sender, e.Pattern.kind
	toClient, _ := c.half[server].trips.roundTrip()
	toServer, _ := c.half[client].trips.roundTrip()
	e.Config = tcp.NewConfig(min(time.Duration(max(toClient+toServer, 1000)).Round(time.Microsecond), tcp.MaxRTT))
	ends := [2]*tcp.End{&e.Config.Client, &e.Config.Server}
	for _, a := range r.Delays {
		ends[a.end].DelayedAck = delay(a.Mean)
	}
	ends[1-sender].DelayedAck = delay(e.Pattern.Mean)
	for i, end := range ends {
		end.MSS = min(max(c.half[i].full(&c.half[1-i]), tcp.MinMSS), tcp.MaxMSS)
		held := slices.ContainsFunc(r.Patterns, func(p Pattern) bool { return p.sender == i && p.kind != smallWindow })
		end.Nodelay = !held
	}
	if kind == smallWindow {
		ends[sender].InitialWindow = 1
	}
}

// delay makes a timer of a mean delay.
func delay(mean float64) time.Duration {
	return min(time.Duration(mean*float64(time.Second)).Round(100*time.Microsecond), tcp.MaxDelayedAck)
}

// exchange sets what either end writes, and how long it thinks.
func (e *Example) exchange(c *connection, s *shape) {
	for end, writes := range [2]*[]int{&e.Exchange.ClientWrites, &e.Exchange.ServerWrites} {
		for _, n := range s.writes[end] {
			if n > 0 {
				*writes = append(*writes, shortened(int(n), 2*c.half[end].full(&c.half[1-end])))
			}
		}
		if *writes == nil { // the capture ends before them
			*writes = []int{1}
		}
	}
	e.Exchange.Think = think(&c.turns.stallThink[server])
	e.Exchange.ClientThink = think(&c.turns.stallThink[client])
}

// shortened returns the size of a write of at most mostWritten bytes that ends like
// one of n: it has an even number of full segments less. pair is the size of two.
func shortened(n, pair int) int {
	if n <= mostWritten {
		return n
	}
	n -= (n - mostWritten + pair - 1) / pair * pair
	if n < 1 {
		n += pair
	}
	return n
}

// think is bounded: what people do between two exchanges is not what stalls.
func think(m *moments) time.Duration {
	return min(m.mean().Round(10*time.Microsecond), 10*time.Second)
}

func (e *Example) bytes() (n int) {
	for _, size := range slices.Concat(e.Exchange.ClientWrites, e.Exchange.ServerWrites) {
		n += size
	}
	return n
}

// simulate runs the example as it is and with the settings that help.
func (e *Example) simulate() *Model {
	x := e.Exchange
	x.Count = max(1, min(x.Count, mostSimulated, mostSimulatedBytes/e.bytes()))
	x.ClientThink = cmp.Or(x.ClientThink, time.Microsecond)
	run := func(change func(sender, other *tcp.End)) *tcp.Trace {
		c := e.Config
		ends := [2]*tcp.End{&c.Client, &c.Server}
		change(ends[e.Pattern.sender], ends[1-e.Pattern.sender])
		t, err := tcp.Simulate(&c, &x, tcp.Options{})
		if err != nil {
			return nil // more packets than a simulation takes
		}
		return t
	}
	each := func(t *tcp.Trace) float64 {
		thought := time.Duration(x.Count-1) * x.ClientThink
		return (t.Latency - thought).Seconds() / float64(x.Count)
	}
	asIs := run(func(_, _ *tcp.End) {})
	nodelay := run(func(sender, _ *tcp.End) { sender.Nodelay = true })
	frequency := run(func(_, other *tcp.End) { other.AckFrequency = 1 })
	if asIs == nil || nodelay == nil || frequency == nil {
		return nil
	}
	return &Model{float64(asIs.Stalls) / float64(x.Count), each(asIs), each(nodelay), each(frequency)}
}
