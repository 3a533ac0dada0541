package lab

import (
	"math"
	"slices"
	"time"

	"lbsim/results"
	"lbsim/scenarios"
)

// Row is a metric of the real runs beside that of the simulated ones.
type Row struct {
	Metric          string
	Service, Server string // "" for a metric of the whole run, or of a service
	Between         [2]float64
	Windowed        bool // Between, in seconds, applies
	Asked           bool // the scenario names the metric
	Real, Simulated Range
}

// Range is what runs have of a metric. Those without a value do not count.
type Range struct {
	Mean, Min, Max float64 // NaN without any
	N              int
}

// Judgement is how a simulated metric lies to the real one.
type Judgement uint8

// The judgements.
const (
	Unknown  Judgement = iota // one side has no value
	Inside                    // the simulated mean is within the range of the real runs
	Overlaps                  // it is not, but some simulated run is
	Outside                   // no simulated run is
)

// Difference is by how much the simulated mean is more than the real one, 0 if that is
// the order alone in which parts were added.
func (r *Row) Difference() float64 {
	d := r.Simulated.Mean - r.Real.Mean
	if math.Abs(d) <= rounding*max(math.Abs(r.Simulated.Mean), math.Abs(r.Real.Mean)) {
		return 0
	}
	return d
}

// rounding is what values may differ by, relative to them, that are the same but for
// the order in which their parts were added.
const rounding = 1e-9

// Judge returns the judgement and, of what is not inside, how far the simulated mean
// lies beyond the range of the real runs, as a share of their mean.
func (r *Row) Judge() (j Judgement, beyond float64) {
	real, simulated := r.Real, r.Simulated
	if real.N == 0 || simulated.N == 0 {
		return Unknown, math.NaN()
	}
	slack := rounding * max(math.Abs(real.Max), math.Abs(real.Min))
	low, high := real.Min-slack, real.Max+slack
	beyond = max(low-simulated.Mean, simulated.Mean-high) / math.Abs(real.Mean)
	switch {
	case low <= simulated.Mean && simulated.Mean <= high:
		return Inside, 0
	case simulated.Min <= high && simulated.Max >= low:
		return Overlaps, beyond
	}
	return Outside, beyond
}

func rangeOf(values []float64) Range {
	r := Range{Mean: math.NaN(), Min: math.Inf(1), Max: math.Inf(-1)}
	sum := 0.0
	for _, x := range values {
		if !math.IsNaN(x) {
			sum += x
			r.Min, r.Max = min(r.Min, x), max(r.Max, x)
			r.N++
		}
	}
	if r.N == 0 {
		r.Min, r.Max = math.NaN(), math.NaN()
		return r
	}
	r.Mean = sum / float64(r.N)
	return r
}

// Metrics that every comparison has where there is something to measure. Of
// connections that carry nothing the time that is taken to open them says nothing:
// in the simulation it is none.
var (
	eventMetrics   = []string{"storm.peak_factor", "storm.share_first", "storm.connections", "storm.rebalance_time", "detection.time", "drain.time"}
	requestMetrics = []string{"response_time.mean", "response_time.p50", "response_time.p95", "response_time.p99", "utilization"}
	generalMetrics = []string{"balancer_queue.mean", "connections.mean", "rejected_share", "reset_share", "imbalance.max_over_mean", "imbalance.connections.max_over_mean"}
)

// mostServers is up to how many servers of a service their shares are compared.
const mostServers = 12

// compare returns the metrics that matter to a variant, of which p is the one to be
// simulated: those that the scenario names, in its tables, too, and those of what
// happened.
func compare(p *scenarios.Plan, tables []string, real, simulated []*results.Run) (rows []Row) {
	windows := p.Scenario.Windows()
	sides := [2]results.Variant{results.Gather("", real), results.Gather("", simulated)}
	add := func(name string, asked, always bool) {
		if slices.ContainsFunc(rows, func(r Row) bool { return r.Metric == name && !r.Windowed && r.Service == "" }) {
			return
		}
		a, _ := sides[0].Metric(name)
		b, _ := sides[1].Metric(name)
		row := Row{Metric: name, Asked: asked, Real: rangeOf(a.Values), Simulated: rangeOf(b.Values)}
		if always || row.tells() || asked && row.Real.N+row.Simulated.N > 0 {
			rows = append(rows, row)
		}
	}
	for _, e := range p.Scenario.Expect {
		if len(e.Between) != 2 {
			add(e.Metric, true, true)
			continue
		}
		w := slices.Index(windows, [2]time.Duration{e.Between[0], e.Between[1]})
		rows = append(rows, Row{
			Metric: e.Metric, Asked: true, Windowed: true, Between: [2]float64{e.Between[0].Seconds(), e.Between[1].Seconds()},
			Real:      rangeOf(results.WindowMetric(w, e.Metric, real).Values),
			Simulated: rangeOf(results.WindowMetric(w, e.Metric, simulated).Values),
		})
	}
	for _, name := range tables {
		add(name, true, false)
	}
	for _, name := range eventMetrics {
		add(name, false, false)
	}
	if p.Requests {
		for _, name := range requestMetrics {
			add(name, false, false)
		}
	}
	for _, name := range generalMetrics {
		add(name, false, false)
	}
	for i, service := range sides[0].Services {
		if len(service.Servers) > mostServers {
			continue
		}
		for k, server := range service.Servers {
			a, _ := server.Metrics.Get("share")
			b, _ := sides[1].Services[i].Servers[k].Metrics.Get("share")
			row := Row{Metric: "share", Service: service.Name, Server: server.Name, Real: rangeOf(a.Values), Simulated: rangeOf(b.Values)}
			if row.tells() {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// tells reports whether any side has a value that is not 0.
func (r *Row) tells() bool {
	return r.Real.N > 0 && (r.Real.Min != 0 || r.Real.Max != 0) || r.Simulated.N > 0 && (r.Simulated.Min != 0 || r.Simulated.Max != 0)
}
