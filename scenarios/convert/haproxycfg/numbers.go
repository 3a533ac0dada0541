package haproxycfg

import (
	"strconv"
	"strings"
	"time"
)

// parseTime reads a time, of which a bare number is in this unit. It returns what is
// wrong with it, or "". What is less than a millisecond counts as one.
func parseTime(text string, unit time.Duration) (d time.Duration, why string) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits == 0 {
		return 0, "is not a time as 5s or 500ms"
	}
	switch suffix := text[digits:]; suffix {
	case "":
	case "us":
		unit = time.Microsecond
	default:
		known := false
		for _, u := range timeUnits {
			if u.name == suffix {
				unit, known = u.length, true
			}
		}
		if !known {
			return 0, "has a unit that is not one of us, ms, s, m, h, d"
		}
	}
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil || n > int64(longestTime/unit) {
		return 0, "is longer than HAProxy can count (24.8 days)"
	}
	d = time.Duration(n) * unit
	return (d + time.Millisecond - 1) / time.Millisecond * time.Millisecond, ""
}

// parseNumber reads a number within bounds. It returns what is wrong with it, or "".
func parseNumber(text string, least, most int) (n int, why string) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil && strings.Trim(text, "0123456789") != "" || text == "":
		return 0, "is not a number"
	case err != nil || n < least || n > most:
		return 0, "is not between " + strconv.Itoa(least) + " and " + strconv.Itoa(most)
	}
	return n, ""
}

// parseSize reads a number that may end in k, m or g, which count in 1024s.
func parseSize(text string) (n int, why string) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	factor := map[string]int{"": 1, "k": 1 << 10, "K": 1 << 10, "m": 1 << 20, "M": 1 << 20, "g": 1 << 30, "G": 1 << 30}[text[digits:]]
	if digits == 0 || factor == 0 {
		return 0, "is not a number as 1000, 100k or 1m"
	}
	n, err := strconv.Atoi(text[:digits])
	if err != nil || n > (1<<32-1)/factor {
		return 0, "is more than HAProxy can count (4294967295)"
	}
	return n * factor, ""
}
