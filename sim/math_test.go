package sim

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/big"
	"testing"
)

// ulps returns |got-want| in units of the last place of want.
func ulps(got, want float64) float64 {
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		return 0
	}
	unit := math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want)
	return math.Abs(got-want) / unit
}

// mathPoints calls f with n numbers of [0, 1), some of them very small or very
// close to 1.
func mathPoints(n int, f func(u float64)) {
	s := NewStream(1, 0, "math")
	for i := range n {
		u := s.Float64()
		switch i % 4 {
		case 1:
			u = math.Ldexp(u, -int(s.Float64()*1000))
		case 2:
			u = 1 - math.Ldexp(u, -int(s.Float64()*50))
		}
		f(u)
	}
}

// The standard library's Log and Exp have errors of about one unit themselves,
// its Pow of hundreds for very small x.
func TestMathAgainstStandardLibrary(t *testing.T) {
	var worstLog, worstExp, worstPow float64
	mathPoints(1_000_000, func(u float64) {
		for _, x := range []float64{u, 1 / u, 1 + u, 1000 * u} {
			if x == 0 {
				continue
			}
			worstLog = max(worstLog, ulps(Log(x), math.Log(x)))
		}
		for _, x := range []float64{u, -u, 700 * u, -700 * u, -40 * u} {
			worstExp = max(worstExp, ulps(Exp(x), math.Exp(x)))
		}
		if u > 0 {
			for _, y := range []float64{0.5, -1 / 2.5, 3, -0.01} {
				worstPow = max(worstPow, ulps(Pow(u, y), math.Pow(u, y)))
			}
		}
	})
	t.Logf("largest differences in units of the last place: Log %.2f, Exp %.2f, Pow %.2f", worstLog, worstExp, worstPow)
	if worstLog > 3 || worstExp > 3 || worstPow > 1000 {
		t.Error("more than 3 units for Log or Exp or 1000 for Pow")
	}
}

// x^(n/4) to 200 bits by square roots.
func TestPowAgainstSquareRoots(t *testing.T) {
	worst := 0.0
	mathPoints(2000, func(u float64) {
		x := u + 1e-60
		if u > 0.5 {
			x = 1e5 * u
		}
		for _, n := range []int{1, 3, 5, 17} {
			root := new(big.Float).SetPrec(200).SetFloat64(x)
			root.Sqrt(root.Sqrt(root))
			want := new(big.Float).SetPrec(200).SetInt64(1)
			for range n {
				want.Mul(want, root)
			}
			worst = max(worst, bigUlps(Pow(x, float64(n)/4), want))
		}
	})
	t.Logf("largest error %.3f units of the last place", worst)
	if worst > 0.6 {
		t.Error("more than 0.6 units")
	}
}

func TestExpAndLogAgainstSeries(t *testing.T) {
	worstExp, worstLog := 0.0, 0.0
	mathPoints(3000, func(u float64) {
		x := 20 * (u - 0.5)
		worstExp = max(worstExp, bigUlps(Exp(x), bigExp(new(big.Float).SetPrec(200).SetFloat64(x))))
		if u == 0 {
			return
		}
		// One step of Halley's method from y = Log(u) triples its digits:
		// log u = y + 2 (u - e^y) / (u + e^y) + O(error^3).
		y := Log(u)
		if y == 0 {
			return
		}
		e := bigExp(new(big.Float).SetPrec(200).SetFloat64(y))
		b := new(big.Float).SetPrec(200).SetFloat64(u)
		step := new(big.Float).SetPrec(200).Sub(b, e)
		step.Quo(step, b.Add(b, e))
		step.Mul(step, big.NewFloat(2))
		want := new(big.Float).SetPrec(200).SetFloat64(y)
		worstLog = max(worstLog, bigUlps(y, want.Add(want, step)))
	})
	t.Logf("largest errors in units of the last place: Exp %.3f, Log %.3f", worstExp, worstLog)
	if worstExp > 1 || worstLog > 1.5 {
		t.Error("more than 1 unit for Exp or 1.5 for Log")
	}
}

// bigExp sums the series of e^(x/1024) and squares it ten times.
func bigExp(x *big.Float) *big.Float {
	small := new(big.Float).SetMantExp(x, -10)
	sum := new(big.Float).SetPrec(200).SetInt64(1)
	term := new(big.Float).SetPrec(200).SetInt64(1)
	for n := int64(1); n < 60; n++ {
		term.Mul(term, small)
		term.Quo(term, new(big.Float).SetInt64(n))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

func bigUlps(got float64, want *big.Float) float64 {
	near, _ := want.Float64()
	d := new(big.Float).SetPrec(200).SetFloat64(got)
	f, _ := d.Sub(d, want).Float64()
	near = math.Abs(near)
	return math.Abs(f) / (math.Nextafter(near, math.Inf(1)) - near)
}

func TestMathSpecialValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Log(+Inf)", Log(inf), inf},
		{"Log(0)", Log(0), -inf},
		{"Log(-0)", Log(math.Copysign(0, -1)), -inf},
		{"Log(-1)", Log(-1), nan},
		{"Log(-Inf)", Log(-inf), nan},
		{"Log(NaN)", Log(nan), nan},
		{"Log(1)", Log(1), 0},
		{"Log(smallest)", Log(5e-324), -744.4400719213812},
		{"Log(largest)", Log(math.MaxFloat64), math.Log(math.MaxFloat64)},
		{"Exp(+Inf)", Exp(inf), inf},
		{"Exp(-Inf)", Exp(-inf), 0},
		{"Exp(NaN)", Exp(nan), nan},
		{"Exp(0)", Exp(0), 1},
		{"Exp(1)", Exp(1), math.E},
		{"Exp(709.78)", Exp(709.78), math.Exp(709.78)},
		{"Exp(709.79)", Exp(709.79), inf},
		{"Exp(-745.1)", Exp(-745.1), 5e-324},
		{"Exp(-745.2)", Exp(-745.2), 0},
		{"Exp(-720)", Exp(-720), math.Exp(-720)},
		{"Pow(3, 0)", Pow(3, 0), 1},
		{"Pow(NaN, 0)", Pow(nan, 0), 1},
		{"Pow(0, 2)", Pow(0, 2), 0},
		{"Pow(0, -2)", Pow(0, -2), inf},
		{"Pow(+Inf, 2)", Pow(inf, 2), inf},
		{"Pow(+Inf, -2)", Pow(inf, -2), 0},
		{"Pow(-1, 2)", Pow(-1, 2), nan},
		{"Pow(2, NaN)", Pow(2, nan), nan},
		{"Pow(NaN, 2)", Pow(nan, 2), nan},
		{"Pow(1, +Inf)", Pow(1, inf), nan},
		{"Pow(2, +Inf)", Pow(2, inf), inf},
		{"Pow(2, -Inf)", Pow(2, -inf), 0},
		{"Pow(1, 5)", Pow(1, 5), 1},
		{"Pow(1, 1e300)", Pow(1, 1e300), 1},
		{"Pow(2, 10)", Pow(2, 10), 1024},
		{"Pow(2, 2000)", Pow(2, 2000), inf},
		{"Pow(2, -2000)", Pow(2, -2000), 0},
		{"Pow(2, 1e-300)", Pow(2, 1e-300), 1},
	} {
		if ulps(c.got, c.want) > 1 || math.IsNaN(c.got) != math.IsNaN(c.want) {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestLogAndExpIncrease(t *testing.T) {
	for _, x := range []float64{0.6875, 1 - 1.0/512, 1, 1 + 1.0/256, 1.0078125, 1.375} {
		for range 2000 {
			next := math.Nextafter(x, 2)
			if Log(next) < Log(x) {
				t.Fatalf("Log(%v) > Log(%v)", x, next)
			}
			if Exp(next) < Exp(x) {
				t.Fatalf("Exp(%v) > Exp(%v)", x, next)
			}
			x = next
		}
	}
}

// The frozen hash must come out on every architecture: a different one means
// that scenarios no longer give the same bytes everywhere.
func TestMathBitsAreFrozen(t *testing.T) {
	h := fnv.New64a()
	add := func(v float64) {
		h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
	}
	mathPoints(100_000, func(u float64) {
		add(Log(u))
		add(Log(1 + float64(1000*u)))
		add(Exp(40 * (u - 0.5)))
		add(Exp(-745 * u))
		add(Pow(u, 1/2.5))
		add(Pow(u, -3))
	})
	const want = 0xbb21f9375510b1a2
	if got := h.Sum64(); got != want {
		t.Errorf("hash of the results is %#x, want %#x", got, uint64(want))
	}
}

var mathSink float64

func benchmarkMath(b *testing.B, f func(x float64) float64) {
	var x [1024]float64
	s := NewStream(1, 0, "bench")
	for i := range x {
		x[i] = 1 - s.Float64()
	}
	sum := 0.0
	i := 0
	for b.Loop() {
		sum += f(x[i&1023])
		i++
	}
	mathSink = sum
}

func BenchmarkLog(b *testing.B)    { benchmarkMath(b, Log) }
func BenchmarkLogStd(b *testing.B) { benchmarkMath(b, math.Log) }
func BenchmarkExp(b *testing.B)    { benchmarkMath(b, Exp) }
func BenchmarkExpStd(b *testing.B) { benchmarkMath(b, math.Exp) }
func BenchmarkPow(b *testing.B)    { benchmarkMath(b, func(x float64) float64 { return Pow(x, -0.4) }) }
func BenchmarkPowStd(b *testing.B) {
	benchmarkMath(b, func(x float64) float64 { return math.Pow(x, -0.4) })
}
