package tcp

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// Every value of every stack is in range and has one source.
func TestStacks(t *testing.T) {
	for i := range Stacks {
		s := &Stacks[i]
		for _, p := range s.End.Validate() {
			t.Errorf("%s: %v", s.Name, p)
		}
		values, err := strict.Leaves(&s.End, policies)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			n := 0
			for _, f := range s.Facts {
				if f.Source == "" {
					t.Errorf("%s: a fact without a source", s.Name)
				}
				if slices.Contains(f.Keys, v.Path) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: %s has %d sources", s.Name, v.Path, n)
			}
		}
		for _, f := range s.Facts {
			for _, key := range f.Keys {
				if !slices.ContainsFunc(values, func(v strict.Leaf) bool { return v.Path == key }) {
					t.Errorf("%s: a source for %s, which has no value", s.Name, key)
				}
			}
			if f.Verified == strings.Contains(f.Source, "general knowledge") && f.Keys[0] != "quick_acks" {
				t.Errorf("%s: %v verified, by %q", s.Name, f.Keys, f.Source)
			}
		}
		if FindStack(s.Name) != s {
			t.Errorf("%s is not found", s.Name)
		}
	}
	if FindStack("plan9") != nil || FindStack("") != nil {
		t.Error("a stack is found that is not there")
	}
}

// A stack's values are there where the file is silent, and nowhere else.
func TestStackIsOverridden(t *testing.T) {
	c := NewConfig(10 * ms)
	if err := decode("{server: {stack: linux, delayed_ack: 100ms}, client: {nagle: off, stack: bsd}}", &c); err != nil {
		t.Fatal(err)
	}
	want := FindStack("linux").End
	want.Stack, want.DelayedAck = "linux", 100*ms
	if c.Server != want {
		t.Errorf("got %+v, want %+v", c.Server, want)
	}
	want = FindStack("bsd").End
	want.Stack, want.Nagle = "bsd", NagleOff
	if c.Client != want {
		t.Errorf("got %+v, want %+v", c.Client, want)
	}
}

// A network and an exchange are read from the text that they are written as.
func TestRoundTrip(t *testing.T) {
	c := NewConfig(10 * ms)
	text := "{rtt: 20ms, loss: 1%, server: {nodelay: true}, inner: {rtt: 500us, pooled: false}, tls: 1.3, authentication: ntlm, introspection: {kind: split, into: 3}}"
	if err := decode(text, &c); err != nil {
		t.Fatal(err)
	}
	written, err := strict.Encode(&c, policies)
	if err != nil {
		t.Fatal(err)
	}
	again := NewConfig(0)
	if err := decode(string(written), &again); err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	if rewritten, _ := strict.Encode(&again, policies); string(rewritten) != string(written) {
		t.Errorf("got\n%s\nwant\n%s", rewritten, written)
	}
	if !c.Inner.Balancer.Nodelay || c.Inner.Balancer.AckFrequency != 2 || c.Authentication.(*Authentication).Exchanges != 2 || c.Introspection.On != OnServer {
		t.Errorf("defaults are missing: %+v", c)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"{rtt: 11s}":                                        "rtt",
		"{loss: 31%}":                                       "loss",
		"{inspection: 2s}":                                  "inspection",
		"{client: {nagle: on}}":                             "nagle",
		"{client: {ack_frequency: 0}}":                      "ack_frequency",
		"{client: {ack_frequency: 256}}":                    "ack_frequency",
		"{server: {delayed_ack: 500ms}}":                    "delayed_ack",
		"{server: {phase: 10ms}}":                           "phase",
		"{server: {timer: tick, phase: 200ms}}":             "phase",
		"{server: {stack: windos}}":                         "did you mean windows?",
		"{server: {mss: 500}}":                              "mss",
		"{server: {mss: 65536}}":                            "mss",
		"{server: {initial_window: 0}}":                     "initial_window",
		"{server: {quick_acks: -1}}":                        "quick_acks",
		"{server: {min_rto: 0s}}":                           "min_rto",
		"{inner: {rtt: -1s}}":                               "rtt",
		"{tls: 1.1}":                                        "tls",
		"{certificate: 0B}":                                 "certificate",
		"{authentication: {kind: ntlm, exchanges: 1000}}":   "exchanges",
		"{introspection: {kind: split, into: 1}}":           "into",
		"{introspection: {latency: 1ms}}":                   "the filter is off",
		"{introspection: {kind: nodelay-lost, on: nobody}}": "on",
	} {
		c := NewConfig(10 * ms)
		if err := decode(text, &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"{client_writes: [300]}":                                        "server_writes",
		"{client_writes: [300], server_writes: [0]}":                    "server_writes[0]",
		"{client_writes: [17000000], server_writes: [1]}":               "client_writes[0]",
		"{client_writes: [9000000, 9000000], server_writes: [1]}":       "in one exchange",
		"{client_writes: [1000], server_writes: [9000], count: 10000}":  "count",
		"{client_writes: [1], server_writes: [1], count: 0}":            "count",
		"{client_writes: [1], server_writes: [1], think: 2h}":           "think",
		"{client_writes: [1], turns: [{client_writes: [1]}]}":           "turns",
		"{turns: [{client_writes: [1]}]}":                               "turns[0].server_writes",
		"{client_writes: [1], server_writes: [1], client_think: 1000h}": "client_think",
	} {
		x := Exchange{Count: 1}
		if err := decode(text, &x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is at the ends of the ranges ends.
func TestExtremes(t *testing.T) {
	c := NewConfig(MaxRTT)
	c.Loss = MaxLoss
	c.eachEnd(func(e *End) { e.DelayedAck, e.InitialWindow, e.MSS = MaxDelayedAck, 1, MinMSS })
	simulate(t, c, Request(1, 1_000_000, 0), Options{State: Fresh, Random: sim.NewStream(1, 0, "")})

	c = NewConfig(0)
	c.Inner = &Inner{Pooled: true, TLS: NoTLS}
	c.Inner.Balancer.SetDefaults()
	simulate(t, c, Request(1, MaxBytes-1, 0), Options{})

	x := Request(1, 1, 0)
	x.Count = flow.MaxCount
	if got := simulate(t, NewConfig(10*ms), x, Options{}).Latency; got != flow.MaxCount*10*ms {
		t.Errorf("%d exchanges take %v", x.Count, got)
	}
}

// Nothing goes on for ever: not where every packet is lost, nor where there are too
// many.
func TestEndless(t *testing.T) {
	c, x := NewConfig(10*ms), Request(300, 500, 0)
	c.Loss = MaxLoss
	if _, err := Simulate(&c, &x, Options{Random: never{}}); err == nil {
		t.Error("an exchange ends of which all packets are lost")
	}
	c.Server.Nodelay, x.Count, x.ClientWrites = true, flow.MaxCount, []int{1}
	x.ServerWrites = slices.Repeat([]int{1}, 20)
	if _, err := Simulate(&c, &x, Options{}); err == nil || !strings.Contains(err.Error(), "packets") {
		t.Errorf("2,100,000 packets are simulated: %v", err)
	}
}

// never lets no packet arrive.
type never struct{}

func (never) Float64() float64 { return 0 }

// Overflowing instants are none: a run's last instants are far from Never.
func TestStartsLate(t *testing.T) {
	late := sim.Time(10 * 365 * 24 * time.Hour)
	c := NewConfig(10 * ms)
	c.Server.Timer = Tick
	if got := simulate(t, c, Request(300, 500, 2*ms), Options{Start: late}); got.Latency != 12*ms || got.Start != late {
		t.Errorf("%v from %v", got.Latency, got.Start)
	}
}
