package sim

import "math"

// Log, Exp and Pow return the same bits on every architecture, which the
// functions of package math do not: those have assembly variants, and their Go
// code may be compiled to fused multiply-adds, which round once instead of
// twice. Here every product is converted with float64(...), which forbids
// fusing (Go specification, "Floating-point operators"), and only + - * / and
// bit operations are used. Whatever decides when an event happens must go
// through these.
//
// The method is that of P. T. P. Tang's table-driven functions (ACM TOMS 15(2),
// 1989, and 16(4), 1990): reduce the argument to the neighbourhood of a tabled
// point, use a short Taylor polynomial there. The tables are built at start-up
// in integer arithmetic (mathtable.go).

// logOffset is the bit pattern of 0.6875. Log writes x as z times a power of
// two with z from about 0.6875 to 1.375, so that an x close to 1 has exponent 0
// and the tabled point 1, and its small logarithm is not the difference of two
// larger numbers.
const logOffset = 0x3fe6000000000000

// ln2Hi has 34 bits, so its products with integers below 2^19 are exact. It is a
// multiple of 2^-42, as are the hi parts of logTable: their sum with a product
// below 2^10 is exact as well.
const (
	ln2   = 0.693147180559945309417232121458176568075500134360255254120680
	ln2Hi = 11908177887.0 / (1 << 34)
	ln2Lo = ln2 - ln2Hi
)

// Log returns the natural logarithm of x, with an error below 1.5 units in the
// last place.
//
// Log(+Inf) = +Inf, Log(0) = -Inf, Log(x < 0) = NaN, Log(NaN) = NaN.
func Log(x float64) float64 {
	b := math.Float64bits(x)
	if b-0x0010000000000000 >= 0x7fe0000000000000 { // neither normal nor positive
		return logSpecial(x)
	}
	k, t, d := logReduce(b)
	// log x = k ln 2 + log c + log(1+r), where c is the tabled point and r = z/c - 1.
	r := float64(d * t.inv)
	hi := float64(k*ln2Hi) + t.hi
	lo := float64(k*ln2Lo) + t.lo
	sum := hi + r
	rest := (hi - sum) + r // what rounding took from sum, exactly: |hi| > |r| or hi = 0
	return sum + (rest + (lo + log1pTail(r)))
}

// logReduce splits a positive normal float with bits b as x = z 2^k and returns
// k, the entry of the tabled point c nearest to z, and z-c, which is exact.
func logReduce(b uint64) (k float64, t *logEntry, d float64) {
	// Adding half a step before cutting the low bits off rounds to nearest.
	s := b - logOffset + 1<<(51-tableBits)
	e := int64(s) >> 52
	t = &logTable[s>>(52-tableBits)%(1<<tableBits)]
	return float64(e), t, math.Float64frombits(b-uint64(e)<<52) - t.c
}

// log1pTail returns log(1+r) - r for |r| <= 2^-8: the next term of the series is
// below 2^-66.
func log1pTail(r float64) float64 {
	r2 := float64(r * r)
	a := float64(r*(1.0/3)) - 1.0/2
	b := float64(r*(1.0/5)) - 1.0/4
	c := float64(r*(1.0/7)) - 1.0/6
	return float64(r2 * (a + float64(r2*(b+float64(r2*c)))))
}

func logSpecial(x float64) float64 {
	switch {
	case x > math.MaxFloat64:
		return x
	case x > 0: // subnormal
		return Log(float64(x*(1<<54))) - 54*ln2
	case x == 0:
		return math.Inf(-1)
	}
	return math.NaN()
}

// Exp returns e to the power x, with an error below one unit in the last place
// (for results below 2^-1022, of the smallest float).
//
// Exp(+Inf) = +Inf, Exp(-Inf) = 0, Exp(NaN) = NaN; above 709.79 the result is
// +Inf, below -745.14 it is 0.
func Exp(x float64) float64 { return expSum(x, 0) }

// expSum returns e to the power x+rest, where |rest| is at most 2^-40.
func expSum(x, rest float64) float64 {
	if !(x > -746 && x < 710) {
		switch {
		case x >= 710:
			return math.Inf(1)
		case x <= -746:
			return 0
		}
		return math.NaN()
	}
	const (
		steps = 1 << tableBits
		shift = 3 << 51 // so large that the sum has no room for a fraction
		hi    = ln2Hi / steps
		lo    = ln2Lo / steps
	)
	// x = n ln 2 / steps + r, |r| <= ln 2 / 2 / steps, and
	// e^x = 2^k 2^(i/steps) e^r with n = k steps + i.
	shifted := float64(x*(steps/ln2)) + shift
	n := int64(int32(math.Float64bits(shifted))) // the low bits of the mantissa
	m := shifted - shift
	r := (x - float64(m*hi)) - (float64(m*lo) - rest)
	r2 := float64(r * r)
	// e^r - 1 up to r^5: the next term is below 2^-60.
	a := float64(r*(1.0/6)) + 1.0/2
	b := float64(r*(1.0/120)) + 1.0/24
	grow := r + float64(r2*(a+float64(r2*b)))
	t := &expTable[n&(steps-1)]
	y := t.hi + (t.lo + float64(t.hi*grow))
	k := n >> tableBits
	if k > -1022 && k < 1023 {
		return float64(y * powerOfTwo(k))
	}
	// Two factors, since 2^k itself may be too large or too small for a float.
	return float64(float64(y*powerOfTwo(k/2)) * powerOfTwo(k-k/2))
}

// powerOfTwo returns 2^k for -1022 <= k <= 1023.
func powerOfTwo(k int64) float64 { return math.Float64frombits(uint64(k+1023) << 52) }

// Pow returns x to the power y for x >= 0, with an error below one unit in the
// last place or so: y log x is carried to more digits than a float has, or
// large powers would lose the digits by which it exceeds 1.
//
// Pow(x, 0) = 1 for every x. Otherwise Pow(0, y) is 0 for y > 0 and +Inf for
// y < 0, Pow(+Inf, y) the reverse, and it is NaN where x or y is NaN, x < 0, or
// x = 1 and y is infinite.
func Pow(x, y float64) float64 {
	if y == 0 {
		return 1
	}
	b := math.Float64bits(x)
	if b-0x0010000000000000 >= 0x7fe0000000000000 || !(math.Abs(y) < 1<<80) {
		return Exp(float64(y * Log(x)))
	}
	k, t, d := logReduce(b)
	r := float64(d * t.inv)
	// c has 8 bits and head is given 40, so head*c is exact, and so is what
	// head leaves of d.
	head := math.Float64frombits(math.Float64bits(r) &^ (1<<13 - 1))
	tail := float64((d - float64(head*t.c)) * t.inv)
	hi := float64(k*ln2Hi) + t.hi
	sum := hi + head
	rest := (hi - sum) + head
	rest += float64(k*ln2Lo) + t.lo + (tail + log1pTail(r))
	l := sum + rest
	rest -= l - sum

	// y (l + rest), its leading product split into halves after Dekker
	// (Numerische Mathematik 18, 1971).
	p := float64(y * l)
	if !(math.Abs(p) < 800) {
		return Exp(p)
	}
	yh, lh := upperHalf(y), upperHalf(l)
	yl, ll := y-yh, l-lh
	err := float64(yl*ll) - (((p - float64(yh*lh)) - float64(yl*lh)) - float64(yh*ll))
	return expSum(p, err+float64(y*rest))
}

// upperHalf returns x without its 27 low bits, so that products of two halves
// are exact.
func upperHalf(x float64) float64 {
	return math.Float64frombits(math.Float64bits(x) &^ (1<<27 - 1))
}
