package convert

import (
	"fmt"
	"strings"
	"unicode"
)

// A LineError is something wrong at one place of an input file.
type LineError struct {
	File      string
	Line, Col int    // counted from 1; columns in bytes
	Text      string // what is wrong, in the user's words
	Hint      string // how to mend it; "" if that is obvious
	Source    string // the line itself, printable; "" if it is not to be shown
}

// Error returns the place and the text, and below them, where there is
// something to show, the line with a mark under the column, and the hint.
func (e *LineError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: error: %s", e.File, e.Line, e.Col, e.Text)
	if e.Source == "" && e.Hint == "" {
		return b.String()
	}
	column := 1
	if e.Source != "" {
		fmt.Fprintf(&b, "\n%6d | %s", e.Line, e.Source)
		column = min(e.Col, len([]rune(e.Source))+1)
	}
	mark := "^ " + e.Hint
	fmt.Fprintf(&b, "\n       | %s%s", strings.Repeat(" ", column-1), strings.TrimSpace(mark))
	return b.String()
}

// shownText is how many characters of a line are shown to the user.
const shownText = 80

// printable returns the start of a line fit for a terminal: what does not
// print becomes a dot, as in a hex dump.
func printable(line []byte) string {
	var b strings.Builder
	n := 0
	for _, r := range string(line[:min(len(line), 4*shownText)]) {
		if n == shownText {
			break
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			r = '.'
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
