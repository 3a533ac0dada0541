package place

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models/flow"
)

// checks collects what is wrong with a platform's parameters.
type checks struct{ problems []flow.Problem }

func (c *checks) add(path, text, hint string) {
	c.problems = append(c.problems, flow.Problem{Path: path, Text: text, Hint: hint})
}

func (c *checks) word(path, value string, known ...string) {
	if !slices.Contains(known, value) {
		c.add(path, fmt.Sprintf("%q is unknown", value), "one of "+strings.Join(known, ", "))
	}
}

func (c *checks) number(path string, value, least, most int) {
	if value < least || value > most {
		c.add(path, fmt.Sprintf("%d is not between %d and %d", value, least, most), "")
	}
}

func (c *checks) float(path string, value, least, most float64) {
	if !(value >= least && value <= most) {
		c.add(path, fmt.Sprintf("%v is not between %v and %v", value, least, most), "")
	}
}

func (c *checks) duration(path string, value, least, most time.Duration) {
	if value < least || value > most {
		c.add(path, fmt.Sprintf("%v is not between %v and %v", value, least, most), "")
	}
}

func (c *checks) share(path string, value flow.Share) {
	if !(value >= 0 && value <= 1) {
		c.add(path, fmt.Sprintf("%v is not between 0 and 1", float64(value)), "write a share such as 25%")
	}
}
