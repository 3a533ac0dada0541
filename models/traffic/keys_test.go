package traffic_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"lbsim/models/flow"
	"lbsim/models/traffic"
)

// arriving is a stream of short requests with some keys.
func arriving(name string, keys ...traffic.Key) traffic.Stream {
	return traffic.Stream{Name: name, Arrivals: &traffic.Poisson{Rate: 1000}, Demand: exponential(second), Keys: keys}
}

// values asks for the value of a key of each connection when it is opened.
func (r *rig) values(key string) func() []uint32 {
	k := r.g.Key(key)
	var got []uint32
	i := uint32(0)
	r.refuse = func(uint16) flow.Outcome {
		r.flows.Conns.All(func(id uint32, c *flow.Conn) {
			if c.Member < 0 {
				v, ok := r.g.KeyValue(flow.ConnID(id), k)
				if !ok {
					panic("no value")
				}
				got = append(got, v)
			}
		})
		i++
		return flow.Rejected
	}
	return func() []uint32 { return got }
}

// The k-th value comes in proportion to 1/k^skew, whoever draws it.
func TestKeysFollowZipf(t *testing.T) {
	for _, per := range []traffic.KeyScope{traffic.PerRequest, traffic.PerClient} {
		for _, skew := range []float64{0, 0.8, 1.5} {
			const n = 50
			r := newRig(t, 1_000_000, arriving("web", traffic.Key{Name: "url", Values: n, Skew: skew, Per: per}))
			got := r.values("url")
			r.run(100)
			var count [n]float64
			for _, v := range got() {
				count[v]++
			}
			sum := 0.0
			for k := range n {
				sum += math.Pow(float64(k+1), -skew)
			}
			chi := 0.0
			for k := range n {
				want := float64(len(got())) * math.Pow(float64(k+1), -skew) / sum
				chi += (count[k] - want) * (count[k] - want) / want
			}
			// Chi square with 49 degrees of freedom: above 94 in one of 10,000.
			if len(got()) < 90_000 || chi > 94 {
				t.Errorf("per %s, skew %g: chi square %.1f of %d values", per, skew, chi, len(got()))
			}
		}
	}
}

// A client keeps its value, a request has its own.
func TestKeyScopes(t *testing.T) {
	r := newRig(t, 20, arriving("web",
		traffic.Key{Name: "url", Values: 1000, Per: traffic.PerRequest}, traffic.Key{Name: "user", Values: 1000, Per: traffic.PerClient}))
	url, user := r.g.Key("url"), r.g.Key("user")
	seen := map[flow.ClientID]map[string]bool{}
	r.refuse = func(uint16) flow.Outcome {
		r.flows.Conns.All(func(id uint32, c *flow.Conn) {
			for _, k := range []int{url, user} {
				v, ok := r.g.KeyValue(flow.ConnID(id), k)
				if again, _ := r.g.KeyValue(flow.ConnID(id), k); !ok || again != v {
					t.Fatalf("the value is %d, and asked again %d", v, again)
				}
				if seen[c.Client] == nil {
					seen[c.Client] = map[string]bool{}
				}
				seen[c.Client][r.g.KeyText(k, v)] = true
			}
		})
		return flow.Rejected
	}
	r.run(2)
	for c, texts := range seen {
		urls, users := 0, 0
		for text := range texts {
			if strings.HasPrefix(text, "/") {
				urls++
			} else if strings.HasPrefix(text, "user-") {
				users++
			}
		}
		if users != 1 || urls < 50 {
			t.Errorf("client %d has %d users and %d URLs", c, users, urls)
		}
	}
}

// Held connections draw anew each time, exchanges for each request; a retry asks
// for the same.
func TestKeysOfHeldConnections(t *testing.T) {
	key := traffic.Key{Name: "url", Values: 1_000_000, Per: traffic.PerRequest} // so many that hardly two draw the same
	for name, s := range kinds() {
		for _, s := range []traffic.Stream{s, perRequest(s)} {
			s.Keys = []traffic.Key{key}
			s.Retry = traffic.Retry{Attempts: 2, Backoff: &traffic.ConstantBackoff{First: second, Jitter: traffic.NoJitter}}
			r := newRig(t, 3, s)
			got := r.values("url")
			r.run(10)
			of := map[uint32]int{}
			for _, v := range got() {
				of[v]++
			}
			most := 0
			for _, n := range of {
				most = max(most, n)
			}
			want := 2 // the attempts of each
			if !s.PerRequest && s.Arrivals == nil {
				want = 1
			}
			if len(of) < 10 || most != want {
				t.Errorf("%s, per request %v: %d values for %d, one %d times", name, s.PerRequest, len(of), len(got()), most)
			}
		}
	}
}

// Streams may share a key's name, but not its values; a stream without the key
// has none.
func TestKeysOfSeveralStreams(t *testing.T) {
	r := newRig(t, 10, arriving("a", traffic.Key{Name: "x", Values: 2, Per: traffic.PerRequest}),
		arriving("b", traffic.Key{Name: "y", Values: 2, Per: traffic.PerRequest}, traffic.Key{Name: "x", Values: 1000, Per: traffic.PerRequest}))
	x, y := r.g.Key("x"), r.g.Key("y")
	if x != 0 || y != 1 || r.g.Key("z") != -1 {
		t.Fatalf("keys are %d and %d", x, y)
	}
	large := false
	r.refuse = func(uint16) flow.Outcome {
		r.flows.Conns.All(func(id uint32, c *flow.Conn) {
			v, ok := r.g.KeyValue(flow.ConnID(id), x)
			_, hasY := r.g.KeyValue(flow.ConnID(id), y)
			_, hasNone := r.g.KeyValue(flow.ConnID(id), -1)
			if !ok || c.Stream == 0 && v > 1 || hasY != (c.Stream == 1) || hasNone {
				t.Fatalf("stream %d: x is %d, %v; y %v", c.Stream, v, ok, hasY)
			}
			large = large || v > 1
		})
		return flow.Rejected
	}
	r.run(1)
	if !large {
		t.Error("the second stream has no values of its own")
	}
}

func TestKeysAreChecked(t *testing.T) {
	s := arriving("web", traffic.Key{Name: "url", Values: 1, Per: traffic.PerClient}, traffic.Key{Name: "url", Values: 0, Per: "x"}, traffic.Key{Values: 1, Skew: 6, Per: traffic.PerClient})
	s.From, s.Retry.Attempts = []string{"all"}, 1
	want := []string{
		`keys[1].name: key "url" exists already`,
		`keys[1].values: 0 is not between 1 and 1000000`,
		`keys[1].per: "x" is not one of request, client`,
		`keys[2].name: the key has no name`,
		`keys[2].skew: 6 is not between 0 and 5`,
	}
	got := flow.Check(&s)
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i := range want {
		if fmt.Sprint(got[i]) != want[i] {
			t.Errorf("got %v, want %s", got[i], want[i])
		}
	}
}
