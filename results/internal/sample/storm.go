package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"lbsim/results"
)

// The storm: 50 connections a second that last 4 minutes, four servers, of
// which ex4 fails at 15 and is back at 20 minutes.
const (
	length   = 2400 // seconds
	step     = 2    // seconds
	replicas = 10
	failed   = 900
	down     = 906
	back     = 1200
	up       = 1204
	lifetime = 240 // seconds
	rate     = 50  // connections a second
)

type stormVariant struct {
	name string
	ramp float64 // seconds
	turn bool    // round robin
}

// Storm is a result like that of rejoin-storm: four variants, four servers.
func Storm() *results.Result {
	variants := []stormVariant{{"no ramp", 0, false}, {"60 s ramp", 60, false}, {"300 s ramp", 300, false}, {"round robin", 0, true}}
	r := &results.Result{
		Scenario: "rejoin-storm", Version: "0.1.0", Seed: 1, Replications: replicas, Duration: length, Warmup: 600,
		About:   "A server returns to a pool of four under least connections, with and without a slow ramp.",
		Source:  "name: rejoin-storm\nabout: A server returns <b>hard</b> & fast.   # </details><script>alert(1)</script>\nseed: 1\n",
		Command: "lbsim run rejoin-storm --seed 1",
		Plots:   []string{"new-connections-over-time", "connections-over-time", "response-time-over-time", "share-per-server"},
		Warnings: []string{
			"slow_start 60s is shorter than the refill time 80 s = 4,000 connections per server / 50 new connections per second: no effect expected",
		},
	}
	for i, v := range variants {
		runs := make([]stormRun, replicas)
		for k := range runs {
			runs[k] = v.run(uint64(k))
		}
		r.Variants = append(r.Variants, v.gather(runs, 0x3f9c2a7be1045d88+uint64(i)))
	}
	compareWithFirst(r.Variants)
	r.Comparisons = results.Compare(r.Variants)
	nan := math.NaN()
	expect := func(variant int, metric string, below float64, window ...float64) {
		x := results.Expectation{Metric: metric, Below: below, Above: nan, Variant: variants[variant].name}
		if len(window) == 2 {
			x.Windowed, x.Between = true, [2]float64{window[0], window[1]}
		}
		m, _ := r.Variants[variant].Metrics.Get(metric)
		x.Judge(m.Estimate)
		r.Expectations = append(r.Expectations, x)
	}
	expect(2, "storm.peak_factor", 3)
	expect(2, "response_time.p99", 1, 1200, 1800)
	expect(2, "rejected_share", 0.001)
	expect(3, "rejected_share", 0.001)
	expect(1, "storm.peak_factor", 3)
	m, _ := r.Variants[3].Metrics.Get("response_time.p99")
	expect(3, "response_time.p99", m.Mean+m.Half()/2) // undecided
	return r
}

// A stormRun holds what one replication gave, by server and step.
type stormRun struct {
	open, opened [4][]float64
	p95, mean    []float64
	peak, level  float64
}

func (v stormVariant) run(seed uint64) stormRun {
	g := rand.New(rand.NewPCG(seed, 1)) // the same for all variants
	r := stormRun{level: math.NaN()}
	var open [4]float64
	for i := range open {
		open[i] = rate * lifetime / 4
	}
	turn := 0
	for t := 0; t < length; t += step {
		var opened [4]float64
		for i := range open {
			open[i] -= math.Round(open[i]*step/lifetime + g.NormFloat64()*math.Sqrt(open[i]*step/lifetime)*0.7)
		}
		if t >= failed && t < down {
			open[3] = 0
		}
		for range rate*step + int(8*g.NormFloat64()) {
			i := v.pick(open, t, &turn)
			open[i]++
			opened[i]++
		}
		if t >= up && t < up+20 {
			r.peak = max(r.peak, opened[3]/step/(rate/4.))
		}
		if t >= up && math.IsNaN(r.level) && open[3] > 0.9*(open[0]+open[1]+open[2]+open[3])/4 {
			r.level = float64(t-up) + g.Float64()
		}
		slow := 1 + math.Pow(max(0, opened[3]/step-15)/10, 2)
		r.p95 = append(r.p95, 0.031*slow*(1+0.05*g.NormFloat64()))
		r.mean = append(r.mean, 0.012*slow*(1+0.02*g.NormFloat64()))
		for i := range open {
			r.open[i] = append(r.open[i], open[i])
			r.opened[i] = append(r.opened[i], opened[i]/step)
		}
	}
	return r
}

func (v stormVariant) pick(open [4]float64, t int, turn *int) int {
	usable := 4
	if t >= down && t < up {
		usable = 3
	}
	if v.turn {
		*turn++
		return *turn % usable
	}
	best := 0
	weight := 1.0
	if v.ramp > 0 && t >= up {
		weight = min(1, (float64(t-up)+step)/v.ramp)
	}
	for i := range usable {
		w := 1.0
		if i == 3 {
			w = weight
		}
		if open[i]/w < open[best] {
			best = i
		}
	}
	return best
}

func (v stormVariant) gather(runs []stormRun, fingerprint uint64) results.Variant {
	out := results.Variant{Name: v.name, Fingerprint: fingerprint, Events: 3_481_234}
	add := func(name, unit string, f func(r *stormRun) float64) {
		out.Metrics = append(out.Metrics, metric(name, unit, runs, f))
	}
	add("arrived", "", func(r *stormRun) float64 { return 1200 * sum(r.opened[0]) })
	add("rejected_share", "", func(*stormRun) float64 { return 0 })
	add("response_time.mean", "s", func(r *stormRun) float64 { return sum(r.mean) / float64(len(r.mean)) })
	add("response_time.p99", "s", func(r *stormRun) float64 { return quantile(r.p95, 0.99) })
	add("connections.mean", "", func(r *stormRun) float64 { return rate * lifetime })
	add("utilization", "", func(r *stormRun) float64 { return 0.31 + r.mean[5]/100 })
	add("storm.peak_factor", "", func(r *stormRun) float64 { return r.peak })
	add("storm.share_first", "", func(r *stormRun) float64 { return r.peak / 4 })
	add("storm.connections", "", func(r *stormRun) float64 { return r.level * r.peak * rate / 5 })
	add("storm.rebalance_time", "s", func(r *stormRun) float64 { return r.level })
	add("storm.response_time.before.p99", "s", func(r *stormRun) float64 { return quantile(r.p95[:400], 0.99) })
	add("storm.response_time.during.p99", "s", func(r *stormRun) float64 { return quantile(r.p95[600:700], 0.99) })
	add("storm.response_time.after.p99", "s", func(r *stormRun) float64 { return quantile(r.p95[900:], 0.99) })
	service := results.Service{Name: "mail", Metrics: results.Metrics{metric("connections.mean", "", runs, func(*stormRun) float64 { return rate * lifetime })}}
	for i := range 4 {
		name := fmt.Sprintf("ex%d", i+1)
		total := func(r *stormRun) float64 { return sum(r.opened[i]) * step }
		service.Servers = append(service.Servers, results.Server{Name: name, Metrics: results.Metrics{
			metric("users", "", runs, func(r *stormRun) float64 { return math.Round(total(r) / 9) }),
			metric("connections", "", runs, total),
			metric("share", "", runs, func(r *stormRun) float64 { return total(r) / rate / length }),
			metric("work_share", "", runs, func(r *stormRun) float64 { return total(r)/rate/length + float64(i-1)/100 }),
			metric("utilization", "", runs, func(r *stormRun) float64 { return total(r) / rate / length * 1.2 }),
			metric("queue.mean", "", runs, func(r *stormRun) float64 { return r.p95[3] / 10 }),
		}})
		out.Series = append(out.Series,
			merged("connections", "", "mail", name, runs, func(r *stormRun) []float64 { return r.open[i] }),
			merged("new_connections", "1/s", "mail", name, runs, func(r *stormRun) []float64 { return r.opened[i] }))
	}
	out.Series = append(out.Series,
		merged("response_time.mean", "s", "", "", runs, func(r *stormRun) []float64 { return r.mean }),
		merged("response_time.p95", "s", "", "", runs, func(r *stormRun) []float64 { return r.p95 }))
	out.Services = []results.Service{service}
	out.Marks = []results.Mark{
		{At: failed, Kind: "fail", Server: "ex4", Actor: "ex4", Text: "fails"},
		{At: down - 0.25, Kind: "down", Service: "mail", Server: "ex4", Actor: "mail/ex4", Text: "is marked down after 3 failed checks"},
		{At: back, Kind: "recover", Server: "ex4", Actor: "ex4", Text: "recovers with cold caches"},
		{At: up, Kind: "up", Service: "mail", Server: "ex4", Actor: "mail/ex4", Text: "is marked up after 2 good checks"},
	}
	if v.ramp > 0 {
		out.Marks = append(out.Marks, results.Mark{At: up + v.ramp, Kind: "ramp-end", Service: "mail", Server: "ex4", Actor: "mail/ex4", Text: "carries its full weight"})
	}
	return out
}

func metric[R any](name, unit string, runs []R, f func(r *R) float64) results.Metric {
	values := make([]float64, len(runs))
	for i := range runs {
		values[i] = f(&runs[i])
	}
	return results.Metric{Name: name, Values: values, Estimate: results.EstimateOf(values, unit)}
}

func merged(name, unit, service, server string, runs []stormRun, f func(r *stormRun) []float64) results.Series {
	s := results.Series{Metric: name, Unit: unit, Service: service, Server: server, Step: step}
	for k := range f(&runs[0]) {
		var values []float64
		for i := range runs {
			values = append(values, f(&runs[i])[k])
		}
		s.Mean = append(s.Mean, sum(values)/float64(len(values)))
		s.Min = append(s.Min, slices.Min(values))
		s.Max = append(s.Max, slices.Max(values))
	}
	return s
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

func quantile(x []float64, p float64) float64 {
	y := slices.Sorted(slices.Values(x))
	return y[int(p*float64(len(y)-1))]
}
