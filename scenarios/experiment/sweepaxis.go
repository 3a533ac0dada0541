package experiment

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// SweepError is a sweep that cannot be made as it was asked for.
type SweepError struct{ text string }

func (e SweepError) Error() string { return e.text }

func refuse(format string, args ...any) error { return SweepError{fmt.Sprintf(format, args...)} }

// An Axis is a value of the scenario that a sweep changes, and what to.
type Axis struct {
	Path   string
	Values []string // none for a range without steps, of which samples are drawn
	span   *span
}

// A span is what a range without a step was written as.
type span struct {
	low, high float64
	unit      string
	whole     bool // only whole numbers
	decimals  int  // of what is drawn
}

// common are the values that all points must share: between others, results
// would not compare.
var common = []string{"name", "about", "seed", "duration", "warmup", "replications", "session", "variants", "sizing", "expect", "tables", "plots"}

const howToVary = "write path=1..10, path=10ms..50ms..10ms, path=1..64..x2 or path=[a, b]"

// ParseAxis reads an axis as it is written on the command line, path=values. The
// values are a list in brackets, whose elements are read as values of a file, or
// a range: whole numbers 1..10, steps 0.1..0.9..0.2, factors 1..64..x2, with a
// unit 10ms..50ms..10ms. Both ends belong to it. A sampled axis needs no step.
func ParseAxis(text string, sampled bool) (Axis, error) {
	path, values, ok := strings.Cut(text, "=")
	path, values = strings.TrimSpace(path), strings.TrimSpace(values)
	if !ok || path == "" || values == "" {
		return Axis{}, refuse("--vary %q: %s", text, howToVary)
	}
	if key, _, _ := strings.Cut(path, "."); slices.Contains(common, key) {
		return Axis{}, refuse("--vary %s: %s is the same for all points: change it with --set", path, key)
	}
	a := Axis{Path: path}
	var err error
	switch {
	case strings.HasPrefix(values, "["):
		a.Values, err = splitList(values)
	case strings.Contains(values, ".."):
		a.Values, a.span, err = parseRange(values, sampled)
	default:
		err = fmt.Errorf("%q is neither a range nor a list: %s", values, howToVary)
	}
	if err != nil {
		return Axis{}, refuse("--vary %s: %v", path, err)
	}
	for i, v := range a.Values {
		if slices.Contains(a.Values[:i], v) {
			return Axis{}, refuse("--vary %s: %s is there twice", path, v)
		}
	}
	return a, nil
}

// splitList cuts [a, b, {c: 1, d: 2}] at its own commas.
func splitList(text string) (values []string, err error) {
	depth, from := 0, 1
	var quote rune
	add := func(to int) {
		if v := strings.TrimSpace(text[from:to]); v != "" {
			values = append(values, v)
		} else if err == nil {
			err = fmt.Errorf("a value of the list %s is missing", text)
		}
		from = to + 1
	}
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				add(i)
				if rest := text[i+1:]; rest != "" {
					err = fmt.Errorf("%q is too much after the list", rest)
				}
				return values, err
			}
		case c == ',' && depth == 1:
			add(i)
		}
	}
	return nil, fmt.Errorf("the list %s is not closed", text)
}

var quantity = regexp.MustCompile(`^(-?[0-9]{1,12}(?:\.[0-9]{1,9})?)([a-zA-Z%][a-zA-Z/]*|/[a-z]+)?$`)

// parseQuantity splits a number from its unit and counts its decimals.
func parseQuantity(text string) (v float64, unit string, decimals int, err error) {
	m := quantity.FindStringSubmatch(text)
	if m == nil {
		return 0, "", 0, fmt.Errorf("%q is not a number, with or without a unit: %s", text, howToVary)
	}
	if _, fraction, ok := strings.Cut(m[1], "."); ok {
		decimals = len(fraction)
	}
	v, err = strconv.ParseFloat(m[1], 64)
	return v, m[2], decimals, err
}

// parseRange reads low..high and low..high..step.
func parseRange(text string, sampled bool) ([]string, *span, error) {
	parts := strings.Split(text, "..")
	if len(parts) > 3 {
		return nil, nil, fmt.Errorf("%q has too many dots: %s", text, howToVary)
	}
	low, unit, decimals, err := parseQuantity(parts[0])
	if err != nil {
		return nil, nil, err
	}
	high, highUnit, more, err := parseQuantity(parts[1])
	switch {
	case err != nil:
		return nil, nil, err
	case unit != highUnit:
		return nil, nil, fmt.Errorf("the ends of %s have different units: write both in the same", text)
	case low >= high:
		return nil, nil, fmt.Errorf("%s ends before it begins", text)
	}
	decimals = max(decimals, more)
	if len(parts) == 3 {
		values, err := steps(low, high, unit, decimals, parts[2])
		return values, nil, err
	}
	if sampled {
		return nil, newSpan(low, high, unit, decimals == 0 && unit == ""), nil
	}
	if decimals > 0 {
		return nil, nil, fmt.Errorf("%s needs a step, as in 0.1..0.9..0.2", text)
	}
	values, err := steps(low, high, unit, 0, "1"+unit)
	return values, nil, err
}

// steps lists a range. The step has the unit of its ends, or is a factor.
func steps(low, high float64, unit string, decimals int, text string) (values []string, err error) {
	step, isFactor := strings.CutPrefix(text, "x")
	by, stepUnit, more, err := parseQuantity(step)
	switch {
	case err != nil:
		return nil, err
	case isFactor && (by <= 1 || low <= 0 || stepUnit != ""):
		return nil, fmt.Errorf("factor %s: from a number above 0, write one above 1, as in 1..64..x2", text)
	case !isFactor && stepUnit != unit:
		return nil, fmt.Errorf("step %s and the ends have different units: write all in the same", text)
	case !isFactor && by <= 0:
		return nil, fmt.Errorf("step %s is not above 0", text)
	}
	decimals = max(decimals, more)
	v := low
	for k := 1; v <= high*(1+1e-12) || v <= high; k++ {
		if len(values) >= maxPoints {
			return nil, fmt.Errorf("it has more than %d values", maxPoints)
		}
		d := decimals
		if isFactor { // six digits are enough for any factor
			for digits := v; digits < 1e5 && d < 9; digits *= 10 {
				d++
			}
		}
		values = append(values, written(v, d)+unit)
		if isFactor {
			v = float64(v * by)
		} else {
			v = low + float64(float64(k)*by)
			v = math.Round(v*1e9) / 1e9
		}
	}
	return values, nil
}

// written writes a number with at most so many decimals.
func written(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// newSpan is a range of which samples have four digits of its width.
func newSpan(low, high float64, unit string, whole bool) *span {
	s := &span{low: low, high: high, unit: unit, whole: whole}
	for width := high - low; width < 1000 && s.decimals < 9; width *= 10 {
		s.decimals++
	}
	return s
}

// at is the value at a share u of the axis, 0 <= u < 1: each whole number and each
// element of a list has the same part of it.
func (a *Axis) at(u float64) string {
	s := a.span
	switch {
	case s == nil:
		return a.Values[int(float64(u*float64(len(a.Values))))]
	case s.whole:
		return written(s.low+math.Floor(u*(s.high-s.low+1)), 0)
	}
	return written(s.low+float64(u*(s.high-s.low)), s.decimals) + s.unit
}

// label is how the axis was written.
func (a *Axis) label() string {
	if s := a.span; s != nil {
		return written(s.low, 9) + s.unit + ".." + written(s.high, 9) + s.unit
	}
	return "[" + strings.Join(a.Values, ", ") + "]"
}
