package strict

import (
	"fmt"
	"strconv"
	"strings"
)

// A span is one bracket of a name pattern: the text before it and the numbers
// from low to high, padded with zeros to width digits.
type span struct {
	before    string
	low, high int
	width     int
}

// number writes one number of the span.
func (s span) number(i int) string { return fmt.Sprintf("%0*d", s.width, i) }

// contains reports whether n, written as digits, is one of the span's numbers.
func (s span) contains(n int, digits string) bool {
	return s.low <= n && n <= s.high && s.number(n) == digits
}

// ExpandNames returns the names that a pattern stands for: "ex[1-4]" for ex1 to
// ex4, "ex[01-12]" with zeros, "rack[1-2]ex[1-4]" for all combinations, the
// last number running fastest; a name without brackets for itself. At most
// limit names are made. Errors, of type Mistake: empty name, brackets without a
// range or not closed, range downwards, more than limit names.
func ExpandNames(pattern string, limit int) ([]string, error) {
	spans, tail, err := parsePattern(pattern)
	if err != nil {
		return nil, err
	}
	total := 1
	for _, s := range spans {
		count := s.high - s.low + 1
		if total > limit/count {
			return nil, Mistake{fmt.Sprintf("%s stands for more than %d names", quote(pattern), limit), ""}
		}
		total *= count
	}
	names := make([]string, 1, total)
	for _, s := range spans {
		longer := make([]string, 0, total)
		for _, name := range names {
			for i := s.low; i <= s.high; i++ {
				longer = append(longer, name+s.before+s.number(i))
			}
		}
		names = longer
	}
	for i := range names {
		names[i] += tail
	}
	return names, nil
}

// parsePattern cuts a pattern into its spans and what follows the last one.
func parsePattern(pattern string) (spans []span, tail string, err error) {
	if pattern == "" {
		return nil, "", Mistake{"a name is empty", ""}
	}
	const hint = "write a range such as ex[1-4] or ex[01-12]"
	rest := pattern
	for {
		before, after, found := strings.Cut(rest, "[")
		if strings.Contains(before, "]") {
			return nil, "", Mistake{quote(pattern) + " has a ] without a [ before it", hint}
		}
		if !found {
			return spans, rest, nil
		}
		inside, next, closed := strings.Cut(after, "]")
		if !closed {
			return nil, "", Mistake{quote(pattern) + " has a [ without a ] after it", hint}
		}
		low, high, _ := strings.Cut(inside, "-")
		s := span{before: before}
		var okLow, okHigh bool
		s.low, okLow = index(low)
		s.high, okHigh = index(high)
		switch {
		case !okLow || !okHigh:
			return nil, "", Mistake{fmt.Sprintf("%s: [%s] is not a range", quote(pattern), printable(clip(inside))), hint}
		case s.high < s.low:
			return nil, "", Mistake{fmt.Sprintf("%s: the range runs from %s down to %s", quote(pattern), low, high), fmt.Sprintf("write [%s-%s]", high, low)}
		}
		if strings.HasPrefix(low, "0") && len(low) > 1 {
			s.width = len(low)
		}
		spans, rest = append(spans, s), next
	}
}

// index reads a number of at most nine digits.
func index(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// splitPattern takes name out of a pattern with one bracket and returns the
// patterns of the names before and after it, "" for none. ok is false if the
// pattern does not contain name, or has not exactly one bracket.
func splitPattern(pattern, name string) (before, after string, ok bool) {
	spans, tail, err := parsePattern(pattern)
	if err != nil || len(spans) != 1 {
		return "", "", false
	}
	s := spans[0]
	digits, found := strings.CutPrefix(name, s.before)
	digits, foundTail := strings.CutSuffix(digits, tail)
	n, isNumber := index(digits)
	if !found || !foundTail || !isNumber || !s.contains(n, digits) {
		return "", "", false
	}
	part := func(low, high int) string {
		switch {
		case low > high:
			return ""
		case low == high:
			return s.before + s.number(low) + tail
		}
		return fmt.Sprintf("%s[%s-%s]%s", s.before, s.number(low), s.number(high), tail)
	}
	return part(s.low, n-1), part(n+1, s.high), true
}

// matches reports whether pattern stands for name.
func matches(pattern, name string) bool {
	spans, tail, err := parsePattern(pattern)
	if err != nil {
		return pattern == name
	}
	return matchSpans(spans, tail, name)
}

func matchSpans(spans []span, tail, name string) bool {
	if len(spans) == 0 {
		return name == tail
	}
	rest, found := strings.CutPrefix(name, spans[0].before)
	if !found {
		return false
	}
	// Where the number ends is open if a digit follows it in the pattern.
	for end := 1; end <= min(9, len(rest)); end++ {
		n, isNumber := index(rest[:end])
		if !isNumber {
			break
		}
		if spans[0].contains(n, rest[:end]) && matchSpans(spans[1:], tail, rest[end:]) {
			return true
		}
	}
	return false
}
