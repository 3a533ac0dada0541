package flow

import (
	"fmt"
	"strings"
	"time"
)

// Checks collects what is wrong with a configuration; see Validator for the
// paths.
type Checks []Problem

// Add reports a problem.
func (c *Checks) Add(path, text, hint string) {
	*c = append(*c, Problem{Path: path, Text: text, Hint: hint})
}

// Number reports a number that is not between two others.
func (c *Checks) Number(path string, value, least, most int) {
	if value < least || value > most {
		c.Add(path, fmt.Sprintf("%d is not between %d and %d", value, least, most), "")
	}
}

// Float reports a number that is not between two others, or none at all.
func (c *Checks) Float(path string, value, least, most float64) {
	if !(value >= least && value <= most) {
		c.Add(path, fmt.Sprintf("%g is not between %g and %g", value, least, most), "")
	}
}

// Duration reports a duration that is not between two others.
func (c *Checks) Duration(path string, value, least, most time.Duration) {
	if value < least || value > most {
		c.Add(path, fmt.Sprintf("%s is not between %s and %s", span(value), span(least), span(most)), "")
	}
}

// span writes a duration without the minutes and seconds that it does not have.
func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Share reports a share that is not one.
func (c *Checks) Share(path string, value Share) {
	*c = append(*c, CheckShare(path, value)...)
}

// Word reports a word that is not one of those that are known.
func (c *Checks) Word(path, word string, known ...string) {
	*c = append(*c, OneOf(path, word, known...)...)
}
