package tcp

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/sim"
)

func drawEnd(t *rapid.T, name string) End {
	e := End{
		Nagle:         rapid.SampledFrom([]Nagle{NagleOff, Classic, Minshall}).Draw(t, name+" nagle"),
		Nodelay:       rapid.IntRange(0, 3).Draw(t, name+" nodelay") == 0,
		AckFrequency:  rapid.IntRange(1, 5).Draw(t, name+" frequency"),
		DelayedAck:    time.Duration(rapid.IntRange(0, 499).Draw(t, name+" delay")) * ms,
		Timer:         rapid.SampledFrom([]Timer{FromArrival, FromArrival, Tick}).Draw(t, name+" timer"),
		Count:         rapid.SampledFrom([]Count{AnySegment, FullSegments, Bytes}).Draw(t, name+" count"),
		QuickAcks:     rapid.IntRange(0, 20).Draw(t, name+" quick"),
		MSS:           rapid.IntRange(MinMSS, 2000).Draw(t, name+" mss"),
		InitialWindow: rapid.IntRange(1, 12).Draw(t, name+" window"),
		Growth:        rapid.SampledFrom([]Growth{ByBytes, BySegments}).Draw(t, name+" growth"),
		MinRTO:        time.Duration(rapid.IntRange(1, 1000).Draw(t, name+" rto")) * ms,
	}
	if e.Timer == Tick && e.DelayedAck > 0 {
		e.Phase = time.Duration(rapid.IntRange(0, int(e.DelayedAck/ms)-1).Draw(t, name+" phase")) * ms
	}
	return e
}

// drawConfig draws any network without losses.
func drawConfig(t *rapid.T) Config {
	c := NewConfig(time.Duration(rapid.IntRange(0, 400_000).Draw(t, "rtt")) * time.Microsecond)
	c.Client, c.Server = drawEnd(t, "client"), drawEnd(t, "server")
	kinds := rapid.SampledFrom([]TLS{NoTLS, TLS12, TLS12Resumed, TLS13, TLS13Resumed, ZeroRTT})
	c.TLS = kinds.Draw(t, "tls")
	c.Certificate = flow.Size(rapid.IntRange(1, 40_000).Draw(t, "certificate"))
	c.Authentication, _ = Authentications.Lookup(rapid.SampledFrom(Authentications.Names()).Draw(t, "authentication"))
	c.Introspection.Kind = IntrospectionKind(rapid.SampledFrom(IntrospectionKinds.Names()).Draw(t, "filter"))
	c.Introspection.On = IntrospectedSide(rapid.SampledFrom(IntrospectedSides.Names()).Draw(t, "filter on"))
	c.Introspection.Into = rapid.IntRange(2, 5).Draw(t, "filter into")
	if rapid.Bool().Draw(t, "inner") {
		c.Inner = &Inner{
			RTT: time.Duration(rapid.IntRange(0, 20_000).Draw(t, "inner rtt")) * time.Microsecond, Balancer: drawEnd(t, "balancer"),
			Pooled: rapid.Bool().Draw(t, "pooled"), TLS: kinds.Draw(t, "inner tls"),
		}
	}
	return c
}

func drawWrites(t *rapid.T, name string) []int {
	size := rapid.OneOf(rapid.IntRange(1, 3000), rapid.IntRange(1, 60_000))
	return rapid.SliceOfN(size, 1, 4).Draw(t, name)
}

func drawExchange(t *rapid.T) Exchange {
	x := Exchange{Count: rapid.IntRange(1, 4).Draw(t, "count")}
	x.ClientThink = time.Duration(rapid.SampledFrom([]int{0, 0, 3, 700}).Draw(t, "client think")) * ms
	if rapid.Bool().Draw(t, "plain") {
		x.ClientWrites, x.ServerWrites = drawWrites(t, "client"), drawWrites(t, "server")
		x.Think = time.Duration(rapid.IntRange(0, 600).Draw(t, "think")) * ms
		return x
	}
	for range rapid.IntRange(1, 3).Draw(t, "turns") {
		x.Turns = append(x.Turns, Turn{
			ClientWrites: drawWrites(t, "client"), ServerWrites: drawWrites(t, "server"),
			Think: time.Duration(rapid.IntRange(0, 5).Draw(t, "think")) * ms,
		})
	}
	return x
}

// Whatever is lost, every byte arrives exactly once and in order at the
// application, and in the end everything is acknowledged and nobody waits.
func TestAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x := drawConfig(t), drawExchange(t)
		c.Loss = flow.Share(rapid.SampledFrom([]float64{0, 0, 0.01, 0.1, 0.3}).Draw(t, "loss"))
		if problems := append(flow.Check(&c), flow.Check(&x)...); problems != nil {
			t.Fatal(problems)
		}
		o := Options{
			State:  rapid.SampledFrom([]State{Idle, Fresh, Resumed}).Draw(t, "state"),
			Random: sim.NewStream(rapid.Uint64().Draw(t, "seed"), 0, "loss"),
		}
		var m simulation
		m.trace.Packets = []Packet{}
		m.prepare(&c, &x, c.Authentication.legs(), &o)
		m.start()
		if err := m.run(true); err != nil {
			t.Fatal(err)
		}
		checkSockets(t, &m)
		checkPackets(t, &m)
		checkSpans(t, &m, &c, &x)
	})
}

// checkSockets looks at both ends of all connections after the end.
func checkSockets(t *rapid.T, m *simulation) {
	for i := range 2 * (event(m.last) + 1) {
		s, other := m.socket(i), m.socket(i^1)
		if s.una != s.wrote || s.next != s.wrote || s.top != s.wrote || s.writes.len() != 0 {
			t.Fatalf("leg %d %v: wrote up to %d, sent up to %d, acknowledged up to %d", s.leg, s.side, s.wrote, s.next, s.una)
		}
		if other.expected != s.wrote || len(other.later) != 0 {
			t.Fatalf("leg %d %v: wrote up to %d, the other side has %d", s.leg, s.side, s.wrote, other.expected)
		}
		if s.ackDue != sim.Never || s.loss.due != sim.Never {
			t.Fatalf("leg %d %v: a timer runs", s.leg, s.side)
		}
	}
	if m.script.need != 0 || m.waiting != 0 {
		t.Fatalf("the application has %d bytes too many, the balancer %d", -m.script.need, m.waiting)
	}
}

// checkPackets follows what each side sends: what is not sent again continues what
// was sent before, and no acknowledgement goes back or is of what has not come.
func checkPackets(t *rapid.T, m *simulation) {
	var sent, acked [2][2]int64
	at := sim.Time(0)
	for i := range m.trace.Packets {
		p := &m.trace.Packets[i]
		if p.At < at {
			t.Fatalf("packet %d leaves before the one before", i)
		}
		at = p.At
		if p.Bytes > 0 && !p.Again {
			if p.Seq != max(1, sent[p.Leg][p.From]) {
				t.Fatalf("packet %d begins at %d after %d", i, p.Seq, sent[p.Leg][p.From])
			}
			sent[p.Leg][p.From] = p.Seq + int64(p.Bytes)
		}
		if p.Ack < acked[p.Leg][p.From] && p.Flags&SYN == 0 || p.Ack > max(1, sent[p.Leg][p.From.Other()]) {
			t.Fatalf("packet %d acknowledges %d after %d", i, p.Ack, acked[p.Leg][p.From])
		}
		acked[p.Leg][p.From] = p.Ack
	}
}

// checkSpans looks at the order of what happens, and, if nothing is lost, at how
// long it takes: no packet is waited for longer than a round trip and a delayed
// acknowledgement.
func checkSpans(t *rapid.T, m *simulation, c *Config, x *Exchange) {
	if len(m.trace.Spans) != x.Count {
		t.Fatalf("%d exchanges, want %d", len(m.trace.Spans), x.Count)
	}
	think := time.Duration(0)
	for _, turn := range x.Legs() {
		think += turn.Think
	}
	for i := range m.trace.Spans {
		s := &m.trace.Spans[i]
		if s.Start > s.Ready || s.Ready > s.Asked || s.Asked > s.Answered || s.Answered > s.End {
			t.Fatalf("exchange %d: %+v", i, s)
		}
		most := think
		for leg := range m.legs[:m.last+1] {
			l := &m.legs[leg]
			most += time.Duration(s.Packets+1) * (l.way[0] + l.way[1] + max(l.ends[0].end.DelayedAck, l.ends[1].end.DelayedAck))
		}
		if c.Loss == 0 && s.Latency() > most {
			t.Fatalf("exchange %d takes %v with %d packets", i, s.Latency(), s.Packets)
		}
		if s.StallTime > s.Latency() {
			t.Fatalf("exchange %d stalls for %v of %v", i, s.StallTime, s.Latency())
		}
	}
}

// latency is how long an exchange takes on an idle connection.
func latency(t *rapid.T, c Config, x Exchange) time.Duration {
	trace, err := Simulate(&c, &x, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return trace.Latency
}

// patient draws a network in which nobody sends anything again as it has not been
// acknowledged yet.
func patient(t *rapid.T) Config {
	c := drawConfig(t)
	c.eachEnd(func(e *End) { e.MinRTO = time.Second })
	return c
}

// roomy draws a network and an exchange that fits into the initial windows.
func roomy(t *rapid.T) (Config, Exchange) {
	c, x := patient(t), drawExchange(t)
	c.eachEnd(func(e *End) { e.InitialWindow = MaxInitialWindow })
	x.Count = 1
	for _, turn := range x.Legs() {
		for 3*(sum(turn.ClientWrites)+sum(turn.ServerWrites)) > MinMSS*MaxInitialWindow {
			halve(turn.ClientWrites)
			halve(turn.ServerWrites)
		}
	}
	return c, x
}

// halve makes writes half as long, and none empty.
func halve(writes []int) {
	for i := range writes {
		writes[i] = (writes[i] + 1) / 2
	}
}

// Whoever is farther away does not get answers earlier. (That may be where the
// window is full, or through a balancer: what comes later may come after a delayed
// acknowledgement, or in larger pieces.)
func TestLatencyRisesWithDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x := roomy(t)
		c.Inner = nil
		c.eachEnd(func(e *End) { e.Timer, e.Phase = FromArrival, 0 })
		farther := c.At(c.RTT + time.Duration(rapid.IntRange(1, 100_000).Draw(t, "farther"))*time.Microsecond)
		if near, far := latency(t, c, x), latency(t, farther, x); far < near {
			t.Fatalf("%v at %v, and %v at %v", near, c.RTT, far, farther.RTT)
		}
	})
}

// An exchange of which each side's writes fit into the initial window takes no
// longer without Nagle than with it. (One that does not may: segments that are not
// full may not count towards an acknowledgement.)
func TestNodelayIsNeverSlower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x := roomy(t)
		c.Introspection.Kind = NoIntrospection
		without := c
		without.eachEnd(func(e *End) { e.Nodelay = true })
		with, best := latency(t, c, x), latency(t, without, x)
		if best > with {
			t.Fatalf("%v, and %v without Nagle", with, best)
		}
	})
}

// What is written at once takes no longer with Minshall's variant than with the
// original. (What is written in parts may: the original lets acknowledgements of
// the full segments release all of the rest.)
func TestMinshallIsNotSlowerForOneWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := patient(t)
		c.Inner, c.Introspection.Kind = nil, NoIntrospection
		c.eachEnd(func(e *End) { e.InitialWindow = MaxInitialWindow })
		x := Request(rapid.IntRange(1, 20_000).Draw(t, "request"), rapid.IntRange(1, 20_000).Draw(t, "response"), 2*ms)
		rule := func(n Nagle) Config {
			other := c
			other.eachEnd(func(e *End) { e.Nagle = n })
			return other
		}
		original, variant := latency(t, rule(Classic), x), latency(t, rule(Minshall), x)
		if variant > original {
			t.Fatalf("%v, and %v with Minshall's variant", original, variant)
		}
	})
}

// What the server takes for its last answer is added to the time of the exchange,
// and changes nothing else: a Memo can be asked without knowing it.
func TestServersTimeIsAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x := patient(t), drawExchange(t)
		c.eachEnd(func(e *End) { e.Timer, e.Phase = FromArrival, 0 })
		x.Count = 1
		slow := x
		think := time.Duration(rapid.IntRange(1, 2000).Draw(t, "slower by")) * ms
		if len(x.Turns) > 0 {
			slow.Turns = append([]Turn(nil), x.Turns...)
			slow.Turns[len(x.Turns)-1].Think += think
		} else {
			slow.Think += think
		}
		if a, b := latency(t, c, x), latency(t, c, slow); b != a+think {
			t.Fatalf("%v, and %v with %v more", a, b, think)
		}
	})
}
