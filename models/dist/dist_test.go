package dist

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A law under test: variance over squared mean is scv, infinite where negative.
type law struct {
	name string
	spec Spec
	mean float64 // seconds
	scv  float64
	hash uint64 // of quantiles, see TestBitsAreFrozen
}

const s = time.Second

func laws() []law {
	return []law{
		{"constant", &Constant{Mean: 2 * s}, 2, 0, 0xedda9db6582fa4d1},
		{"uniform", &Uniform{Min: 1 * s, Max: 4 * s}, 2.5, 0.75 / 6.25, 0xebec6d66256526c},
		{"exponential", &Exponential{Mean: 3 * s}, 3, 1, 0xcc7d094f2a35a08e},
		{"erlang 1", &Erlang{Mean: s, Shape: 1}, 1, 1, 0xc6ecb7fbca917e59},
		{"erlang 2", &Erlang{Mean: s, Shape: 2}, 1, 1.0 / 2, 0x212c9ef6b4bcc65a},
		{"erlang 4", &Erlang{Mean: s, Shape: 4}, 1, 1.0 / 4, 0xd16306bec041a903},
		{"erlang 1000", &Erlang{Mean: s, Shape: 1000}, 1, 1.0 / 1000, 0x94a2ec631035feb3},
		{"hyperexponential 1", &Hyperexponential{Mean: s, CV: 1}, 1, 1, 0x70c1683583b45e2e},
		{"hyperexponential 2", &Hyperexponential{Mean: s, CV: 2}, 1, 4, 0x8bb9fe7724cb7752},
		{"hyperexponential 10", &Hyperexponential{Mean: s, CV: 10}, 1, 100, 0xbf6a5f1e11003e4b},
		{"hyperexponential phases", &Hyperexponential{Phases: []Phase{{0.9, 200 * s}, {0.1, 4200 * s}}}, 600, 9, 0xd29e0865e36100d2},
		{"lognormal", &Lognormal{Mean: s, CV: math.Sqrt2}, 1, 2, 0x853d18fffa0f6fd},
		{"lognormal narrow", &Lognormal{Mean: 10 * s, CV: 0.01}, 10, 1e-4, 0xd3f51a1bd4239b77},
		{"lognormal percentiles", &Lognormal{P50: s, P99: 10 * s}, math.Exp(0.5 * sq(math.Ln10/z99)), math.Exp(sq(math.Ln10/z99)) - 1, 0xb456899530b2ad27},
		{"weibull shape", &Weibull{Mean: s, Shape: 0.5}, 1, 5, 0x45632773b2255581},
		{"weibull cv", &Weibull{Mean: s, CV: 0.5}, 1, 0.25, 0x13fe5d54925b31e0},
		{"pareto 3.5", &Pareto{Mean: s, Alpha: 3.5}, 1, 0.190476190476190, 0xe2d9fab2075e7fcf},
		{"pareto 2.5", &Pareto{Mean: s, Alpha: 2.5}, 1, 0.8, 0x78f9f7d8f53496c4},
		{"pareto 1.5", &Pareto{Mean: s, Alpha: 1.5}, 1, -1, 0x1f0e4a6d4e9dd3e3},
		{"pareto cv", &Pareto{Mean: s, CV: 0.5}, 1, 0.25, 0x101fde3a70bb6c65},
		{"pareto bounded", &Pareto{Mean: s, Alpha: 1.5, Max: 100 * s}, 1, boundedParetoSCV(1, 1.5, 100), 0x33711c2e8c617b51},
		{"gamma 0.1", &Gamma{Mean: s, CV: 0.1}, 1, 0.01, 0xf9f45f8f0d843e32},
		{"gamma 1.5", &Gamma{Mean: s, CV: 1.5}, 1, 2.25, 0xc1a541d476103dc5},
		{"gamma 10", &Gamma{Mean: s, CV: 10}, 1, 100, 0xb2aa5c9f09263223},
		{"empirical", &Empirical{Values: []time.Duration{3 * s, 1 * s, 2 * s, 10 * s}}, 4, 12.5 / 16, 0x75090a20dc46458e},
		{"empirical weights", &Empirical{Values: []time.Duration{5 * s, 1 * s, 0}, Weights: []float64{1, 8, 1}}, 1.3, (3.3 - 1.69) / 1.69, 0x13b83ec8e0ad2ada},
	}
}

const z99 = 2.326347874040841 // the 99th percentile of the normal law

func sq(x float64) float64 { return x * x }

// boundedParetoSCV solves for xm by iteration, unlike the package, and returns
// the variance over the squared mean.
func boundedParetoSCV(mean, a, top float64) float64 {
	xm := mean / 3
	for range 1000 {
		cut := 1 - math.Pow(xm/top, a)
		xm = mean * (a - 1) / a * cut / (1 - math.Pow(xm/top, a-1))
	}
	cut := 1 - math.Pow(xm/top, a)
	second := a / (2 - a) * math.Pow(xm, a) * (math.Pow(top, 2-a) - math.Pow(xm, 2-a)) / cut
	return second/sq(mean) - 1
}

// moment integrates the n-th power of the quantile function over p. Pieces that
// shrink by half towards both ends, with the 8-point Gauss rule on each of 16
// parts, cope with the singularities there.
func moment(d Dist, n int) float64 {
	nodes := [4]float64{0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363}
	weights := [4]float64{0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763}
	sum := 0.0
	part := func(low, high float64) {
		mid, half := (low+high)/2, (high-low)/2
		for i, x := range nodes {
			sum += half * weights[i] * math.Pow(d.Quantile(mid-half*x), float64(n))
			sum += half * weights[i] * math.Pow(d.Quantile(mid+half*x), float64(n))
		}
	}
	for e := 1; e < 50; e++ {
		w := math.Ldexp(1, -e-1)
		for j := range 16 {
			part(w+w*float64(j)/16, w+w*float64(j+1)/16)
			part(1-w-w*float64(j+1)/16, 1-w-w*float64(j)/16)
		}
	}
	return sum
}

func TestMoments(t *testing.T) {
	for _, l := range laws() {
		d := l.spec.Build()
		if problems := flow.Check(l.spec); problems != nil {
			t.Errorf("%s: %v", l.name, flow.Join(problems))
		}
		if off := math.Abs(d.Mean()/l.mean - 1); off > 1e-12 {
			t.Errorf("%s: Mean() = %v, want %v", l.name, d.Mean(), l.mean)
		}
		// The integral leaves out the last 2^-50 of p, which counts for a heavy
		// tail, and is not made for steps.
		tolerance := 1e-9
		switch l.name {
		case "lognormal", "lognormal percentiles":
			tolerance = 1e-7
		case "empirical weights":
			tolerance = 3e-3
		case "pareto 1.5":
			tolerance = 2e-5
		case "pareto 2.5", "pareto cv":
			tolerance = 1e-3
		case "pareto 3.5":
			tolerance = 1e-6
		}
		if got := moment(d, 1); math.Abs(got/l.mean-1) > tolerance {
			t.Errorf("%s: integral of the quantile function %v, want %v", l.name, got, l.mean)
		}
		if l.scv < 0 {
			continue
		}
		want := (1 + l.scv) * sq(l.mean)
		if got := moment(d, 2); math.Abs(got/want-1) > tolerance {
			t.Errorf("%s: second moment %v, want %v", l.name, got, want)
		}
	}
}

func TestSamplesFollowTheirLaw(t *testing.T) {
	const n = 20_000
	for _, l := range laws() {
		d := l.spec.Build()
		if l.name == "constant" {
			continue
		}
		u := sim.NewStream(1, 0, l.name)
		draws := make([]float64, n)
		for i := range draws {
			draws[i] = d.Quantile(u.Float64())
		}
		if off := kolmogorovSmirnov(d, draws); off > 1.95/math.Sqrt(n) { // exceeded once in a thousand
			t.Errorf("%s: distance %v", l.name, off)
		}
	}
}

// kolmogorovSmirnov returns the largest difference between the share of draws
// up to d.Quantile(p) and p, over p on a grid. Where the law has atoms p is the
// share at the end of the atom.
func kolmogorovSmirnov(d Dist, draws []float64) float64 {
	const grid = 1000
	var counts [grid + 1]int
	for _, x := range draws {
		// The first k with Quantile(k/grid) >= x.
		low, high := 0, grid
		for low < high {
			if k := (low + high) / 2; d.Quantile(float64(k)/grid) >= x {
				high = k
			} else {
				low = k + 1
			}
		}
		counts[low]++
	}
	worst, sum := 0.0, 0
	for k := range grid {
		sum += counts[k]
		p := float64(k) / grid
		if k+1 < grid && d.Quantile(p) == d.Quantile(float64(k+1)/grid) {
			continue
		}
		worst = max(worst, math.Abs(float64(sum)/float64(len(draws))-p)-1.0/grid)
	}
	return worst
}

// grid calls f with rising p of [0, 1), dense near both ends. All are multiples
// of 2^-53, as are the numbers of a stream.
func grid(f func(p float64)) {
	f(0)
	for e := 52; e >= 1; e-- {
		for j := range 64 {
			f(math.Floor(math.Ldexp(1+float64(j)/64, -e-1)*(1<<53)) / (1 << 53))
		}
	}
	for e := 1; e <= 46; e++ {
		for j := range 64 {
			f(1 - math.Ldexp(2-float64(j)/64, -e-1))
		}
	}
}

func TestQuantilesGrow(t *testing.T) {
	for _, l := range laws() {
		d := l.spec.Build()
		before, at := 0.0, -1.0
		grid(func(p float64) {
			if x := d.Quantile(p); x < before || math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%s: quantile %v at %v, but %v at %v", l.name, x, p, before, at)
			} else {
				before, at = x, p
			}
		})
	}
}

// The frozen hashes must come out on every architecture.
func TestBitsAreFrozen(t *testing.T) {
	for _, l := range laws() {
		d := l.spec.Build()
		h := fnv.New64a()
		add := func(x float64) { h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x))) }
		add(d.Mean())
		grid(func(p float64) { add(d.Quantile(p)) })
		for i := range 1000 {
			add(d.Quantile(float64(i) / 1000))
		}
		u := sim.NewStream(1, 0, "residual")
		for range 10 {
			add(Residual(d, func(int) float64 { return u.Float64() }))
		}
		if got := h.Sum64(); got != l.hash {
			t.Errorf("%s: hash %#x, want %#x", l.name, got, l.hash)
		}
	}
}

func TestDrawsDoNotAllocate(t *testing.T) {
	for _, l := range laws() {
		sampler := Sampler{l.spec.Build(), sim.NewStream(1, 0, l.name)}
		if n := testing.AllocsPerRun(1000, func() { sampler.Duration() }); n != 0 {
			t.Errorf("%s: %v allocations per draw", l.name, n)
		}
	}
}

func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		in   float64
		want time.Duration
	}{
		{0, 0}, {-1, 0}, {math.Inf(-1), 0}, {1.4e-9, 1}, {1.6e-9, 2}, {0.4e-9, 0}, {1.5e-9, 2}, {2.5e-9, 2},
		{1, s}, {3600, time.Hour}, {1e10, math.MaxInt64}, {math.Inf(1), math.MaxInt64},
	} {
		if got := Seconds(c.in); got != c.want {
			t.Errorf("Seconds(%v) = %d, want %d", c.in, got, c.want)
		}
	}
	for _, d := range []time.Duration{1, 3, 999_999_999, 1_234_567_890_123, 100 * 24 * time.Hour} {
		if got := Seconds(inSeconds(d)); got != d {
			t.Errorf("Seconds(inSeconds(%d)) = %d", d, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Seconds(NaN) did not panic")
		}
	}()
	Seconds(math.NaN())
}

func BenchmarkQuantile(b *testing.B) {
	for _, l := range laws() {
		b.Run(l.name, func(b *testing.B) {
			d := l.spec.Build()
			u := sim.NewStream(1, 0, "bench")
			b.ReportAllocs()
			sum := 0.0
			for b.Loop() {
				sum += d.Quantile(u.Float64())
			}
			benchmarkSum = sum
		})
	}
}

var benchmarkSum float64

func BenchmarkBuild(b *testing.B) {
	for _, l := range laws() {
		b.Run(l.name, func(b *testing.B) {
			for b.Loop() {
				l.spec.Build()
			}
		})
	}
}

func BenchmarkResidual(b *testing.B) {
	d := (&Lognormal{Mean: s, CV: 1}).Build()
	u := sim.NewStream(1, 0, "bench")
	uniform := func(int) float64 { return u.Float64() }
	for b.Loop() {
		Residual(d, uniform)
	}
}
