package strict

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// syntaxError puts an error of the YAML library into plain words.
func (s *source) syntaxError(err error) *Diagnostic {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		return s.refuse(0, 0, "not valid YAML: "+err.Error(), "")
	}
	at, opened := s.place(e.Mark), s.place(e.ContextMark)
	says := func(words string) bool { return strings.Contains(e.Message, words) }
	scanning := func(words string) bool { return strings.Contains(e.ContextMsg, words) }
	text, hint := "", ""
	switch {
	case says(errDepth.Error()):
		text = fmt.Sprintf("more than %d lists and mappings inside each other", MaxDepth)
	case says("cannot start any token"):
		text, hint = s.badStart(at)
	case says("mapping values are not allowed"):
		text, hint = `unexpected ":"`, `if the value contains ": ", put it between quotes; otherwise check how far the line is indented`
	case says("block sequence entries are not allowed"):
		text, hint = `unexpected "-"`, "begin the list on a line of its own, or write [a, b]"
	case says("did not find expected ',' or ']'"):
		text, hint = unclosed("list", "[", "]", at, opened)
		at = pick(at, opened, s)
	case says("did not find expected ',' or '}'"):
		text, hint = unclosed("mapping", "{", "}", at, opened)
		at = pick(at, opened, s)
	case scanning("quoted scalar") && says("end of stream"), scanning("quoted scalar") && says("document indicator"):
		at, text, hint = opened, "the quote that opens here is never closed", ""
	case says("unknown escape character"):
		text, hint = "unknown escape after \\", `write \\ for a backslash, or use single quotes`
	case says("did not find expected key"):
		text, hint = "this does not continue the mapping that starts on line "+fmt.Sprint(opened.Line), "fields of one mapping begin in the same column; after a quoted value nothing may follow"
	case says("did not find expected '-' indicator"):
		text, hint = "this does not continue the list that starts on line "+fmt.Sprint(opened.Line), `elements of one list begin with "- " in the same column`
	case says("did not find expected node content"):
		text, hint = "a value is expected here", ""
	case says("unknown anchor"):
		text, hint = "nothing is marked with the name that this * refers to", "mark it before with &name; put text that begins with * between quotes"
	case says("could not find expected ':'"):
		at, text, hint = opened, "a colon and a space are missing after the key", "write key: value"
	case says("tab character"):
		text, hint = "a tab cannot indent a line", "use spaces"
	case says("did not find expected <document start>"):
		text, hint = "nothing may follow here: the document has ended", ""
	case scanning("directive"), says("YAML document"), says("directive"):
		text, hint = "lines that begin with % are not supported", ""
	default:
		text = "not valid YAML: " + e.Message
	}
	return s.refuse(at.Line, at.Column, text, hint)
}

// place turns a mark of the YAML library into one that exists: an error at the
// end of the file may be marked behind the last line.
func (s *source) place(m yaml.Mark) Position {
	p := Position{Line: max(1, m.Line), Column: max(1, m.Column)}
	if p.Line > len(s.lines) {
		p.Line = len(s.lines)
		p.Column = len([]rune(s.lines[p.Line-1])) + 1
	}
	return p
}

// unclosed describes a list or mapping in brackets that goes wrong at a place,
// having been opened at another.
func unclosed(what, open, end string, at, opened Position) (text, hint string) {
	if at.Line != opened.Line {
		return fmt.Sprintf("the %s that opens here is not closed", what), fmt.Sprintf("a comma or %s is missing, at the latest on line %d", end, at.Line)
	}
	return fmt.Sprintf("a comma or %s is expected here", end), fmt.Sprintf("the %s opens with %s in column %d", what, open, opened.Column)
}

// pick returns the place for the message of unclosed.
func pick(at, opened Position, s *source) Position {
	if at.Line != opened.Line {
		return opened
	}
	return at
}

// badStart explains a character that no value can begin with.
func (s *source) badStart(at Position) (text, hint string) {
	line := []rune(s.lines[at.Line-1])
	if at.Column > len(line) {
		return "a value is expected here", ""
	}
	c := line[at.Column-1]
	if c == '\t' {
		return "a tab cannot indent a line", "use spaces"
	}
	return fmt.Sprintf("a value cannot begin with %c", c), "put it between quotes"
}
