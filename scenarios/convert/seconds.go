package convert

import (
	"strconv"
	"strings"
	"time"
)

// maxSeconds is the longest time accepted, 100 years of 365.25 days.
const maxSeconds = 3_155_760_000

const maxTime = maxSeconds * time.Second

// parseSeconds reads decimal text such as "12", "0.000000001" or "1.5e-3" as
// seconds, without passing through a float: every nanosecond written is a
// nanosecond read. Finer decimals are rounded half up. It returns what is
// wrong, worded to follow the quoted text, or "".
func parseSeconds(s string) (d time.Duration, why string) {
	const notTime = "is not a time in seconds"
	mantissa, exponent := s, 0
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		n, err := strconv.Atoi(s[e+1:])
		if err != nil || n < -1000 || n > 1000 {
			return 0, notTime
		}
		mantissa, exponent = s[:e], n
	}
	negative := strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimPrefix(mantissa, "-")
	whole, decimals, _ := strings.Cut(mantissa, ".")
	if !digits(whole) || !digits(decimals) || whole+decimals == "" {
		return 0, notTime
	}
	if negative {
		return 0, "is negative"
	}
	// The digits are those of the value in nanoseconds if the point is moved
	// nine places, plus the exponent, to the right.
	text := strings.TrimLeft(whole, "0")
	point := len(text) + exponent + 9
	text += decimals
	for i := 0; i < point; i++ {
		if d > maxTime/10 {
			return 0, "is longer than 100 years"
		}
		d *= 10
		if i < len(text) {
			d += time.Duration(text[i] - '0')
		}
	}
	if point >= 0 && point < len(text) && text[point] >= '5' {
		d++
	}
	if d > maxTime {
		return 0, "is longer than 100 years"
	}
	return d, ""
}

// digits reports whether s has nothing but decimal digits.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// appendSeconds appends d, which is not negative, in seconds: exactly and
// without trailing zeros.
func appendSeconds(b []byte, d time.Duration) []byte {
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	fraction := d % time.Second
	if fraction == 0 {
		return b
	}
	b = append(b, '.')
	for place := time.Second / 10; fraction > 0; place /= 10 {
		b = append(b, '0'+byte(fraction/place))
		fraction %= place
	}
	return b
}
