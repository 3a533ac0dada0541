package results

import (
	"strconv"
	"strings"
)

// timeFactors are the units of durations, in seconds.
var timeFactors = map[string]float64{"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}

// Number reads a value of a scenario that is a number with at most one unit: 8,
// 0.5, 250ms, 35%, 900/s. Times are in seconds, with the unit s.
func Number(text string) (v float64, unit string, ok bool) {
	end := strings.IndexFunc(text, func(c rune) bool { return !strings.ContainsRune("+-.0123456789", c) })
	if end < 0 {
		end = len(text)
	}
	v, err := strconv.ParseFloat(text[:end], 64)
	unit = text[end:]
	if err != nil || strings.ContainsAny(unit, " ,:[]{}.0123456789") {
		return 0, "", false
	}
	if factor, isTime := timeFactors[unit]; isTime {
		return float64(v * factor), "s", true
	}
	return v, unit, true
}

// Numeric reports whether the values are at least two numbers of one unit, and no
// two of them equal.
func Numeric(values []string) bool {
	seen := map[float64]bool{}
	_, common, ok := Number(values[0])
	for _, text := range values {
		v, unit, isNumber := Number(text)
		if ok = ok && isNumber && unit == common && !seen[v]; !ok {
			return false
		}
		seen[v] = true
	}
	return len(values) > 1
}
