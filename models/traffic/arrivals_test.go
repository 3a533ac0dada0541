package traffic_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// numbers is a stream for what takes one.
var numbers = sim.NewStream(1, 0, "test")

// counts returns how many arrivals there are in each of n spans.
func counts(p traffic.ArrivalsPolicy, peak *traffic.Peak, name string, span time.Duration, n int) []float64 {
	g := p.Gaps(sim.NewStream(7, 0, name), peak)
	x := make([]float64, n)
	for at := sim.Time(0); ; x[at/sim.Time(span)]++ {
		if at = at.Add(g.Next()); at >= sim.Time(span)*sim.Time(n) {
			return x
		}
	}
}

// The variance of the counts of an MMPP over their mean (Fischer and
// Meier-Hellstern 1993, equation 10): 1 for spans that are much shorter than the
// states, and far more for long ones.
func TestMMPPCounts(t *testing.T) {
	calm, burst := traffic.RateState{Rate: 10, Mean: 20 * second}, traffic.RateState{Rate: 100, Mean: 5 * second}
	m := &traffic.MMPP{States: []traffic.RateState{calm, burst}}
	if got := m.PerSecond(); got != 28 || m.Highest() != 100 {
		t.Errorf("mean %v, highest %v", got, m.Highest())
	}
	out, in := 1/calm.Mean.Seconds(), 1/burst.Mean.Seconds()
	square := 2 * out * in * 90 * 90
	for _, span := range []time.Duration{second / 10, second, 10 * second, 100 * second} {
		s := span.Seconds()
		sum, mean := out+in, 10*in+100*out
		want := 1 + square/(sum*sum*mean) - square/(sum*sum*sum*mean*s)*(1-math.Exp(-sum*s))
		var ratio, rate []float64
		for i := range 16 {
			x := counts(m, nil, fmt.Sprint(span, i), span, int(min(200_000, 100_000*second/span)))
			a, v := moments(x)
			ratio, rate = append(ratio, v/a), append(rate, a/s)
		}
		theory.CheckNumber(t, want, 0.02, ratio)
		theory.CheckNumber(t, 28, 0.01, rate)
	}
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// Bursts are an MMPP of two states.
func TestBursts(t *testing.T) {
	b := &traffic.Bursts{Rate: 10, Factor: 10, Mean: 5 * second, Every: 25 * second}
	m := &traffic.MMPP{States: []traffic.RateState{{Rate: 10, Mean: 20 * second}, {Rate: 100, Mean: 5 * second}}}
	x, y := counts(b, nil, "bursts", second, 1000), counts(m, nil, "bursts", second, 1000)
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("%v and %v arrivals in second %d", x[i], y[i], i)
		}
	}
}

// day is a profile: 2 an hour at 4 o'clock, 10 at 10 o'clock, and so on each day.
func day(shape traffic.ProfileShape, repeat time.Duration) *traffic.Profile {
	hour := func(h int) time.Duration { return time.Duration(h) * time.Hour }
	return &traffic.Profile{Shape: shape, Repeat: repeat, Points: []traffic.RatePoint{
		{At: hour(4), Rate: 20}, {At: hour(10), Rate: 100}, {At: hour(16), Rate: 60},
	}}
}

// As many come as the integral of the profile says.
func TestProfileIntegrals(t *testing.T) {
	const hour = 3600.0
	for _, c := range []struct {
		name string
		p    *traffic.Profile
		want [8]float64 // arrivals in each 6 hours of two days, from 22 o'clock before the first on
		mean float64
	}{
		{"linear, once", day(traffic.LinearProfile, 0), [8]float64{
			4*20*hour + 2*(20+100.0/3-20/3.0*2)/2*hour*0 + (20+140/3.0)/2*2*hour, (140/3.0+100)/2*4*hour + (100+260/3.0)/2*2*hour,
			(260/3.0+60)/2*4*hour + 2*60*hour, 6 * 60 * hour, 6 * 60 * hour, 6 * 60 * hour, 6 * 60 * hour, 6 * 60 * hour,
		}, 70},
		{"steps, each day", day(traffic.SteppedProfile, 24*time.Hour), [8]float64{
			(4*60 + 2*20) * hour, (4*20 + 2*100) * hour, (4*100 + 2*60) * hour, 6 * 60 * hour,
			(4*60 + 2*20) * hour, (4*20 + 2*100) * hour, (4*100 + 2*60) * hour, 6 * 60 * hour,
		}, 60},
		// From 60 at 16 o'clock to 20 at 4 o'clock: 40 less in 12 hours.
		{"linear, each day", day(traffic.LinearProfile, 24*time.Hour), [8]float64{
			(100/3.0+20)/2*4*hour + (20+140/3.0)/2*2*hour, (140/3.0+100)/2*4*hour + (100+260/3.0)/2*2*hour,
			(260/3.0+60)/2*4*hour + (60+160/3.0)/2*2*hour, (160/3.0 + 100/3.0) / 2 * 6 * hour,
			(100/3.0+20)/2*4*hour + (20+140/3.0)/2*2*hour, (140/3.0+100)/2*4*hour + (100+260/3.0)/2*2*hour,
			(260/3.0+60)/2*4*hour + (60+160/3.0)/2*2*hour, (160/3.0 + 100/3.0) / 2 * 6 * hour,
		}, 55},
	} {
		got := counts(c.p, nil, c.name, 6*time.Hour, 8)
		sum := 0.0
		for i := range got {
			sum += c.want[i]
			if off := (got[i] - c.want[i]) / math.Sqrt(c.want[i]); math.Abs(off) > 3.5 {
				t.Errorf("%s: %v arrivals in 6 hours from %d o'clock on, want %.0f, %.1f standard deviations off", c.name, got[i], 6*i, c.want[i], off)
			}
		}
		if m := c.p.MeanOver(48 * time.Hour); math.Abs(m*48*hour/sum-1) > 1e-12 {
			t.Errorf("%s: a mean of %v over two days, want %v", c.name, m, sum/48/hour)
		}
		if m := c.p.PerSecond(); math.Abs(m-c.mean) > 1e-9 || c.p.Highest() != 100 {
			t.Errorf("%s: a mean of %v, want %v", c.name, m, c.mean)
		}
	}
}

// Where the rate stays at nothing, nobody comes any more.
func TestProfileThatEnds(t *testing.T) {
	p := &traffic.Profile{Shape: traffic.LinearProfile, Points: []traffic.RatePoint{{Rate: 100}, {At: 10 * second, Rate: 0}}}
	r := newRig(t, 10, traffic.Stream{Arrivals: p, Demand: &dist.Constant{Mean: time.Millisecond}})
	r.run(10)
	n := len(r.asked)
	r.run(1e6)
	if n < 430 || n > 570 || len(r.asked) != n { // 500 +- 3 standard deviations
		t.Errorf("%d arrivals in 10 s, then %d more", n, len(r.asked)-n)
	}
}

// A peak of twice as much for 50 s, which rises and falls for 10 s.
func TestPeakIntegral(t *testing.T) {
	peak := &traffic.Peak{Factor: 2, At: 100 * second, For: 50 * second, Ramp: 10 * second}
	want := []float64{100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 150, 200, 200, 200, 150, 100, 100, 100, 100, 100}
	for name, p := range map[string]traffic.ArrivalsPolicy{
		"deterministic": &traffic.Deterministic{Rate: 10},
		"poisson":       &traffic.Poisson{Rate: 10},
		"mmpp":          &traffic.MMPP{States: []traffic.RateState{{Rate: 10, Mean: second}, {Rate: 10, Mean: 3 * second}}},
	} {
		got := make([]float64, len(want))
		const runs = 20
		for i := range runs {
			for k, n := range counts(p, peak, fmt.Sprint(name, i), 10*second, len(want)) {
				got[k] += n / runs
			}
		}
		for k := range got {
			most := 4 * math.Sqrt(want[k]/runs)
			if name == "deterministic" {
				most = 1
			}
			if math.Abs(got[k]-want[k]) > most {
				t.Errorf("%s: %.1f arrivals in 10 s from %d s on, want %v", name, got[k], 10*k, want[k])
			}
		}
	}
	if m := peak.Mean(200 * second); math.Abs(m-1.2) > 1e-12 {
		t.Errorf("a mean of %v, want 1.2", m)
	}
}

// Steps of a profile are multiplied where a peak is.
func TestPeakOverProfile(t *testing.T) {
	p := &traffic.Profile{Shape: traffic.LinearProfile, Points: []traffic.RatePoint{{Rate: 0}, {At: 100 * second, Rate: 200}}}
	got := counts(p, &traffic.Peak{Factor: 3, At: 40 * second, For: 20 * second}, "both", 20*second, 5)
	for i, want := range []float64{400, 1200, 6000, 2800, 3600} {
		if math.Abs(got[i]-want) > 4*math.Sqrt(want) {
			t.Errorf("%v arrivals from %d s on, want %v", got[i], 20*i, want)
		}
	}
}

// Clients of all kinds ask faster in a peak, each for the same things as without.
func TestPeakOfRequests(t *testing.T) {
	for name, s := range kinds() {
		for _, mode := range []traffic.Stream{s, perRequest(s)} {
			plain := newRig(t, 100, mode)
			plain.run(1000)
			mode.Peak = &traffic.Peak{Factor: 3, At: 400 * second, For: 200 * second}
			peak := newRig(t, 100, mode)
			peak.run(1000)
			in := func(r *rig) (n float64) {
				for _, q := range r.asked {
					if at := q.at.Seconds(); at > 405 && at < 600 {
						n++
					}
				}
				return n
			}
			want := 3.0
			switch name {
			case "held, think":
				want = 3 * 1.01 / 1.03
			case "arrived, rate":
				want = 9 // three times as many clients, each three times as fast
			case "arrived, think":
				want = 9 * 1.01 / 1.03
			}
			if got := in(peak) / in(plain); math.Abs(got/want-1) > 0.12 {
				t.Errorf("%s: %.2f times as many requests in the peak, want %.2f", name, got, want)
			}
		}
	}
}

// Mistakes in arrivals and peaks.
func TestArrivalMistakes(t *testing.T) {
	for _, v := range []flow.Validator{
		&traffic.MMPP{}, &traffic.MMPP{States: []traffic.RateState{{Rate: 1, Mean: second}}},
		&traffic.MMPP{States: []traffic.RateState{{Rate: 1, Mean: second}, {Rate: -1, Mean: second}}},
		&traffic.MMPP{States: []traffic.RateState{{Rate: 1e-9, Mean: second}, {Rate: 0, Mean: second}}},
		&traffic.Bursts{Rate: 1, Factor: 10, Mean: second, Every: second},
		&traffic.Profile{Shape: traffic.LinearProfile}, &traffic.Profile{Shape: "curved", Points: []traffic.RatePoint{{Rate: 1}}},
		&traffic.Profile{Shape: traffic.LinearProfile, Points: []traffic.RatePoint{{Rate: 0}}},
		&traffic.Profile{Shape: traffic.LinearProfile, Points: []traffic.RatePoint{{At: second, Rate: 1}, {At: second, Rate: 1}}},
		&traffic.Profile{Shape: traffic.LinearProfile, Repeat: second, Points: []traffic.RatePoint{{At: second, Rate: 1}}},
		&traffic.Peak{Factor: -1, For: second}, &traffic.Peak{Factor: 2}, &traffic.Peak{Factor: 2, For: second, Ramp: second},
		&traffic.Breaker{Failures: 1, HalfOpen: 1, Open: second, Scope: "all"}, &traffic.Budget{Scope: traffic.ScopeSite, Min: -1},
		&traffic.Retry{Attempts: 1, Timeout: time.Microsecond}, &traffic.Retry{Attempts: 1, ConnectTimeout: second}, &traffic.Retry{},
	} {
		if problems := v.Validate(); len(problems) != 1 {
			t.Errorf("%+v: %v", v, problems)
		}
	}
}
