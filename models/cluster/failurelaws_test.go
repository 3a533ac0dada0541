package cluster_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/dist"
	"lbsim/sim"
)

// F10, F11, A10: Weibull laws, and how many hosts fail in the first 720 h, and until
// eta, with a mean of a year.
func TestFirstFailures(t *testing.T) {
	for _, x := range []struct {
		vector     string
		shape, eta float64 // eta 0: the sheet has none
		within     float64 // hours
		failed     float64
	}{
		{"F10", 0.7, 6920.396, 720, 0.185463},
		{"F10", 1, 8760, 720, 0.078905},
		{"F10", 1.5, 0, 720, 0.020008},
		{"F11", 0.8, 7731.665, 7731.665, 1 - 1/math.E},
	} {
		name := fmt.Sprintf("%s, shape %g, %g h", x.vector, x.shape, x.within)
		t.Run(name, func(t *testing.T) {
			spec := &dist.Weibull{Mean: year, Shape: x.shape}
			eta := spec.Build().Quantile(1-1/math.E) / hour.Seconds()
			if x.eta > 0 {
				figure(t, "eta", eta, x.eta, 0.0005)
			}
			figure(t, "failed", 1-math.Exp(-math.Pow(x.within/eta, x.shape)), x.failed, 5e-7)
			if x.vector == "F11" {
				figure(t, "gamma", 8760/eta, 1.133003, 5e-7)
			}
			const n = 10_000
			runs := 4
			if testing.Short() {
				runs = 1
			}
			c := (&group{hosts: apart(n), law: spec, repair: &dist.Constant{Mean: year}}).config()
			checkNumber(t, name, x.failed, nearly, func(e *sim.Engine) float64 {
				failed := 0
				for i := range runs {
					w := &watch{e: nth(e, runs, i), up: n}
					cluster.New(w.e, c, cluster.Options{Machines: w})
					w.e.Run(sim.Time(hours(x.within)))
					failed += n - w.up
				}
				return float64(failed) / float64(n*runs)
			})
		})
	}
}

// F12, A11: a lognormal law with a median of 60 min and a mean of 360 min: of the
// repairs half take less than the median, and the mean is what they cost.
func TestLognormalRepair(t *testing.T) {
	const median, mean = hour, 6 * hour
	mu, sigma := math.Log(60), math.Sqrt(2*math.Log(6))
	figure(t, "mu", mu, 4.094345, 5e-7)
	figure(t, "sigma", sigma, 1.893018, 5e-7)
	repair := &dist.Lognormal{Mean: mean, CV: math.Sqrt(math.Exp(sigma*sigma) - 1)}
	law := repair.Build()
	figure(t, "median", law.Quantile(0.5), median.Seconds(), 1e-9)
	// One standard deviation above the median.
	figure(t, "sigma of the law", math.Log(law.Quantile(0.8413447460685429)/law.Quantile(0.5)), sigma, 1e-8)
	g := &group{hosts: []int{1}, need: 1, law: &dist.Constant{Mean: 6 * hour}, repair: repair}
	t.Run("median", func(t *testing.T) {
		checkNumber(t, "F12, median", 0.5, nearly, func(e *sim.Engine) float64 {
			r := &repairs{e: e}
			cluster.New(e, g.config(), cluster.Options{Machines: r})
			e.Run(sim.Time(50_000 * hour))
			slices.Sort(r.took)
			short, _ := slices.BinarySearch(r.took, median)
			return float64(short) / float64(len(r.took))
		})
	})
	t.Run("mean", func(t *testing.T) {
		checkNumber(t, "F12, mean", 0.5, nearly, g.unavailable(500_000*hour))
	})
}

// repairs lists how long a machine worked and was down each time.
type repairs struct {
	e            *sim.Engine
	since        sim.Time
	worked, took []time.Duration
}

func (r *repairs) add(list *[]time.Duration) {
	*list = append(*list, r.e.Now().Sub(r.since))
	r.since = r.e.Now()
}

func (r *repairs) Down(int, cluster.Ending) { r.add(&r.worked) }
func (r *repairs) Up(int, bool)             { r.add(&r.took) }
func (r *repairs) Speed(int, float64)       {}
func (r *repairs) Stun(int, time.Duration)  {}
