package strict

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
)

// A unit is a suffix and how many base units it stands for: nanoseconds,
// seconds or bytes.
type unit struct {
	name string
	size int64
}

// Units in the order in which compound durations use them.
var durationUnits = []unit{
	{"d", int64(24 * time.Hour)}, {"h", int64(time.Hour)}, {"m", int64(time.Minute)},
	{"s", int64(time.Second)}, {"ms", int64(time.Millisecond)}, {"us", int64(time.Microsecond)},
}

var rateUnits = []unit{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}

var sizeUnits = []unit{
	{"B", 1},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
}

// otherSpellings are units people write that are hinted at, not accepted.
var otherSpellings = map[string]string{
	"sec": "s", "secs": "s", "second": "s", "seconds": "s", "S": "s",
	"min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"hr": "h", "hrs": "h", "hour": "h", "hours": "h", "H": "h",
	"day": "d", "days": "d", "D": "d",
	"msec": "ms", "millis": "ms", "MS": "ms", "usec": "us", "micros": "us", "µs": "us", "μs": "us",
	"b": "B", "k": "KB", "K": "KB", "kb": "KB", "kB": "KB", "M": "MB", "mb": "MB", "G": "GB", "gb": "GB", "T": "TB", "tb": "TB",
	"Ki": "KiB", "kib": "KiB", "Mi": "MiB", "mib": "MiB", "Gi": "GiB", "gib": "GiB", "Ti": "TiB", "tib": "TiB",
}

// maxDigits bounds the length of a number. It leaves room for every float64
// written without an exponent.
const maxDigits = 400

// cutNumber splits s after the digits it begins with, which may contain one
// decimal point between digits. number is "" if s does not begin so.
func cutNumber(s string) (number, rest string) {
	digits := func(from int) int {
		for from < len(s) && '0' <= s[from] && s[from] <= '9' {
			from++
		}
		return from
	}
	end := digits(0)
	if end > 0 && end < len(s) && s[end] == '.' {
		if e := digits(end + 1); e > end+1 {
			end = e
		}
	}
	if end > maxDigits {
		return "", s
	}
	return s[:end], s[end:]
}

// times returns number * size exactly; exact is false if it is not whole.
func times(number string, size int64) (product *big.Int, exact bool) {
	whole, fraction, _ := strings.Cut(number, ".")
	n, _ := new(big.Int).SetString(whole+fraction, 10)
	n.Mul(n, big.NewInt(size))
	divisor := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(fraction))), nil)
	remainder := new(big.Int)
	n.QuoRem(n, divisor, remainder)
	return n, remainder.Sign() == 0
}

func findUnit(units []unit, name string) (unit, bool) {
	for _, u := range units {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}

// unknownUnit explains the suffix name of text.
func unknownUnit(text, name string, units []unit) Mistake {
	m := Mistake{Text: fmt.Sprintf("%s has the unknown unit %s", quote(text), quote(name))}
	if u, ok := findUnit(units, otherSpellings[name]); ok {
		m.Hint = "did you mean " + strings.TrimSuffix(clip(text), name) + u.name + "?"
		return m
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.name
	}
	m.Hint = "units are " + strings.Join(names, ", ")
	return m
}

// ParseDuration reads a duration such as 250ms, 1.5s, 1h30m or 2d exactly. The
// units d h m s ms us follow each other from large to small, each at most once.
// A bare 0 is allowed. Errors, of type Mistake: no unit, unknown unit, negative,
// finer than a nanosecond, more than about 292 years.
func ParseDuration(text string) (time.Duration, error) {
	const hint = "write a number and a unit, such as 250ms, 30s, 1h30m or 2d"
	if text == "0" {
		return 0, nil
	}
	total, last := new(big.Int), int64(math.MaxInt64)
	rest := text
	for first := true; first || rest != ""; first = false {
		number, after := cutNumber(rest)
		if number == "" {
			if strings.HasPrefix(text, "-") {
				return 0, Mistake{quote(text) + " is negative", "a duration is 0 or more"}
			}
			return 0, Mistake{quote(text) + " is not a duration", hint}
		}
		name := after
		if i := strings.IndexAny(after, "0123456789"); i >= 0 {
			name = after[:i]
		}
		rest = after[len(name):]
		u, ok := findUnit(durationUnits, name)
		switch {
		case name == "":
			return 0, Mistake{quote(text) + " has no unit", fmt.Sprintf("write %[1]ss or %[1]sms (HAProxy reads a bare number as milliseconds, nginx as seconds)", text)}
		case strings.Contains(text, " "):
			return 0, Mistake{quote(text) + " is not a duration", "write it without spaces, such as 30s or 1h30m"}
		case !ok:
			return 0, unknownUnit(text, name, durationUnits)
		case u.size >= last:
			return 0, Mistake{quote(text) + " is not a duration", "write the larger unit first and each once, such as 1h30m"}
		}
		part, exact := times(number, u.size)
		if !exact {
			return 0, Mistake{quote(text) + " is finer than a nanosecond", ""}
		}
		total.Add(total, part)
		last = u.size
	}
	if !total.IsInt64() {
		return 0, Mistake{quote(text) + " is too long", "the longest duration is about 292 years"}
	}
	return time.Duration(total.Int64()), nil
}

// ParseRate reads a rate such as 900/s, 12/min, 5/h or 1/d. Errors, of type
// Mistake: no unit, unknown unit, negative.
func ParseRate(text string) (flow.Rate, error) {
	number, after := cutNumber(text)
	name, slash := strings.CutPrefix(after, "/")
	u, ok := findUnit(rateUnits, name)
	switch {
	case number == "" && strings.HasPrefix(text, "-"):
		return 0, Mistake{quote(text) + " is negative", "a rate is 0 or more"}
	case number == "" || !slash && after != "":
		return 0, Mistake{quote(text) + " is not a rate", "write a number and a unit, such as 900/s, 12/min, 5/h or 1/d"}
	case !slash:
		return 0, Mistake{quote(text) + " has no unit", fmt.Sprintf("write %[1]s/s, %[1]s/min, %[1]s/h or %[1]s/d", number)}
	case !ok:
		return 0, Mistake{fmt.Sprintf("%s has the unknown unit %s", quote(text), quote(after)), "units are /s, /min, /h, /d"}
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil { // digits only: the one possible error is the range
		return 0, Mistake{quote(text) + " is too large", ""}
	}
	return flow.Rate(value / float64(u.size)), nil
}

// ParseShare reads a share such as 35% or 0.1%, from 0% to 100%. Errors, of type
// Mistake: no percent sign, outside the range.
func ParseShare(text string) (flow.Share, error) {
	number, after := cutNumber(text)
	switch {
	case number == "" && strings.HasPrefix(text, "-"):
		return 0, Mistake{quote(text) + " is negative", "a share is 0% to 100%"}
	case number == "" || after != "" && after != "%":
		return 0, Mistake{quote(text) + " is not a share", "write a percentage, such as 35%"}
	}
	value, _ := strconv.ParseFloat(number, 64)
	// Moving the decimal point in the text rounds once; a division would
	// round a second time.
	percent, _ := strconv.ParseFloat(number+"e-2", 64)
	switch {
	case after == "" && value <= 1:
		return 0, Mistake{quote(text) + " has no percent sign", fmt.Sprintf("write %s or %s%%", FormatShare(flow.Share(value)), number)}
	case after == "":
		return 0, Mistake{quote(text) + " has no percent sign", fmt.Sprintf("write %s%%", number)}
	case percent > 1:
		return 0, Mistake{quote(text) + " is more than the whole", "a share is 0% to 100%"}
	}
	return flow.Share(percent), nil
}

// ParseSize reads a number of bytes such as 12B, 4KB (4000), 1KiB (1024) or
// 256GB. Errors, of type Mistake: no unit, unknown unit, negative, not a whole
// number of bytes, more than 2^63-1.
func ParseSize(text string) (flow.Size, error) {
	number, name := cutNumber(text)
	u, ok := findUnit(sizeUnits, name)
	switch {
	case number == "" && strings.HasPrefix(text, "-"):
		return 0, Mistake{quote(text) + " is negative", "a size is 0 or more"}
	case number == "":
		return 0, Mistake{quote(text) + " is not a size", "write a number and a unit, such as 300B, 4KB, 1KiB or 256GB"}
	case name == "":
		return 0, Mistake{quote(text) + " has no unit", fmt.Sprintf("write %[1]sB, %[1]sKB, %[1]sMB or %[1]sGB", number)}
	case !ok:
		return 0, unknownUnit(text, name, sizeUnits)
	}
	bytes, exact := times(number, u.size)
	switch {
	case !exact:
		return 0, Mistake{quote(text) + " is not a whole number of bytes", ""}
	case !bytes.IsInt64():
		return 0, Mistake{quote(text) + " is too large", ""}
	}
	return flow.Size(bytes.Int64()), nil
}
