package strict

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is the number of findings that Render prints in full.
const maxShown = 100

// Render writes the findings for a person to read:
//
//	mine.yaml:21:7: error: unknown field "slowstart" in balancer.services.mail
//	    21 |       slowstart: {time: 300s}
//	       |       ^ did you mean slow_start?
//
// with an empty line between two of them. After 100 it only counts the rest.
// With color, ANSI sequences mark the place and the severity. The error is that
// of w.
func (d Diagnostics) Render(w io.Writer, color bool) error {
	var b strings.Builder
	for i, f := range d {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == maxShown {
			rest := 0
			for _, f := range d[i:] {
				rest += max(1, f.more)
			}
			fmt.Fprintf(&b, "and %d more\n", rest)
			break
		}
		f.render(&b, palette(color))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// palette says whether to write ANSI sequences.
type palette bool

func (p palette) paint(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (f Diagnostic) render(b *strings.Builder, p palette) {
	severity := p.paint("1;31", string(f.Severity)+":")
	if f.Severity == Warning {
		severity = p.paint("1;33", string(f.Severity)+":")
	}
	place := f.place()
	if strings.HasPrefix(f.File, "--") { // a flag has one line, which follows
		place = f.File + ": "
	}
	fmt.Fprintf(b, "%s%s %s\n", p.paint("1", place), severity, f.Text)
	hint := strings.Split(f.Hint, "\n")
	if f.Line == 0 {
		for _, line := range hint {
			if line != "" {
				fmt.Fprintf(b, "       %s\n", line)
			}
		}
		return
	}
	fmt.Fprintf(b, "%6d | %s\n", f.Line, f.Source)
	pad := padding(f.Source, f.caret)
	fmt.Fprintf(b, "       | %s%s", pad, p.paint("1;32", "^"))
	for i, line := range hint {
		if i > 0 {
			fmt.Fprintf(b, "       | %s ", pad)
		}
		if line != "" {
			line = " " + p.paint("32", line)
		}
		b.WriteString(line + "\n")
	}
}

// padding returns the spaces that are as wide on a terminal as the first n
// characters of s. Chinese, Japanese, Korean characters and emoji take two
// columns, combining marks none.
func padding(s string, n int) string {
	columns := 0
	for _, r := range s {
		if n--; n < 0 {
			break
		}
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul),
			0xff01 <= r && r <= 0xff60, 0x1f300 <= r && r <= 0x1faff:
			columns += 2
		default:
			columns++
		}
	}
	return strings.Repeat(" ", columns)
}

// maxExcerpt is the number of characters of a source line that are shown.
const maxExcerpt = 120

// excerpt returns line as it can be shown, and the index that column (from 1)
// has in it. Of a long line it returns the surroundings of column. Characters
// that could disturb a terminal are replaced one by one, tabs by a space.
func excerpt(line string, column int) (text string, caret int) {
	start := max(0, column-1-maxExcerpt/2)
	long := utf8.RuneCountInString(line) > maxExcerpt
	if !long {
		start = 0
	}
	var b strings.Builder
	if start > 0 {
		b.WriteRune('…')
		caret = 1
	}
	i := -1
	for _, r := range line {
		if i++; i < start {
			continue
		}
		if i >= start+maxExcerpt {
			b.WriteRune('…')
			break
		}
		if r == '\t' {
			r = ' '
		}
		b.WriteRune(visible(r))
	}
	return b.String(), caret + max(0, column-1-start)
}

// visible returns r, or the replacement character for what does not print:
// control characters, and the invisible ones that reorder text.
func visible(r rune) rune {
	if r == ' ' || unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}

// printable returns s with what does not print replaced.
func printable(s string) string {
	return strings.Map(visible, s)
}

// maxQuoted is the number of characters of a value that a message repeats.
const maxQuoted = 60

// quote returns s between quotes for a message: control characters escaped,
// cut when long.
func quote(s string) string {
	return fmt.Sprintf("%q", clip(s))
}

// clip shortens s to what a message can hold.
func clip(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxQuoted {
			return s[:i] + "…"
		}
	}
	return s
}
