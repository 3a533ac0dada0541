package dist

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Laws that gonum has, with the parameters in closed form.
func TestAgainstGonum(t *testing.T) {
	sigma := math.Sqrt(math.Log(3))
	for _, c := range []struct {
		name string
		spec Spec
		want interface{ Quantile(p float64) float64 }
	}{
		{"exponential", &Exponential{Mean: 2 * s}, distuv.Exponential{Rate: 0.5}},
		{"erlang", &Erlang{Mean: 2 * s, Shape: 3}, distuv.Gamma{Alpha: 3, Beta: 1.5}},
		{"lognormal", &Lognormal{Mean: s, CV: math.Sqrt2}, distuv.LogNormal{Mu: -sigma * sigma / 2, Sigma: sigma}},
		{"weibull", &Weibull{Mean: 2 * s, Shape: 0.5}, distuv.Weibull{K: 0.5, Lambda: 1}},
		{"weibull", &Weibull{Mean: s, CV: math.Sqrt(5)}, distuv.Weibull{K: 0.5, Lambda: 0.5}},
		{"pareto", &Pareto{Mean: s, Alpha: 3.5}, distuv.Pareto{Xm: 5.0 / 7, Alpha: 3.5}},
		{"pareto", &Pareto{Mean: s, Alpha: 2.5}, distuv.Pareto{Xm: 0.6, Alpha: 2.5}},
		{"pareto", &Pareto{Mean: s, CV: 1 / math.Sqrt(8)}, distuv.Pareto{Xm: 0.75, Alpha: 4}},
		{"gamma", &Gamma{Mean: 3 * s, CV: 1 / math.Sqrt(7.5)}, distuv.Gamma{Alpha: 7.5, Beta: 2.5}},
		{"gamma", &Gamma{Mean: s, CV: math.Sqrt2}, distuv.Gamma{Alpha: 0.5, Beta: 0.5}},
	} {
		d := c.spec.Build()
		worst := 0.0
		grid(func(p float64) {
			// Beyond, gonum itself has errors of this size.
			if p < 1e-6 || p > 1-1e-6 {
				return
			}
			worst = max(worst, math.Abs(d.Quantile(p)/c.want.Quantile(p)-1))
		})
		t.Logf("%-12s %.1e", c.name, worst)
		if worst > 1e-9 {
			t.Errorf("%s: %+v differs by %v", c.name, c.spec, worst)
		}
	}
}

func TestNormalQuantile(t *testing.T) {
	worst := 0.0
	grid(func(p float64) {
		if p == 0 || p == 0.5 {
			return
		}
		want := math.Sqrt2 * math.Erfinv(2*p-1)
		if p < 1e-3 || p > 0.999 {
			// Erfinv's argument has lost digits; invert Erfc by one Newton step.
			z := normalQuantile(p)
			tail := math.Erfc(math.Abs(z)/math.Sqrt2) / 2
			density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
			want = z + math.Copysign((tail-min(p, 1-p))/density, z)
		}
		worst = max(worst, math.Abs(normalQuantile(p)/want-1))
	})
	t.Logf("largest relative difference %.1e", worst)
	if worst > 3e-14 {
		t.Error("more than 3e-14")
	}
	if q := normalQuantile(0.5); q != 0 {
		t.Errorf("normalQuantile(0.5) = %v", q)
	}
}

// The parameters that the literature gives for the usual test cases.
func TestKnownParameters(t *testing.T) {
	h := (&Hyperexponential{Mean: s, CV: 2}).Build().(*hyperexponentialLaw).curve.(hyperexponentialCurve)
	l := (&Lognormal{Mean: s, CV: math.Sqrt2}).Build().(*lognormalLaw)
	xm := (&Pareto{Mean: s, Alpha: 1.0000001, Max: 100 * s}).Build().Quantile(0)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"share of short jobs", h[0].share, 0.887298},
		{"mean of short jobs", h[0].mean, 0.563508},
		{"mean of long jobs", h[1].mean, 4.43649},
		{"lognormal sigma", l.sigma, 1.048147},
		{"pareto xm", (&Pareto{Mean: s, Alpha: 3.5}).Build().Quantile(0), 5.0 / 7},
		{"bounded pareto end", (&Pareto{Mean: s, Alpha: 1.5, Max: 9 * s}).Build().Quantile(1 - 0x1p-53), 9},
		// For alpha = 1 the mean is xm log(max/xm) / (1 - xm/max).
		{"bounded pareto mean", xm * math.Log(100/xm) / (1 - xm/100), 1},
		{"lognormal median", (&Lognormal{P50: 3 * s, P99: 7 * s}).Build().Quantile(0.5), 3},
		{"lognormal 99th", (&Lognormal{P50: 3 * s, P99: 7 * s}).Build().Quantile(0.99), 7},
	} {
		if math.Abs(c.got/c.want-1) > 1e-6 {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}
