package sample

import (
	"math"
	"math/rand/v2"

	"lbsim/results"
)

// Ramps is a result with ten replications of sixteen variants of a storm, some
// with long names, some with values that do not exist.
func Ramps() *results.Result {
	r := &results.Result{
		Scenario: "ramps", Version: "0.1.0", Seed: 1, Replications: 10, Duration: 2400, Warmup: 600,
		Source: "name: ramps\n", Command: "lbsim run ramps --seed 1", Plots: []string{"storm-by-variant"},
	}
	for i, name := range []string{
		"no ramp", "linear 10 s", "linear 30 s", "linear 60 s", "linear 120 s", "linear 300 s", "linear 600 s",
		"least connections with a limit of 500 connections on each server and a queue in the balancer",
		"HAProxy slowstart", "Envoy slow start with aggression 1.0 and a window of 300 s", "startup round robin",
		"request rate", "doubling_limit_with_one_long_name_that_has_no_spaces", "never comes back", "nobody comes", "round robin",
	} {
		r.Variants = append(r.Variants, rampVariant(i, name))
	}
	compareWithFirst(r.Variants)
	r.Comparisons = results.Compare(r.Variants)
	return r
}

func rampVariant(i int, name string) results.Variant {
	runs := make([]*rand.Rand, 10)
	for k := range runs {
		runs[k] = rand.New(rand.NewPCG(uint64(i), uint64(k)))
	}
	nan := math.NaN()
	v := results.Variant{Name: name, Fingerprint: uint64(i), Events: 1000}
	add := func(name, unit string, mean, spread float64) {
		v.Metrics = append(v.Metrics, metric(name, unit, runs, func(g **rand.Rand) float64 { return mean * math.Exp(spread*(*g).NormFloat64()) }))
	}
	add("response_time.p99", "s", 0.1+0.3/float64(i+1), 0.1)
	add("rejected_share", "", 0, 0)
	if name == "never comes back" {
		return v
	}
	level, took := 60+40*float64(i), 3000.
	switch name {
	case "nobody comes":
		level, took = nan, 0
	case "round robin":
		level = nan
	}
	add("storm.peak_factor", "", min(1, took)*(1+3*math.Exp(-float64(i)/4)), 0.05+0.1*float64(i%3))
	add("storm.rebalance_time", "s", level, 0.02*float64(i%4))
	add("storm.connections", "", took, 0.01)
	response := 0.02 + 6*math.Exp(-float64(i))
	if took == 0 {
		response = nan
	}
	add("storm.response_time.during.p99", "s", response, 0.2)
	if i == 6 { // not all replications saw the end
		m := &v.Metrics[3] // the time until level
		m.Values[2], m.Values[5], m.Values[8] = nan, nan, nan
		m.Estimate = results.EstimateOf(m.Values, "s")
	}
	return v
}
