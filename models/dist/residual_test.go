package dist

import (
	"math"
	"testing"

	"lbsim/sim"
)

func TestResidualMean(t *testing.T) {
	const n = 40_000
	for _, l := range laws() {
		if l.scv < 0 {
			continue // the mean is infinite
		}
		d := l.spec.Build()
		u := sim.NewStream(1, 0, "residual/"+l.name)
		sum, squares := 0.0, 0.0
		for range n {
			x := Residual(d, func(int) float64 { return u.Float64() })
			sum += x
			squares += x * x
		}
		got, want := sum/n, (1+l.scv)*l.mean/2 // E[X^2] / (2 E[X])
		allowed := 4*math.Sqrt((squares/n-got*got)/n) + 0.003*want
		if math.Abs(got-want) > allowed {
			t.Errorf("%s: mean %v, want %v within %v", l.name, got, want, allowed)
		}
	}
}

// For the hyperexponential law the residual law is known: the phase that is
// found under way has the share share*mean, and has no memory.
func TestResidualOfHyperexponential(t *testing.T) {
	d := (&Hyperexponential{Phases: []Phase{{0.9, 200 * s}, {0.1, 4200 * s}}}).Build()
	u := sim.NewStream(1, 0, "residual")
	const n = 40_000
	for _, x := range []float64{50, 200, 1000, 4200, 10_000} {
		want := 0.3*math.Exp(-x/200) + 0.7*math.Exp(-x/4200)
		count := 0.0
		for range n {
			if Residual(d, func(int) float64 { return u.Float64() }) > x {
				count++
			}
		}
		if math.Abs(count/n-want) > 4*math.Sqrt(want*(1-want)/n)+0.002 {
			t.Errorf("P(residual > %v) = %v, want %v", x, count/n, want)
		}
	}
}

func TestResidualTakesEachNumberOnce(t *testing.T) {
	var asked [candidates + 2]int
	d := (&Uniform{Max: s}).Build()
	Residual(d, func(k int) float64 { asked[k]++; return 1 - 1.0/(1<<53) })
	for k, n := range asked {
		if n != 1 {
			t.Errorf("number %d taken %d times", k, n)
		}
	}
}

func TestResidualOfNothing(t *testing.T) {
	if got := Residual((&Constant{}).Build(), func(int) float64 { return 0.5 }); got != 0 {
		t.Errorf("residual life of a constant 0 is %v", got)
	}
}
