package results

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Display says how the values of a quantity are written for people.
type Display uint8

// The ways to write a value.
const (
	Plain   Display = iota // a count or a ratio: 1,234 or 2.2
	Seconds                // a time in seconds: 140 ms, 62 s, 40 min
	Percent                // a share between 0 and 1: 12.3 %
	Rate                   // per second: 900/s
)

// Human writes v with three significant digits, which is what the histograms
// behind the times resolve; whole numbers above 1,000 keep all their digits.
// A value that is not known is "-".
func (d Display) Human(v float64) string {
	if !finite(v) {
		return "-"
	}
	s := d.scale(v)
	x := float64(v * s.factor)
	if tiny(x) {
		return power(x, 3) + s.suffix
	}
	decimals := decimalsOf(x, 3)
	if d == Percent && v > 0.99 && v < 1 {
		decimals = max(decimals, decimalsOf(100-x, 2)) // 99.987 % is not 100 %
	}
	return trimZeros(group(x, decimals)) + s.suffix
}

// HumanLimit writes v with three significant digits or, where it has more, up to
// six: what must be below 1.001 is not held to 1.
func (d Display) HumanLimit(v float64) string {
	s := d.scale(v)
	x := float64(v * s.factor)
	if !finite(v) || tiny(x) {
		return d.Human(v)
	}
	decimals, most := decimalsOf(x, 3), decimalsOf(x, 6)
	for decimals < most {
		written, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
		if err == nil && same(x, math.Abs(x-written)) {
			break
		}
		decimals++
	}
	return trimZeros(group(x, decimals)) + s.suffix
}

// HumanInterval writes an estimate as "mean ± half", rounded to what the
// interval supports, and as the mean alone where there is no interval.
func (d Display) HumanInterval(e Estimate) string {
	half := e.Half()
	if !finite(e.Mean) || !finite(half) || same(e.Mean, half) {
		return d.Human(e.Mean)
	}
	number, spread, suffix := d.interval(e.Mean, half)
	return number + " ± " + spread + suffix
}

// HumanChange writes a difference with its sign; shares differ by percentage
// points.
func (d Display) HumanChange(e Estimate) string {
	if !finite(e.Mean) {
		return "-"
	}
	sign := ""
	if e.Mean > 0 {
		sign = "+"
	}
	half := e.Half()
	if !finite(half) || same(e.Mean, half) {
		return sign + d.points(d.Human(e.Mean))
	}
	number, spread, suffix := d.interval(e.Mean, half)
	return sign + number + " ± " + spread + d.points(suffix)
}

// digitsOf is how many digits of half an interval's width are worth showing:
// one, or two if the first is 1, and more the nearer the interval ends to 0, so
// that it shows on which side.
func digitsOf(mean, half float64) int {
	switch {
	case math.Abs(math.Abs(mean)-half) < 0.1*half:
		return 3
	case leading(half) == '1' || math.Abs(mean) < 2*half:
		return 2
	}
	return 1
}

// HumanHalf writes half the width of a difference's interval.
func (d Display) HumanHalf(half float64) string {
	if !finite(half) {
		return "-"
	}
	s := d.scale(half)
	h := float64(half * s.factor)
	if tiny(h) {
		return "± " + power(h, 2) + d.points(s.suffix)
	}
	return "± " + group(h, decimalsOf(h, 2)) + d.points(s.suffix)
}

func (d Display) points(s string) string {
	if d != Percent {
		return s
	}
	return strings.Replace(s, " %", " points", 1)
}

// interval rounds a mean to as many digits of half its interval's width as
// digitsOf tells, and never beyond three significant ones.
func (d Display) interval(mean, half float64) (number, spread, suffix string) {
	s := d.scale(max(math.Abs(mean), half))
	m, h := float64(mean*s.factor), float64(half*s.factor)
	digits := digitsOf(m, h)
	if tiny(max(math.Abs(m), h)) {
		return power(m, min(3, max(1, exponent(m)-exponent(h)+digits))), power(h, digits), s.suffix
	}
	decimals := decimalsOf(m, 3)
	if d == Percent && mean > 0.99 && mean < 1 {
		decimals = max(decimals, decimalsOf(100-m, 2)) // as Human
	}
	if math.Abs(m) < h {
		decimals = decimalsOf(h, 2)
	}
	decimals = min(decimals, decimalsOf(h, digits))
	spread = group(h, decimals)
	if strings.Trim(spread, "0.") == "" { // narrower than the digits shown
		spread = "<" + group(math.Pow10(-decimals), decimals)
	}
	return group(m, decimals), spread, s.suffix
}

// A scale turns a value into the number to print: times factor, then suffix.
type scale struct {
	factor float64
	suffix string
}

// scale chooses the unit for values as large as v.
func (d Display) scale(v float64) scale {
	switch d {
	case Percent:
		return scale{100, " %"}
	case Rate:
		return scale{1, "/s"}
	case Seconds:
		return timeScale(math.Abs(v))
	}
	return scale{1, ""}
}

func timeScale(seconds float64) scale {
	switch {
	case seconds == 0:
		return scale{1, " s"}
	case seconds < 0.9995e-3: // 1,000 µs is 1 ms
		return scale{1e6, " µs"}
	case seconds < 0.9995:
		return scale{1e3, " ms"}
	case seconds < 600:
		return scale{1, " s"}
	case seconds < 7200:
		return scale{1. / 60, " min"}
	case seconds < 2*86400:
		return scale{1. / 3600, " h"}
	}
	return scale{1. / 86400, " d"}
}

// group writes v with so many decimals and commas between thousands.
func group(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if v < 0 && strings.Trim(whole, "0.,") != "" {
		whole = "-" + whole
	}
	return whole
}

// same reports whether an interval is so narrow that all replications gave the
// same value, but for rounding.
func same(mean, half float64) bool { return half <= 1e-12*math.Abs(mean) }

// tiny reports whether v is so small that its zeros would hide its digits.
func tiny(v float64) bool { return v != 0 && math.Abs(v) < 1e-4 }

// power writes v with so many significant digits and a power of ten: 5.6e-5.
func power(v float64, digits int) string {
	mantissa, e := parts(v, digits)
	return trimZeros(mantissa) + "e" + strconv.Itoa(e)
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// decimalsOf is how many decimals show so many significant digits of v.
func decimalsOf(v float64, digits int) int {
	if v == 0 || !finite(v) {
		return 0
	}
	_, e := parts(v, digits)
	return max(0, digits-1-e)
}

// parts are the significant digits of v, rounded, and its power of ten.
func parts(v float64, digits int) (mantissa string, exponent int) {
	mantissa, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
	exponent, _ = strconv.Atoi(e)
	return mantissa, exponent
}

func exponent(v float64) int {
	_, e := parts(v, 3)
	return e
}

// leading is the first significant digit of v, rounded to two.
func leading(v float64) byte { return strconv.FormatFloat(v, 'e', 1, 64)[0] }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Clock writes a simulated time in seconds as 10m00s or 1h05m00s, with
// milliseconds where it has any.
func Clock(seconds float64) string {
	if !finite(seconds) {
		return "-"
	}
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	t := time.Duration(math.Round(seconds*1e3)) * time.Millisecond
	h, m, ms := t/time.Hour, t%time.Hour/time.Minute, t%time.Minute/time.Millisecond
	s := fmt.Sprintf("%02ds", ms/1000)
	if ms%1000 != 0 {
		s = fmt.Sprintf("%02d.%03ds", ms/1000, ms%1000)
	}
	switch {
	case h > 0:
		return fmt.Sprintf("%s%dh%02dm%s", sign, h, m, s)
	case m > 0:
		return fmt.Sprintf("%s%dm%s", sign, m, s)
	}
	return sign + strings.TrimPrefix(s, "0")
}
