package results

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// welch is the difference of two means, other minus base, of runs that are independent of
// one another and may vary differently: its 95 % interval, and how likely one at least as
// far from 0 is by chance (Welch, "The generalization of Student's problem when several
// different population variances are involved", Biometrika 34, 1947). N is the smaller of
// the two. With fewer than two values on a side there is no interval.
func welch(base, other Estimate) (d Estimate, p float64) {
	d = Estimate{Mean: other.Mean - base.Mean, Low: math.NaN(), High: math.NaN(), N: min(base.N, other.N), Unit: base.Unit}
	if math.Abs(d.Mean) < rounding*max(math.Abs(base.Mean), math.Abs(other.Mean)) {
		d.Mean = 0
	}
	a, b := base.squaredError(), other.squaredError()
	switch {
	case math.IsNaN(a + b):
		return d, math.NaN()
	case a+b == 0:
		d.Low, d.High = d.Mean, d.Mean
		return d, chance(d)
	}
	// The degrees of freedom are those of Satterthwaite (1946), a fraction in general.
	freedom := (a + b) * (a + b) / (float64(a*a)/float64(base.N-1) + float64(b*b)/float64(other.N-1))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}
	e := math.Sqrt(a + b)
	half := float64(t.Quantile(0.975) * e)
	d.Low, d.High = d.Mean-half, d.Mean+half
	return d, 2 * t.Survival(math.Abs(d.Mean)/e)
}

// squaredError is the square of the mean's standard error, NaN if there is no interval.
func (e Estimate) squaredError() float64 {
	half := e.Half()
	if e.N < 2 || math.IsNaN(half) {
		return math.NaN()
	}
	s := half / distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(e.N - 1)}.Quantile(0.975)
	return float64(s * s)
}
