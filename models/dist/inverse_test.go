package dist

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/sim"
)

// The error of a quantile is that of its distribution function, over the
// density.
func TestInversesAreAccurate(t *testing.T) {
	type test struct {
		name string
		inv  *inverse
	}
	var tests []test
	for _, cv := range []float64{0.01, 0.03, 0.1, 0.3, 0.9, 1, 1.1, 2, 3, 10} {
		g := (&Gamma{Mean: s, CV: cv}).Build().(*gammaLaw)
		tests = append(tests, test{fmt.Sprintf("gamma %v", cv), g.unit})
	}
	for _, cv := range []float64{1, 1.001, 2, 10, 100, 1000} {
		h := (&Hyperexponential{Mean: s, CV: cv}).Build().(*hyperexponentialLaw)
		tests = append(tests, test{fmt.Sprintf("hyperexponential %v", cv), h.inverse})
	}
	for _, phases := range [][]Phase{
		{{1, s}},
		{{0.5, 1}, {0.5, longest}},
		{{0.999999, s}, {0.000001, 1e6 * s}},
		{{0.4, time.Microsecond}, {0.3, time.Millisecond}, {0.2, s}, {0.1, 1000 * s}},
	} {
		h := (&Hyperexponential{Phases: phases}).Build().(*hyperexponentialLaw)
		tests = append(tests, test{fmt.Sprintf("hyperexponential %v", phases), h.inverse})
	}
	for _, test := range tests {
		worst, at := 0.0, 0.0
		check := func(p float64) {
			x := test.inv.quantile(p)
			if x < 1e-300 {
				return
			}
			pt := test.inv.curve.at(x)
			off, tail := pt.below-p, p
			if p > 0.5 {
				off, tail = 1-p-pt.above, 1-p
			}
			// Where nothing lies between two phases, many x have the same p but
			// for its last digits.
			off = max(0, math.Abs(off)-4e-16*tail)
			if off /= x * pt.density; !(off <= worst) {
				worst, at = off, p
			}
		}
		grid(check)
		for i := 1.0; i < 10_000; i++ {
			check(i / 10_000)
		}
		pieces, empty := 0, 0
		for i := range octaves {
			for _, o := range []octave{test.inv.lower[i], test.inv.upper[i]} {
				pieces += len(o.pieces)
				if len(o.pieces) == 0 {
					empty++
				}
			}
		}
		t.Logf("%-60s %.1e at %.4g, %d pieces, %d octaves without", test.name, worst, at, pieces, empty)
		if !(worst < 1e-10) {
			t.Errorf("%s: relative error %v at %v", test.name, worst, at)
		}
	}
}

func BenchmarkQuantileWithoutTable(b *testing.B) {
	for _, spec := range []Spec{
		&Gamma{Mean: s, CV: 2},
		&Gamma{Mean: s, CV: 0.1},
		&Hyperexponential{Mean: s, CV: 2},
		&Hyperexponential{Phases: []Phase{{0.5, 1}, {0.5, longest}}},
		&Hyperexponential{Phases: []Phase{{0.4, time.Microsecond}, {0.3, time.Millisecond}, {0.2, s}, {0.1, 1000 * s}}},
	} {
		var c curve
		switch d := spec.Build().(type) {
		case *gammaLaw:
			c = d.unit.curve
		case *hyperexponentialLaw:
			c = d.curve
		}
		b.Run(fmt.Sprintf("%+v", spec), func(b *testing.B) {
			u := sim.NewStream(1, 0, "bench")
			for b.Loop() {
				p := u.Float64()
				solve(c, p, c.guess(p))
			}
		})
	}
}
