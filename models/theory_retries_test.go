package models_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/server"
	"lbsim/models/traffic"
)

// patience is a server that can do 100 requests a second, and clients who give
// up.
type patience struct {
	Rate     float64 `json:"base_rate"`
	Timeout  float64 `json:"client_timeout_s"`
	Attempts int
}

func (p patience) config(backoff traffic.BackoffPolicy) models.Config {
	c := arriving(p.Rate, nil)
	c.Traffic[0].Demand = &dist.Exponential{Mean: 10 * time.Millisecond}
	c.Traffic[0].Retry = traffic.Retry{Timeout: dist.Seconds(p.Timeout), Attempts: p.Attempts, Backoff: backoff, Redraw: true}
	addServers(&c, 1, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, nil)
	return c
}

// late is a backoff of 20 s on average, which spreads the retries so much that
// they are as random as first attempts.
var late = &traffic.UniformBackoff{First: time.Millisecond, Max: 40 * second}

// The rate of attempts is then a fixed point, since more attempts mean longer
// waits and so more time-outs: one that is stable, and above it one from which
// on retries beget retries.
func TestRetriesAfterTimeouts(t *testing.T) {
	for _, prefix := range []string{"meta-60-0.1-3-", "meta-50-0.1-3-", "meta-40-0.1-3-", "meta-60-0.2-3-"} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			p := params[patience](t, prefix+"low")
			var low, trip []float64
			for i := range few(12) {
				m := observe(t, p.config(late), prefix, i, 200*second, 1500*second)
				low = append(low, float64(m.arrived)/m.seconds())
				// At the upper point as many time out as make that many attempts.
				at := patience{known.Row(t, prefix+"trip").Number(), p.Timeout, 1}
				m = observe(t, at.config(late), prefix, i, 100*second, 1500*second)
				q := float64(m.ended[flow.TimedOut]) / float64(m.arrived)
				trip = append(trip, p.Rate*(1-math.Pow(q, float64(p.Attempts)))/(1-q))
			}
			t.Run(prefix+"low", func(t *testing.T) { known.Check(t, prefix+"low", low) })
			t.Run(prefix+"trip", func(t *testing.T) { known.Check(t, prefix+"trip", trip) })
			t.Run(prefix+"coll", func(t *testing.T) {
				// After a minute of three times as many requests it never recovers.
				c := p.config(late)
				c.Traffic[0].Peak = &traffic.Peak{Factor: 3, For: time.Minute}
				m := observe(t, c, prefix, 0, 600*second, 200*second)
				collapsed := 0.0
				if m.ended[flow.Completed] < m.arrived/100 {
					collapsed = 1
				}
				known.Check(t, prefix+"coll", []float64{collapsed})
			})
		})
	}
}

// Above some rate there is no such point.
func TestRetriesHaveACriticalRate(t *testing.T) {
	for _, id := range known.WithPrefix("meta-crit-") {
		p := params[patience](t, id)
		row := known.Row(t, id)
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			healthy := func(factor float64) bool {
				p.Rate = row.Number() * factor
				m := observe(t, p.config(late), fmt.Sprintf("%s x %.3f", t.Name(), factor), 0, 1500*second, 200*second)
				return m.ended[flow.Completed] > m.arrived/2
			}
			below, above := 1-1.5*row.Tolerance, 1+1.5*row.Tolerance
			switch {
			case !healthy(below):
				above, below = below, 0
			case healthy(above):
				below, above = above, 2*above
			}
			known.CheckBetween(t, id, row.Number()*below, row.Number()*above)
		})
	}
}

// Retried at once, as many requests bring the server down within seconds or
// minutes. It is down when it has work for five seconds. (If each try takes as
// long as the one before, it is down sooner: 36 s at half load instead of 67 s.)
func TestImmediateRetriesCollapse(t *testing.T) {
	for _, id := range known.WithPrefix("collapse-") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := params[patience](t, id)
			n := int(400 * theory.Part())
			if testing.Short() {
				n = 60
			}
			var after []float64
			for i := range n {
				w := build(t, p.config(&traffic.NoBackoff{}), id, i, nil)
				at := time.Duration(0)
				for at < time.Hour && w.ServerMeter(0, w.Engine().Now()).Queue < 500 {
					at += second / 20
					run(t, w, at)
				}
				after = append(after, at.Seconds())
			}
			mean, half := theory.Interval(after, 0.99)
			t.Logf("%.1f +- %.1f s", mean, half)
			known.Check(t, id, after)
		})
	}
}
