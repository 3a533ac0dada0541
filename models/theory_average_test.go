package models_test

import (
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/internal/theory"
)

// How much the mean number of requests over a time varies from time to time: what
// decides how long a run must be.
func TestVarianceOfAverages(t *testing.T) {
	for _, c := range []struct {
		id     string
		rate   float64
		window time.Duration // hundreds of times as long as the queue remembers
	}{
		{"mm1-r0.5-asymvarL", 0.5, 2000 * second},
		{"mm1-r0.7-asymvarL", 0.7, 6000 * second},
		{"mm1-r0.8-asymvarL", 0.8, 15_000 * second},
		{"mm1-r0.9-asymvarL", 0.9, 30_000 * second},
		{"mm1-r0.95-asymvarL", 0.95, 60_000 * second},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			windows := 10 // of a replication
			if theory.Brief() {
				windows = 3
				c.window /= 10
			}
			config := arriving(c.rate, nil)
			config.Traffic[0].Demand = &dist.Exponential{Mean: second}
			addServers(&config, 1, plainServer, nil)
			var x []float64
			for i := range replications {
				m := &measure{at: make([]int, 1), busySince: -1}
				m.world = build(t, config, c.id, i, m)
				run(t, m.world, c.window)
				var means []float64
				for k := range windows {
					m.begin()
					run(t, m.world, time.Duration(k+2)*c.window)
					m.end()
					means = append(means, m.mean(m.present))
				}
				n := float64(windows)
				x = append(x, c.window.Seconds()*variance(means)*n/(n-1))
			}
			known.CheckBriefly(t, c.id, x)
		})
	}
}
