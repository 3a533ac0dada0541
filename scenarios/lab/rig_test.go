package lab

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios"
)

// installed skips a test whose program is not there.
func installed(t *testing.T, program string) {
	t.Helper()
	_, err := findProgram(program)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(program + " is not installed (Debian: apt-get install haproxy nginx-light libnginx-mod-stream)")
	}
}

// planOf reads a scenario of one variant.
func planOf(t *testing.T, text string) *scenarios.Plan {
	t.Helper()
	file, err := scenarios.Load(scenarios.Source{Name: "test.yaml", Text: []byte(text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &file.Variants[0]
}

// rigOf starts a variant for real.
func rigOf(t *testing.T, p *scenarios.Plan) *rig {
	t.Helper()
	installed(t, productOf(p))
	r, err := newRig(t.Context(), p, rigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// observe lets arrivals happen.
func observe(t *testing.T, r *rig, arrivals []Arrival) *Observation {
	t.Helper()
	o, err := r.run(context.Background(), arrivals)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// every returns arrivals from two clients at even times.
func every(n int, gap, hold time.Duration) (list []Arrival) {
	for i := range n {
		list = append(list, Arrival{At: time.Duration(i) * gap, Client: uint32(i % 2),
			Source: netip.AddrFrom4([4]byte{127, 1, 2, byte(i%2 + 3)}), Hold: hold})
	}
	return list
}

// requests makes them requests that ask for a demand.
func requests(list []Arrival, demand time.Duration) []Arrival {
	for i := range list {
		list[i].Request, list[i].Hold, list[i].Demand = true, 0, demand
	}
	return list
}

// picks are the servers that visits had, as letters.
func picks(o *Observation) string {
	var b strings.Builder
	for _, v := range o.Visits {
		b.WriteByte(byte('a' + v.Server))
	}
	return b.String()
}

const roundRobin = `name: round-robin
duration: %s
sites: [{name: here, clients: 2}]
traffic: [{name: t, from: [here], arrivals: {kind: poisson, rate: 1/s}, demand: 1ms}]
balancer: {product: %s, services: [{name: web, port: 80, mode: %s, scheduler: round-robin, health: none, servers: [a, b, c]}]}
servers: [{name: a}, {name: b}, {name: c}]
`

// Both programs, in both modes, give connections and requests to servers by turns,
// and nothing ends before its time.
func TestRoundRobin(t *testing.T) {
	for _, product := range []string{haproxy, nginx} {
		for _, mode := range []string{"tcp", "http"} {
			t.Run(product+" "+mode, func(t *testing.T) {
				r := rigOf(t, planOf(t, fmt.Sprintf(roundRobin, "1s", product, mode)))
				arrivals := every(30, 10*ms, 200*ms)
				if mode == "http" {
					requests(arrivals, 5*ms)
				}
				o := observe(t, r, arrivals)
				if got, want := picks(o), strings.Repeat("abc", 10); got != want {
					t.Errorf("servers: %s, want %s", got, want)
				}
				for _, v := range o.Visits {
					least := 200 * ms
					if mode == "http" {
						least = 5 * ms
					}
					if v.Outcome != flow.Completed || v.Ended-v.Taken < least || v.Taken < v.Began || v.Began < arrivals[v.Arrival].At {
						t.Errorf("%s from %v, taken at %v, to %v", v.Outcome, v.Began, v.Taken, v.Ended)
					}
				}
				t.Logf("late by %v at most; %d remarks; %+v", o.Late, len(r.remarks), o.Visits[29])
			})
		}
	}
}
