package nginxconf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lbsim/scenarios/convert"
)

// units are nginx's units of time, from the longest to the shortest: a time is a row
// of numbers with units in this order (ngx_parse_time, src/core/ngx_parse.c). A
// number without a unit is seconds.
var units = []struct {
	name string
	unit time.Duration
}{
	{"y", 365 * 24 * time.Hour}, {"M", 30 * 24 * time.Hour}, {"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour},
	{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"", time.Second},
}

// parseTime reads a time such as 90, 1m30s or 500ms; milliseconds only where nginx
// counts in them.
func parseTime(text string, milliseconds bool) (sum time.Duration, ok bool) {
	rest, last := text, -1
	for rest != "" {
		digits := strings.TrimLeft(rest, "0123456789")
		n, err := strconv.ParseInt(rest[:len(rest)-len(digits)], 10, 64)
		if err != nil {
			return 0, false
		}
		end := strings.IndexAny(digits, " 0123456789")
		if end < 0 {
			end = len(digits)
		}
		i := last + 1
		for i < len(units) && units[i].name != digits[:end] {
			i++
		}
		if i == len(units) || units[i].name == "ms" && !milliseconds || n > (math.MaxInt64-int64(sum))/int64(units[i].unit) {
			return 0, false
		}
		sum += time.Duration(n) * units[i].unit
		last, rest = i, strings.TrimLeft(digits[end:], " ")
	}
	return sum, text != ""
}

// time reads a time among the directive's arguments.
func (d *directive) time(what, text string, milliseconds bool) (time.Duration, error) {
	t, ok := parseTime(text, milliseconds)
	if !ok {
		return 0, d.fail("write 10s or 1m", "%s %s is not a time", what, shownName(text))
	}
	return t, nil
}

// number reads a number of at least a lower bound. Numbers beyond what a scenario
// can say are cut there.
func (d *directive) number(what, text string, least int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil && strings.Trim(text, "0123456789") == "" && text != "" {
		return 0, d.fail("", "%s %s is too large", what, shownName(text))
	}
	if err != nil || n < least || strings.HasPrefix(text, "+") {
		return 0, d.fail("", "%s %s is not a number of at least %d", what, shownName(text), least)
	}
	return n, nil
}

// duration writes a time as a scenario has it.
func duration(t time.Duration) string {
	switch {
	case t%time.Hour == 0 && t > 0:
		return fmt.Sprintf("%dh", t/time.Hour)
	case t%time.Minute == 0 && t > 0:
		return fmt.Sprintf("%dm", t/time.Minute)
	case t%time.Second == 0:
		return fmt.Sprintf("%ds", t/time.Second)
	}
	return fmt.Sprintf("%dms", t/time.Millisecond)
}

// remark is what becomes of a directive.
func (d *directive) remark(why string, args ...any) convert.Remark {
	return convert.Remark{Line: d.begin.line, Text: convert.Printable(d.String()), Why: printing(fmt.Sprintf(why, args...))}
}

// printing replaces what does not print by dots.
func printing(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '.'
		}
		return r
	}, text)
}

// longestName is how many bytes a name in a scenario has at most, with room for a
// number behind it.
const longestName = 90

// scenarioName is a text as a name that a scenario can have: without what does not
// print, and without brackets, which stand for several names.
func scenarioName(text string) string {
	name := strings.NewReplacer("[", "", "]", "").Replace(printing(text))
	for len(name) > longestName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	return strings.TrimSpace(name)
}
