package dist

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// longest bounds all parameters that are times: a hundred years.
const longest = 100 * 8766 * time.Hour

// maxValues bounds lists.
const maxValues = 1_000_000

// checkTime returns a problem unless 0 < d <= longest.
func checkTime(key string, d time.Duration) []flow.Problem {
	switch {
	case d == 0:
		return []flow.Problem{{Path: key, Text: "must be given and longer than 0", Hint: "for example " + key + ": 10ms"}}
	case d < 0:
		return []flow.Problem{{Path: key, Text: "must be longer than 0"}}
	case d > longest:
		return []flow.Problem{{Path: key, Text: "must be at most 100 years"}}
	}
	return nil
}

// checkNumber returns a problem unless low <= x <= high. NaN is a problem.
func checkNumber(key string, x, low, high float64) []flow.Problem {
	if x >= low && x <= high {
		return nil
	}
	text := fmt.Sprintf("must be from %g to %g", low, high)
	if x == 0 {
		text = "must be given, " + text[len("must be "):]
	}
	return []flow.Problem{{Path: key, Text: text}}
}

// checkOneOf returns a problem unless exactly one of two parameters is given.
func checkOneOf(a string, hasA bool, b string, hasB bool) []flow.Problem {
	switch {
	case hasA && hasB:
		return []flow.Problem{{Path: b, Text: "excludes " + a, Hint: "give one of the two"}}
	case !hasA && !hasB:
		return []flow.Problem{{Path: a, Text: "must be given, or else " + b}}
	}
	return nil
}
