package dist

import (
	"math"

	"lbsim/sim"
)

// log1p returns log(1+x) for x >= 0 with full relative accuracy also for small
// x: u = 1+x loses digits of x, log(u) / (u-1) hardly depends on them (W. Kahan,
// in D. Goldberg, ACM Computing Surveys 23(1), 1991, theorem 4).
func log1p(x float64) float64 {
	u := 1 + x
	if u == 1 {
		return x
	}
	return float64(sim.Log(u)*x) / (u - 1)
}

// expm1 returns exp(x) - 1 with full relative accuracy also for small x, by the
// same device.
func expm1(x float64) float64 {
	u := sim.Exp(x)
	switch {
	case u == 1:
		return x
	case math.Abs(x) > 1:
		return u - 1
	}
	return float64((u-1)*x) / sim.Log(u)
}

// bisect returns the boundary between low, where less is true, and high, where
// it is false, to the last bit.
func bisect(low, high float64, less func(x float64) bool) float64 {
	for {
		mid := low + (high-low)/2
		switch {
		case mid <= low || mid >= high:
			return mid
		case less(mid):
			low = mid
		default:
			high = mid
		}
	}
}

// logGamma returns the logarithm of the gamma function for x > 0, with an
// absolute error of about 1e-14 for small x: Stirling's series (Abramowitz and
// Stegun 6.1.41), after raising x to 12 by Gamma(x) = Gamma(x+1) / x.
func logGamma(x float64) float64 {
	product := 1.0
	for x < 12 {
		product = float64(product * x)
		x++
	}
	y := 1 / x
	y2 := float64(y * y)
	series := 1.0 / 156
	for _, c := range [...]float64{-691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12} {
		series = c + float64(series*y2)
	}
	const halfLog2Pi = 0.918938533204672741780329736405617639861397473637783412817
	return float64((x-0.5)*sim.Log(x)) - x + (halfLog2Pi + float64(series*y)) - sim.Log(product)
}

// incompleteGamma returns the distribution function of the gamma law of that
// shape and scale 1 at x > 0 and its complement; density is x times the
// density there, logGamma1 is logGamma(shape+1). Below shape+1 by the series,
// above by the continued fraction (NIST Handbook of Mathematical Functions,
// 8.7.1 and 8.9.2, the latter evaluated after Lentz), both to 1e-16 of the
// smaller of the two where it matters.
func incompleteGamma(shape, logGamma1, x float64) (below, above, density float64) {
	// x^shape e^-x / Gamma(shape)
	density = float64(shape * sim.Exp(float64(shape*sim.Log(x))-x-logGamma1))
	if x < shape+1 {
		term := 1 / shape
		sum := term
		for a := shape + 1; term > float64(sum*1e-17); a++ {
			term = float64(term*x) / a
			sum += term
		}
		below = min(1, float64(density*sum))
		return below, 1 - below, density
	}
	b := x + 1 - shape
	c, d := math.Inf(1), 1/b
	h := d
	for i := 1.0; ; i++ {
		a := float64(i * (shape - i))
		b += 2
		d = 1 / (b + float64(a*d))
		c = b + a/c
		step := float64(c * d)
		h = float64(h * step)
		if math.Abs(step-1) < 4e-16 || i > 10_000 {
			break
		}
	}
	above = min(1, float64(density*h))
	return 1 - above, above, density
}
