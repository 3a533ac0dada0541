package scenarios

import (
	"math"
	"strconv"
	"strings"

	"lbsim/scenarios/strict"
)

// Limit is a number with the unit of the metric that it limits: a duration
// (250ms), a share (0.1%), a rate (5/s) or a plain number (2.5). It is kept in
// seconds, as a share of 1, or per second.
type Limit struct {
	Value float64
	unit  unit
	text  string
}

// ParseScalar implements strict.Scalar.
func (l *Limit) ParseScalar(text string) error {
	l.text = text
	var err error
	switch {
	case strings.HasSuffix(text, "%"):
		s, e := strict.ParseShare(text)
		l.Value, l.unit, err = float64(s), share, e
	case strings.Contains(text, "/"):
		r, e := strict.ParseRate(text)
		l.Value, l.unit, err = float64(r), rate, e
	case len(text) > 0 && strings.ContainsRune("usmhd", rune(text[len(text)-1])):
		d, e := strict.ParseDuration(text)
		l.Value, l.unit, err = d.Seconds(), duration, e
	default:
		l.Value, err = strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(l.Value) || math.IsInf(l.Value, 0) || strings.ContainsAny(text, "xX_pP") {
			return strict.Mistake{Text: strconv.Quote(text) + " is not a limit", Hint: "write a number, or one with a unit as in 250ms, 0.1% or 5/s"}
		}
	}
	return err
}

// FormatScalar implements strict.Scalar.
func (l *Limit) FormatScalar() string {
	if l.text == "" {
		return strconv.FormatFloat(l.Value, 'g', -1, 64)
	}
	return l.text
}
