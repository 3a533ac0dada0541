package strict

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
)

// FormatDuration writes d so that ParseDuration returns it again, in the
// shortest way: 90s, 150m, 1.5s, 4000h, 2d1h, and 0s for zero. A negative d is
// written with a minus sign, which ParseDuration refuses.
func FormatDuration(d time.Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d == math.MinInt64:
		return "-" + compound(math.MaxInt64) // has no positive counterpart
	case d < 0:
		return "-" + FormatDuration(-d)
	}
	n, best := int64(d), ""
	for _, u := range durationUnits {
		whole := n%u.size == 0
		small := u.size <= int64(time.Second) && n >= u.size // fractions read well for seconds and below
		smallest := u.size == int64(time.Microsecond)
		if !whole && !small && !smallest {
			continue
		}
		if s := fraction(n, u.size) + u.name; best == "" || len(s) < len(best) {
			best = s
		}
	}
	if s := compound(n); n >= int64(time.Second) && len(s) < len(best) {
		best = s
	}
	return best
}

// compound writes n nanoseconds as 1d2h3m4.5s without empty parts.
func compound(n int64) string {
	var b strings.Builder
	for _, u := range durationUnits {
		if u.size <= int64(time.Second) {
			if n > 0 {
				b.WriteString(fraction(n, u.size) + u.name)
			}
			break
		}
		if n >= u.size {
			fmt.Fprintf(&b, "%d%s", n/u.size, u.name)
			n %= u.size
		}
	}
	return b.String()
}

// fraction writes n/size exactly; size is 1000 nanoseconds or a multiple that
// divides into n with at most nine decimals.
func fraction(n, size int64) string {
	whole, part := n/size, n%size
	if part == 0 {
		return strconv.FormatInt(whole, 10)
	}
	digits := len(strconv.FormatInt(size, 10)) - 1
	return fmt.Sprintf("%d.%s", whole, strings.TrimRight(fmt.Sprintf("%0*d", digits, part), "0"))
}

// FormatRate writes r so that ParseRate returns it again: per second if that is
// short, else in the unit in which it is shortest. r must be finite and not
// negative.
func FormatRate(r flow.Rate) string {
	best := ""
	for _, u := range rateUnits {
		s := plain(float64(r)*float64(u.size)) + "/" + u.name
		back, err := ParseRate(s)
		if err != nil || back != r {
			continue
		}
		if best == "" || len(s) < len(best) {
			best = s
		}
		if len(best) <= len("0.00001/s") {
			break
		}
	}
	return best
}

// FormatShare writes s as a percentage so that ParseShare returns it again. s
// must be in 0 to 1.
func FormatShare(s flow.Share) string {
	// The shortest digits that give s, with the decimal point moved by two
	// places: no arithmetic, no rounding.
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(float64(s), 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exponent)
	digits := strings.Replace(mantissa, ".", "", 1)
	point := e + 1 + 2
	switch {
	case s == 0:
		return "0%"
	case point <= 0:
		return "0." + strings.Repeat("0", -point) + digits + "%"
	case point >= len(digits):
		return digits + strings.Repeat("0", point-len(digits)) + "%"
	}
	return digits[:point] + "." + digits[point:] + "%"
}

// FormatSize writes s so that ParseSize returns it again, in the largest unit
// that leaves no remainder.
func FormatSize(s flow.Size) string {
	best := fmt.Sprintf("%dB", s)
	for _, u := range sizeUnits {
		if s == 0 || int64(s)%u.size != 0 {
			continue
		}
		if t := fmt.Sprintf("%d%s", int64(s)/u.size, u.name); len(t) <= len(best) {
			best = t
		}
	}
	return best
}

// plain writes a number without an exponent, in the fewest digits that give it
// again.
func plain(x float64) string {
	return strconv.FormatFloat(x, 'f', -1, 64)
}
