package experiment_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

var (
	sizingSeeds = flag.Int("sizing-seeds", 2, "seeds with which each sizing is compared with its formula")
	sizingFirst = flag.Int("sizing-first", 1, "first of these seeds, so that they can be tried in parts")
)

func question(t *testing.T, text string, seed int) *experiment.Size {
	t.Helper()
	s, err := experiment.NewSize(scenarios.Source{Name: "x.yaml", Text: []byte(text)}, []scenarios.Setting{{Flag: "--seed", Path: "seed", Value: fmt.Sprint(seed)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func size(t *testing.T, text string, seed int) *results.Sizing {
	t.Helper()
	r, err := question(t, text, seed).Run(context.Background(), experiment.NewStore(t.TempDir(), "test"), experiment.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Sizing
}

// A truth is a sizing whose answer a formula knows.
type truth struct {
	name, text string
	want       int
}

// oneQueue is a pool that serves one queue in the balancer: M/M/c.
func oneQueue(load, limit float64, down int) truth {
	const mean = 0.1
	wait := func(c int) float64 {
		b := 1.0
		for k := 1; k <= c; k++ {
			b = load * b / (float64(k) + load*b)
		}
		wait := b / (1 - load/float64(c)*(1-b)) // Erlang C
		return wait * mean / (float64(c) - load)
	}
	return truth{
		name: fmt.Sprintf("one queue, load %g, wait below %g s, %d down", load, limit, down),
		text: fmt.Sprintf(`
name: one-queue
duration: 220s
warmup: 20s
traffic: [{name: web, arrivals: {kind: poisson, rate: %g/s}, demand: {kind: exponential, mean: 100ms}}]
balancer: {services: [{name: web, scheduler: least-connections, health: none, servers: [{name: "s[1-2]", max_connections: 1}]}]}
servers: [{names: "s[1-2]", cores: 1}]
sizing: {candidates: [{name: one, price: 1}], count: 1..60, rejoin: 0s, survive: {servers: %d}, objectives: [{metric: wait_time.mean, below: %gms}], replications: 200}
`, load/mean, down, limit*1000),
		want: smallest(int(load)+1, func(c int) bool { return wait(c) < limit }) + down,
	}
}

// split is a pool whose servers get requests at random: n times M/G/1 with processor
// sharing, whose mean response time does not depend on the law of the demand.
func split(load, limit float64, down int) truth {
	const mean = 0.02
	return truth{
		name: fmt.Sprintf("at random, load %g, response below %g s, %d down", load, limit, down),
		text: fmt.Sprintf(`
name: split
duration: 220s
warmup: 20s
traffic: [{name: web, arrivals: {kind: poisson, rate: %g/s}, demand: {kind: lognormal, mean: 20ms, cv: 1.2}}]
balancer: {services: [{name: web, scheduler: random, health: none, servers: ["s[1-2]"]}]}
servers: [{names: "s[1-2]", cores: 1, discipline: ps}]
sizing: {candidates: [{name: one, price: 1}], count: 1..40, rejoin: 0s, survive: {servers: %d}, objectives: [{metric: response_time.mean, below: %gms}], replications: 200}
`, load/mean, down, limit*1000),
		want: smallest(int(load)+1, func(n int) bool { return mean/(1-load/float64(n)) < limit }) + down,
	}
}

// hashed is a pool over which eight addresses, each of as many clients, are mapped by a
// hash: balls in bins. The limit lies half-way between what the busiest of n servers has
// to do and what the busiest of n - 1 has.
func hashed(n int) truth {
	limit := (mostOf(8, n) + mostOf(8, n-1)) / 2 / 8
	return truth{
		name: fmt.Sprintf("hashed, utilization below %.3g", limit),
		text: fmt.Sprintf(`
name: hashed
duration: 25s
warmup: 5s
sites: [{names: "office[1-8]", clients: 20, nat: {addresses: 1}}]
traffic: [{name: web, from: ["office[1-8]"], arrivals: {kind: poisson, rate: 400/s}, demand: {kind: constant, mean: 20ms}}]
balancer: {services: [{name: web, scheduler: {kind: source-hash}, health: none, servers: ["s[1-2]"]}]}
servers: [{names: "s[1-2]", cores: 8, discipline: ps}]
sizing: {candidates: [{name: one, price: 1}], count: 1..8, rejoin: 0s, objectives: [{metric: utilization.max, below: %.3f%%}], replications: 600}
`, limit*100),
		want: n,
	}
}

// mostOf is the mean of the largest number of balls in one of n bins.
func mostOf(balls, n int) (mean float64) {
	for k := 0; k < balls; k++ { // E[max] is the sum of P(max > k)
		ways := make([]float64, balls+1) // of z^j in (sum of z^i/i! for i <= k)^n
		ways[0] = 1
		for range n {
			next := make([]float64, balls+1)
			for j, w := range ways {
				factorial := 1.0
				for i := 0; i <= k && i+j <= balls; i++ {
					if i > 0 {
						factorial *= float64(i)
					}
					next[i+j] += w / factorial
				}
			}
			ways = next
		}
		all := 1.0
		for i := 1; i <= balls; i++ {
			all *= float64(i) / float64(n)
		}
		mean += 1 - all*ways[balls]
	}
	return mean
}

func smallest(from int, holds func(int) bool) int {
	for !holds(from) {
		from++
	}
	return from
}

// truths are sizings of which a formula knows the answer, with the limits not in the
// indifference zone of a number of servers.
func truths() []truth {
	return []truth{
		oneQueue(2, 0.03, 0), oneQueue(8, 0.03, 1), oneQueue(8, 0.01, 0), oneQueue(15, 0.02, 1), oneQueue(20, 0.007, 2),
		split(2, 0.05, 1), split(2, 0.0315, 0), split(5, 0.06, 1), split(8, 0.085, 0), split(3, 0.045, 2),
		hashed(3), hashed(4),
	}
}

// The plan is the one that formulas give: of pools with one queue by Erlang C, of
// pools that get requests at random, and of addresses that are hashed. At 95 % confidence no more than 5 % may differ;
// with few seeds, more than one is too many.
func TestSizingAgainstTruth(t *testing.T) {
	for _, x := range truths() {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var wrong []string
			for i := range *sizingSeeds {
				seed := *sizingFirst + i
				if i > 0 && i%10 == 0 {
					t.Logf("%d of %d seeds, %d differ", i, *sizingSeeds, len(wrong))
				}
				got, err := question(t, x.text, seed).Smallest(context.Background(), experiment.NewStore(t.TempDir(), "test"))
				if err != nil {
					t.Fatal(err)
				}
				if got != x.want {
					wrong = append(wrong, fmt.Sprintf("%d with seed %d", got, seed))
				}
			}
			t.Logf("%d is right, %d of %d differ", x.want, len(wrong), *sizingSeeds)
			if len(wrong) > max(0, *sizingSeeds/20) {
				t.Errorf("%d servers are right, not %s", x.want, strings.Join(wrong, ", "))
			}
		})
	}
}

// Each year has the number that Erlang C gives for its load: of 8 cores of demand, 15 %
// more each year, the mean wait below 50 ms takes 10, 11, 12, 14 and 16 servers. None of
// the waits is within 17 % of the limit.
func TestGrowthByErlangC(t *testing.T) {
	x := oneQueue(8, 0.05, 0)
	text := strings.Replace(x.text, "candidates:", "growth: {per_year: 15%, years: 4}, candidates:", 1)
	s := size(t, text, 1)
	p := &s.Plans[0]
	if want := []int{10, 11, 12, 14, 16}; p.Count != 16 || !slices.Equal(p.ByYear, want) {
		t.Errorf("%d servers at last and %v by year, want %v", p.Count, p.ByYear, want)
	}
	for i, y := range s.Years {
		if want := math.Pow(1.15, float64(i)); math.Abs(y.Load-want) > 1e-12 || math.Abs(y.Demand-8*want) > 0.01*want {
			t.Errorf("year %g: %g times the traffic, %g cores", y.After, y.Load, y.Demand)
		}
	}
	words := strings.Join(s.Words(), "\n")
	if want := "Bought as the traffic grows, one: 10 now, 11 from year 1 on, 12 from year 2 on, 14 from year 3 on, 16 from year 4 on."; !strings.Contains(words, want) {
		t.Errorf("the words lack %q:\n%s", want, words)
	}
}

// A server at 60 % stands a third more until it is at 80 %: not 30 %, the last whole step.
func TestHeadroom(t *testing.T) {
	text := strings.NewReplacer("rate: 20/s", "rate: 60/s", "survive: {servers: 1}", "survive: {}",
		"objectives: [{metric: response_time.p95, below: 200ms}]", "objectives: [{metric: utilization.max, below: 80%}]").Replace(onePool)
	p := size(t, text, 1).Plans[0]
	if p.Count != 1 || p.More || math.Abs(p.Headroom-4./3) > 0.02 {
		t.Errorf("%d servers stand %g times the traffic, want 1 and about 1.33", p.Count, p.Headroom)
	}
}

// Where hosts may be down, counting servers gives too few: with a host go two of the
// eight that would do with one down, and of the large ones one of four.
func TestCountingServersIsNotCountingHosts(t *testing.T) {
	s := size(t, `
name: hosts
duration: 3m
warmup: 1m
traffic: [{name: web, arrivals: {kind: poisson, rate: 543/s}, demand: {kind: exponential, mean: 10ms}}]
balancer: {services: [{name: web, scheduler: least-connections, servers: ["node[1-4]"]}]}
servers: [{names: "node[1-4]", cores: 1, discipline: ps, vm: same}]
cluster: {platform: wsfc, hosts: [{names: "hv[1-4]", cores: 6, memory: 64GB}], vms: [{names: "node[1-4]", cores: 1, memory: 4GB, classes: [WEB]}]}
sizing:
  candidates: [{name: small, cores: 1, price: 42}, {name: large, cores: 3, price: 98}]
  count: 2..12
  survive: {hosts: 1}
  rejoin: 30s
  objectives: [{metric: utilization.max, below: 81%}]
`, 1)
	best, other := &s.Plans[0], &s.Plans[1]
	if best.Candidate != "large" || best.Count != 4 || best.Lost != 1 || best.Cost != 392 {
		t.Errorf("the plan is %+v", best)
	}
	if other.Count != 10 || other.Lost != 3 || other.Counted != 8 || other.CountedLost != 2 {
		t.Errorf("the other is %+v", other)
	}
	words := strings.Join(s.Words(), "\n")
	for _, want := range []string{"Buy 4 x large for 392", "Counting servers, 8 x small", "with a host go 2 of the 8: it takes 10"} {
		if !strings.Contains(words, want) {
			t.Errorf("the words lack %q:\n%s", want, words)
		}
	}
}

const onePool = `
name: one
duration: 3m
warmup: 1m
traffic: [{name: web, arrivals: {kind: poisson, rate: 20/s}, demand: {kind: exponential, mean: 10ms}}]
servers: [{names: "web[1-2]", cores: 1, discipline: ps}]
sizing: {candidates: [{name: small, price: 100}], count: 1..8, survive: {servers: 1}, rejoin: 30s, objectives: [{metric: response_time.p95, below: 200ms}]}
`

func TestOneServerIsEnough(t *testing.T) {
	if p := size(t, onePool, 1).Plans[0]; p.Count != 2 || p.Lost != 1 || !strings.Contains(p.Reason, "nothing is left") {
		t.Errorf("with one to spare: %+v", p)
	}
	if p := size(t, strings.Replace(onePool, "survive: {servers: 1}", "survive: {}", 1), 1).Plans[0]; p.Count != 1 {
		t.Errorf("without: %+v", p)
	}
}

// A case that no number of servers can do says so, and which objective fails where.
func TestNoPlan(t *testing.T) {
	s := size(t, strings.Replace(onePool, "below: 200ms", "below: 20ms", 1), 1) // p95 of the demand alone is 30 ms
	if s.Best() != nil {
		t.Fatalf("the plan is %+v", s.Best())
	}
	words := strings.Join(s.Words(), "\n")
	if !strings.Contains(words, "No plan") || !strings.Contains(words, "even with 8") || !strings.Contains(words, "response_time.p95") {
		t.Errorf("words:\n%s", words)
	}
	if m := s.Plans[0].Binds.Value.Mean; math.Abs(m-0.03) > 0.003 {
		t.Errorf("response_time.p95 is %g s, want about 0.03", m)
	}
}

// The answer has the same bytes however many replications run at a time, and if some
// of them were made before.
func TestSameSizingHoweverItIsMade(t *testing.T) {
	store := experiment.NewStore(t.TempDir(), "test")
	var first string
	for _, parallel := range []int{1, 4} {
		s, err := experiment.NewSize(scenarios.Source{Name: "x.yaml", Text: []byte(onePool)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Run(context.Background(), store, experiment.Options{Parallel: parallel}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := results.SummaryJSON(&b, r); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = b.String()
		}
		if b.String() != first {
			t.Error("the second sizing differs from the first")
		}
	}
}
