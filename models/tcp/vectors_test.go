package tcp

import (
	"fmt"
	"testing"
	"time"

	"lbsim/models/flow"
)

// A vector is an exchange, what differs from the usual ends, and how long it takes
// with 5 ms either way and 2 ms for the server.
type vector struct {
	name    string
	client  []int
	server  []int
	change  func(*Config)
	latency time.Duration
}

var (
	one       = []int{300}
	two       = []int{100, 200}
	short     = []int{500}
	unchanged = func(*Config) {}
)

// T1 to T6.
var vectors = []vector{
	{"T1", one, short, unchanged, 12 * ms},
	{"T2", two, short, unchanged, 222 * ms},
	{"T2 minshall", two, short, func(c *Config) { c.Client.Nagle = Minshall }, 222 * ms},
	{"T2 three writes", []int{100, 200, 50}, short, unchanged, 222 * ms},
	{"T3", two, short, func(c *Config) { c.Client.Nodelay = true }, 12 * ms},
	{"T3 full", two, short, func(c *Config) { c.Client.Nodelay, c.Server.Count = true, FullSegments }, 12 * ms},
	{"T4", two, short, func(c *Config) { c.Server.AckFrequency = 1 }, 22 * ms},
	{"T4b", two, short, func(c *Config) { c.Client.AckFrequency = 1 }, 222 * ms},
	{"T4c", two, short, func(c *Config) { c.Server.DelayedAck = 40 * ms }, 62 * ms},
	{"T4d", two, short, func(c *Config) { c.Server.Timer = Tick }, 217 * ms},
	{"T5", one, []int{3320}, unchanged, 22 * ms},
	{"T5 minshall", one, []int{3320}, func(c *Config) { c.Server.Nagle = Minshall }, 12 * ms},
	{"T5 no delay", one, []int{3320}, func(c *Config) { c.Server.Nodelay = true }, 12 * ms},
	{"T6a", one, []int{1860}, unchanged, 222 * ms},
	{"T6b", one, []int{3320}, unchanged, 22 * ms},
	{"T6c", one, []int{4780}, unchanged, 222 * ms},
	{"T6d", one, []int{2920}, unchanged, 12 * ms},
	{"T6a minshall", one, []int{1860}, func(c *Config) { c.Server.Nagle = Minshall }, 12 * ms},
	{"T6c minshall", one, []int{4780}, func(c *Config) { c.Server.Nagle = Minshall }, 12 * ms},
	{"T6d minshall", one, []int{2920}, func(c *Config) { c.Server.Nagle = Minshall }, 12 * ms},
	{"T6a no delay", one, []int{1860}, func(c *Config) { c.Server.Nodelay = true }, 12 * ms},
	{"T6c no delay", one, []int{4780}, func(c *Config) { c.Server.Nodelay = true }, 12 * ms},
	{"T6e", one, []int{1860}, func(c *Config) { c.Client.AckFrequency = 1 }, 22 * ms},
	{"T6f", one, []int{1860}, func(c *Config) { c.Server.AckFrequency = 1 }, 222 * ms},
}

func simulate(t *testing.T, c Config, x Exchange, o Options) *Trace {
	t.Helper()
	trace, err := Simulate(&c, &x, o)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

func TestExchanges(t *testing.T) {
	for _, v := range vectors {
		c := NewConfig(10 * ms)
		v.change(&c)
		x := Exchange{ClientWrites: v.client, ServerWrites: v.server, Think: 2 * ms, Count: 1}
		if got := simulate(t, c, x, Options{}).Latency; got != v.latency {
			t.Errorf("%s: %v, want %v", v.name, got, v.latency)
		}
	}
}

// T7: n exchanges take n times one, except where a clock's ticks decide. How often
// they stall, and for how long, is the difference to those that do not.
func TestSequences(t *testing.T) {
	for _, v := range vectors {
		c := NewConfig(10 * ms)
		v.change(&c)
		for _, n := range []int{1, 50, 300} {
			want := time.Duration(n) * v.latency
			if c.Server.Timer == Tick {
				want = v.latency + time.Duration(n-1)*200*ms
			}
			x := Exchange{ClientWrites: v.client, ServerWrites: v.server, Think: 2 * ms, Count: n}
			got := simulate(t, c, x, Options{})
			if got.Latency != want {
				t.Errorf("%d times %s: %v, want %v", n, v.name, got.Latency, want)
			}
			plain := got.Latency - got.StallTime
			if stalls := v.latency > 40*ms; stalls != (got.Stalls == n) || plain != time.Duration(n)*12*ms && plain != time.Duration(n)*22*ms {
				t.Errorf("%d times %s: %d stalls of %v in %v", n, v.name, got.Stalls, got.StallTime, got.Latency)
			}
		}
	}
}

// The slower the network, the smaller the relative harm.
func TestDistance(t *testing.T) {
	for _, c := range []struct{ rtt, plain, stalled time.Duration }{{1 * ms, 3 * ms, 204 * ms}, {10 * ms, 12 * ms, 222 * ms}, {100 * ms, 102 * ms, 402 * ms}} {
		plain := simulate(t, NewConfig(c.rtt), Request(300, 500, 2*ms), Options{}).Latency
		stalled := simulate(t, NewConfig(c.rtt), Exchange{ClientWrites: two, ServerWrites: short, Think: 2 * ms, Count: 1}, Options{}).Latency
		if plain != c.plain || stalled != c.stalled {
			t.Errorf("round trip %v: %v and %v, want %v and %v", c.rtt, plain, stalled, c.plain, c.stalled)
		}
	}
}

// Round trips to set up a connection.
func TestSetUp(t *testing.T) {
	for _, v := range []struct {
		tls     TLS
		state   State
		latency time.Duration
	}{
		{NoTLS, Fresh, 22 * ms},
		{TLS12, Fresh, 42 * ms},
		{TLS12, Resumed, 32 * ms},
		{TLS12Resumed, Fresh, 32 * ms},
		{TLS13, Fresh, 32 * ms},
		{TLS13, Resumed, 32 * ms},
		{TLS13Resumed, Fresh, 32 * ms},
		{ZeroRTT, Fresh, 22 * ms},
		{TLS12, Idle, 12 * ms},
	} {
		c := NewConfig(10 * ms)
		c.TLS = v.tls
		got := simulate(t, c, Request(300, 500, 2*ms), Options{State: v.state})
		if got.Latency != v.latency {
			t.Errorf("TLS %s, state %d: %v, want %v", v.tls, v.state, got.Latency, v.latency)
		}
	}
}

// Certificates that do not fit into the initial window cost a round trip, with any
// handshake that sends them.
func TestCertificates(t *testing.T) {
	for _, window := range []int{2, 3, 4, 10} {
		for _, tls := range []TLS{TLS12, TLS13} {
			latency := func(bytes int) time.Duration {
				c := NewConfig(10 * ms)
				c.TLS, c.Server.InitialWindow, c.Certificate = tls, window, flow.Size(bytes)
				return simulate(t, c, Request(300, 500, 2*ms), Options{State: Fresh}).Latency
			}
			fits, more := latency(window*1460), latency(window*1460+1)
			if more-fits != 10*ms {
				t.Errorf("TLS %s, window %d: %v with certificates that fit, %v with one byte more", tls, window, fits, more)
			}
		}
	}
}

// With TLS offload the client's round trips count for TLS and the inner ones for
// the connection to the server.
func TestOffload(t *testing.T) {
	for _, v := range []struct {
		tls     TLS
		pooled  bool
		inner   TLS
		outer   int // round trips between client and balancer
		between int // between balancer and server
	}{
		{NoTLS, true, NoTLS, 2, 1},
		{TLS12, true, NoTLS, 4, 1},
		{TLS13, true, NoTLS, 3, 1},
		{ZeroRTT, true, NoTLS, 2, 1},
		{TLS12, false, NoTLS, 4, 2},
		{TLS12, false, TLS13, 4, 3},
		{TLS12, false, TLS12, 4, 4},
		{TLS13, false, ZeroRTT, 3, 2},
	} {
		for _, rtt := range []time.Duration{ms, 3 * ms} {
			c := NewConfig(10 * ms)
			c.TLS = v.tls
			c.Inner = &Inner{RTT: rtt}
			c.Inner.Balancer.SetDefaults()
			c.Inner.SetDefaults()
			c.Inner.Pooled, c.Inner.TLS = v.pooled, v.inner
			got := simulate(t, c, Request(300, 500, 2*ms), Options{State: Fresh}).Latency
			if want := time.Duration(v.outer)*10*ms + time.Duration(v.between)*rtt + 2*ms; got != want {
				t.Errorf("%+v, round trip %v: %v, want %v", v, rtt, got, want)
			}
		}
	}
}

// Authentication costs its exchanges, on a new connection alone.
func TestAuthentication(t *testing.T) {
	for kind, exchanges := range map[string]int{"none": 0, "kerberos": 1, "ntlm": 2} {
		c := NewConfig(10 * ms)
		c.Authentication, _ = Authentications.Lookup(kind)
		fresh := simulate(t, c, Request(300, 500, 2*ms), Options{State: Fresh}).Latency
		idle := simulate(t, c, Request(300, 500, 2*ms), Options{}).Latency
		if want := time.Duration(22+10*exchanges) * ms; fresh != want || idle != 12*ms {
			t.Errorf("%s: %v, and %v when the connection is open; want %v and 12ms", kind, fresh, idle, want)
		}
	}
}

// Rounds of slow start: the smallest r with w(2^r-1) at least the number of
// segments; each beyond the first costs a round trip.
func TestSlowStart(t *testing.T) {
	for _, v := range []struct {
		bytes  int
		rounds map[int]int // by initial window
	}{
		{14_600, map[int]int{3: 3, 4: 2, 10: 1}},
		{100_000, map[int]int{3: 5, 4: 5, 10: 3}},
		{1_000_000, map[int]int{3: 8, 4: 8, 10: 7}},
	} {
		for window, rounds := range v.rounds {
			c := NewConfig(10 * ms)
			c.Client.AckFrequency = 1
			c.Server.InitialWindow, c.Server.Nodelay = window, true
			got := simulate(t, c, Request(300, v.bytes, 2*ms), Options{}).Latency
			if want := time.Duration(12+10*(rounds-1)) * ms; got != want {
				t.Errorf("%d bytes, initial window %d: %v, want %v", v.bytes, window, got, want)
			}
		}
	}
}

// Where the window grows by a segment for each acknowledgement, and there is one
// for two segments, it grows by half in a round trip: 4, 6, 9, and 13 of which one
// is outstanding.
func TestSlowStartWithDelayedAcknowledgements(t *testing.T) {
	c := NewConfig(10 * ms)
	c.Server.InitialWindow, c.Server.Nodelay, c.Server.Growth = 4, true, BySegments
	got := map[string]int{}
	for _, p := range simulate(t, c, Request(300, 1_000_000, 2*ms), Options{}).Packets {
		if p.From == ServerSide && p.Bytes > 0 {
			got[fmt.Sprint(p.At)]++
		}
	}
	for at, want := range map[string]int{"7ms": 4, "17ms": 6, "27ms": 9, "37ms": 12} {
		if got[at] != want {
			t.Errorf("%d segments at %s, want %d", got[at], at, want)
		}
	}
}
