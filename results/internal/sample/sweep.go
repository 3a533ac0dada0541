package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"lbsim/results"
)

// Sweep is a sweep over six rates with two variants, of which one is unknown at the
// highest.
func Sweep() *results.Result {
	s := &results.Sweep{
		Scenario: "sweep", About: "How many requests per second do two servers stand?", Version: "test", Seed: 1, Replications: 5, Duration: 600,
		Axes:     []results.Axis{{Name: "traffic.web.arrivals.rate", Values: []string{"50/s", "100/s", "150/s", "200/s", "250/s", "300/s"}}},
		Variants: []results.Axis{{Name: "variant", Values: []string{"round robin", "least connections"}}},
		Metrics:  []string{"response_time.p95", "utilization", "connections.max"},
	}
	for i, rate := range s.Axes[0].Values {
		load := float64(i+1) / 7
		s.Points = append(s.Points, results.Point{At: []string{rate}, Variants: []results.Variant{
			point("round robin", 0.02/(1-load), load, 0.1), point("least connections", 0.012/(1-load), load, 0.05),
		}})
	}
	s.Points[5].Variants[0].Metrics[0].Estimate = results.EstimateOf(nil, "s")
	return s.Result()
}

// Sampled is a Latin hypercube sample of a number, a time and a word.
func Sampled() *results.Result {
	s := &results.Sweep{
		Scenario: "sampled", Version: "test", Seed: 1, Replications: 3, Duration: 600, Sampled: true,
		Axes:    []results.Axis{{Name: "servers.s1.cores", Values: []string{"1..8"}}, {Name: "network.rtt", Values: []string{"1ms..50ms"}}, {Name: "scheduler", Values: []string{"[random, first]"}}},
		Metrics: []string{"response_time.p95", "utilization"},
	}
	g := rand.New(rand.NewPCG(4, 2))
	for i := range 16 {
		cores, rtt := 1+i/2, 1+g.IntN(49)
		s.Points = append(s.Points, results.Point{
			At:       []string{fmt.Sprint(cores), fmt.Sprintf("%dms", rtt), []string{"random", "first"}[g.IntN(2)]},
			Variants: []results.Variant{point("base", 0.05/float64(cores)+float64(rtt)/1000, 0.9/float64(cores), 0.2)},
		})
	}
	return s.Result()
}

// point is a variant whose 95 % interval is so wide, relative to the mean and to
// the square root of the load.
func point(name string, p95, load, wide float64) results.Variant {
	estimate := func(mean, wide float64, unit string) results.Estimate {
		half := float64(mean * wide * math.Sqrt(load))
		return results.Estimate{Mean: mean, Low: mean - half, High: mean + half, N: 5, Unit: unit}
	}
	return results.Variant{Name: name, Metrics: results.Metrics{
		{Name: "response_time.p95", Estimate: estimate(p95, wide, "s")},
		{Name: "utilization", Estimate: estimate(load, wide/4, "")},
		{Name: "connections.max", Estimate: estimate(math.Round(20/(1-load)), wide, "")},
	}}
}
