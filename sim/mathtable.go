package sim

import (
	"math"
	"math/bits"
)

// The tables of Log and Exp have 2^tableBits entries per factor of two.
const tableBits = 7

// A logEntry is a point c = n/256 with its reciprocal and its logarithm hi+lo.
// hi is a multiple of 2^-42, lo what is missing to about 106 bits.
type logEntry struct{ c, inv, hi, lo float64 }

// An expEntry is a power of two hi+lo with hi from 1 to 2.
type expEntry struct{ hi, lo float64 }

var (
	logTable = makeLogTable()
	expTable = makeExpTable()
)

func makeLogTable() (table [1 << tableBits]logEntry) {
	for i := range table {
		c := math.Float64frombits(logOffset + uint64(i)<<(52-tableBits))
		n := uint64(c * 256)
		hi, lo := logFraction(n, 256)
		e := logEntry{
			c:   c,
			inv: 1 / c,
			hi:  float64(hi>>22) / (1 << 42),
			lo:  float64(hi<<42|lo>>22) / (1 << 42) / (1 << 64),
		}
		if n < 256 {
			e.hi, e.lo = -e.hi, -e.lo
		}
		table[i] = e
	}
	return table
}

// logFraction returns |log(n/m)| as a fraction of 128 bits, for n and m of at
// most 2^15 within a factor of 1.6 of each other. With t = (n-m)/(n+m) it is
// 2 artanh t = 2t + 2t^3/3 + 2t^5/5 + ...
func logFraction(n, m uint64) (hi, lo uint64) {
	a, b := max(n, m)-min(n, m), n+m
	thi, r := bits.Div64(2*a, 0, b)
	tlo, _ := bits.Div64(r, 0, b)
	for odd := uint64(1); thi|tlo != 0; odd += 2 {
		qhi, qlo := divide(thi, tlo, odd)
		var carry uint64
		lo, carry = bits.Add64(lo, qlo, 0)
		hi, _ = bits.Add64(hi, qhi, carry)
		thi, tlo = divide(thi, tlo, b*b)
		over, low := bits.Mul64(tlo, a*a)
		thi, tlo = thi*a*a+over, low
	}
	return hi, lo
}

// divide returns hi 2^64 + lo divided by d, rounded down.
func divide(hi, lo, d uint64) (qhi, qlo uint64) {
	qhi, r := bits.Div64(0, hi, d)
	qlo, _ = bits.Div64(r, lo, d)
	return qhi, qlo
}

func makeExpTable() (table [1 << tableBits]expEntry) {
	// 2^(1/128) in units of 2^-127. 127 roundings leave an error below 2^-119.
	const rootHi, rootLo = 0x80b1ed4fd999ab6c, 0x25335719b6e6fd20
	hi, lo := uint64(1<<63), uint64(0)
	for i := range table {
		head := hi &^ (1<<11 - 1) // what fits a float; the tail is positive
		rest := hi - head
		table[i] = expEntry{
			hi: float64(head) / (1 << 63),
			lo: float64(rest<<53|lo>>11) / (1 << 63) / (1 << 53),
		}
		hi, lo = multiply(hi, lo, rootHi, rootLo)
		hi, lo = hi<<1|lo>>63, lo<<1
	}
	return table
}

// multiply returns the upper 128 bits of the product of two numbers of 128
// bits, at most 3 too small.
func multiply(ahi, alo, bhi, blo uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(ahi, bhi)
	x, _ := bits.Mul64(ahi, blo)
	y, _ := bits.Mul64(alo, bhi)
	lo, c := bits.Add64(lo, x, 0)
	lo, d := bits.Add64(lo, y, 0)
	return hi + c + d, lo
}
