package dist

import (
	"math"

	"lbsim/sim"
)

// A curve is a law whose distribution function is known and smooth, but whose
// quantile function has no closed form.
type curve interface {
	at(x float64) point // for x > 0
	// guess returns an approximate quantile, for 0 < p < 1. It may underflow
	// to 0 where the quantile does.
	guess(p float64) float64
}

// A point says what a law is like at some x: P(X <= x), P(X > x), the density,
// and the derivative of its logarithm.
type point struct{ below, above, density, slope float64 }

// An inverse computes the quantile function of a curve from a table of
// polynomials.
//
// A quantile function is singular at 0 and 1, like a root and like a logarithm,
// but looks the same on every octave of the distance s to the nearer end. So
// each side has a table for each of the octaves [1/4, 1/2), [1/8, 1/4), ... of s.
// It cuts the octave into equal pieces, doubling their number until the
// polynomials are accurate. A draw costs about 10 ns, a table of 600 pieces 0.3
// ms once. Draws beyond the last octave, one in a thousand, are solved for.
type inverse struct {
	curve curve
	// With logs the polynomials give the logarithm of the quantile, which for
	// shapes like x^(1/100) needs fewer pieces.
	logs         bool
	lower, upper [octaves]octave // s = p below 1/2, s = 1-p above
}

const (
	octaves    = 10
	leastCut   = 2     // bits of the first cut of an octave
	mostCut    = 11    // beyond it the octave gets no table
	closeness  = 1e-11 // relative error allowed in the middle of a piece
	solverStep = 1e-8  // Newton's error after a step is about its square
)

// An octave has 2^bits pieces in order of s.
type octave struct {
	bits   uint
	pieces []piece
}

// A piece is a polynomial in t, which runs from 0 to 1 along it: coefficients by
// rising power.
type piece [6]float64

func (c *piece) at(t float64) float64 {
	t2 := float64(t * t)
	a := c[0] + float64(c[1]*t)
	b := c[2] + float64(c[3]*t)
	d := c[4] + float64(c[5]*t)
	return a + float64(t2*(b+float64(t2*d)))
}

// quantile returns the x with P(X <= x) = p, for 0 <= p < 1, to about 1e-11.
func (v *inverse) quantile(p float64) float64 {
	s, side := p, &v.lower
	if p > 0.5 {
		s, side = 1-p, &v.upper
	}
	const fraction = 1<<52 - 1
	b := math.Float64bits(s)
	// 1021 is the exponent field of 1/4. For p = 1/2 the difference wraps round.
	if i := 1021 - b>>52; i < octaves {
		if o := &side[i]; len(o.pieces) > 0 {
			m := b & fraction
			t := math.Float64frombits(0x3ff<<52|m<<o.bits&fraction) - 1
			y := o.pieces[m>>(52-o.bits)].at(t)
			if v.logs {
				y = sim.Exp(y)
			}
			return y
		}
	}
	if p == 0 {
		return 0
	}
	return solve(v.curve, p, v.curve.guess(p))
}

// solve returns the x with P(X <= x) = p, starting from a guess. It is Newton's
// method on the logarithm of the smaller tail, over log x below the median and
// over x above it, where that is nearly a straight line; a step that leaves the
// interval known to hold the solution is replaced by one that halves it.
func solve(c curve, p, x float64) float64 {
	low, high := 0.0, math.Inf(1)
	for x > 0 {
		pt := c.at(x)
		var excess, rate, next float64 // of log tail, its derivative over log x
		if p < 0.5 {
			excess = sim.Log(pt.below / p)
			rate = float64(x*pt.density) / pt.below
			next = float64(x * sim.Exp(-excess/rate))
		} else {
			excess = -sim.Log(pt.above / (1 - p))
			rate = float64(x*pt.density) / pt.above
			next = float64(x * (1 - excess/rate))
		}
		if math.Abs(excess) < float64(solverStep*rate) {
			return next
		}
		if excess > 0 {
			high = x
		} else {
			low = x
		}
		switch {
		case next > low && next < high && next > x/1000 && next < 1000*x:
			x = next
		case high > math.MaxFloat64:
			x = 16 * x
		case low == 0:
			x = x / 16
		default:
			x = float64(math.Sqrt(low) * math.Sqrt(high))
		}
		if low > 0 && high/low < 1+1e-15 {
			break
		}
	}
	return x
}

// invert prepares the quantile function of c.
func invert(c curve, logs bool) *inverse {
	v := &inverse{curve: c, logs: logs}
	for i := range octaves {
		v.lower[i] = v.tabulate(i, false)
		v.upper[i] = v.tabulate(i, true)
	}
	return v
}

// A node is the value of the tabled function at the end of a piece, with its
// first two derivatives over s.
type node struct{ y, slope, bend float64 }

// tabulate makes the table of the i-th octave of one side, or an empty one where
// that takes too many pieces or the quantile is too small for a float.
func (v *inverse) tabulate(i int, upper bool) octave {
	width := math.Ldexp(0.25, -i) // also where it begins
	solved := func(j, n int, guess float64) (node, bool) {
		p := width + float64(width*float64(j))/float64(n)
		if upper {
			p = 1 - p
		}
		if !(guess > 0) {
			guess = v.curve.guess(p)
		}
		x := solve(v.curve, p, guess)
		return v.node(x, upper), x > 1e-300
	}
	nodes := make([]node, 1<<leastCut+1)
	for j := range nodes {
		var ok bool
		if nodes[j], ok = solved(j, 1<<leastCut, 0); !ok {
			return octave{}
		}
	}
	for bits := uint(leastCut); bits <= mostCut; bits++ {
		n := 1 << bits
		o := octave{bits, make([]piece, n)}
		finer := make([]node, 2*n+1)
		worst := 0.0
		for j := range n {
			o.pieces[j] = hermite(nodes[j], nodes[j+1], width/float64(n))
			y := o.pieces[j].at(0.5)
			guess := y
			if v.logs {
				guess = sim.Exp(y)
			}
			mid, _ := solved(2*j+1, 2*n, guess)
			off := math.Abs(y - mid.y)
			if !v.logs {
				off /= mid.y
			}
			worst = max(worst, off)
			finer[2*j], finer[2*j+1] = nodes[j], mid
		}
		if worst <= closeness {
			return o
		}
		finer[2*n] = nodes[n]
		nodes = finer
	}
	return octave{}
}

// node describes the quantile function, or its logarithm, where it has the value
// x. With density f its derivatives over p are 1/f and -f'/f^3. Both are first
// divided by x, as a density may be too large to square. On the upper side s
// falls as p grows.
func (v *inverse) node(x float64, upper bool) node {
	pt := v.curve.at(x)
	slope := 1 / float64(x*pt.density)
	bend := -float64(float64(x*pt.slope) * float64(slope*slope))
	if upper {
		slope = -slope
	}
	if v.logs {
		return node{sim.Log(x), slope, bend - float64(slope*slope)}
	}
	return node{x, float64(x * slope), float64(x * bend)}
}

// hermite returns the polynomial of degree five that agrees with two nodes, h
// apart, in value, slope and bend.
func hermite(a, b node, h float64) piece {
	as, bs := float64(h*a.slope), float64(h*b.slope)
	h2 := float64(h * h)
	ab, bb := float64(h2*a.bend)/2, float64(h2*b.bend)/2
	// What the value, slope and bend at the end lack after the terms of a.
	dv := b.y - a.y - as - ab
	ds := bs - as - float64(2*ab)
	db := bb - ab
	return piece{
		a.y, as, ab,
		float64(10*dv) - float64(4*ds) + db,
		float64(7*ds) - float64(15*dv) - float64(2*db),
		float64(6*dv) - float64(3*ds) + db,
	}
}
