package strict

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lbsim/models/flow"
)

// Severity tells whether a diagnostic prevents the file from being used.
type Severity string

const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Diagnostic is one finding about a file, at its place.
type Diagnostic struct {
	// File is the name given to Parse, or the origin given to Set.
	File string `json:"file"`
	// Line and Column count from 1, columns in characters. Line 0 means the
	// file as a whole.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Width is the number of characters concerned, from Column on; at least 1
	// when Line is not 0.
	Width    int      `json:"width,omitempty"`
	Severity Severity `json:"severity"`
	// Path leads to the value in the reader's words, list elements by their
	// name: balancer.services.mail.scheduler. It may be empty.
	Path string `json:"path,omitempty"`
	Text string `json:"text"`
	// Hint, when not empty, says how to mend it.
	Hint string `json:"hint,omitempty"`
	// Source is the source line; of a very long one, the part around Column.
	Source string `json:"source,omitempty"`

	// caret is the index in Source, in characters, that Column points at.
	caret int
	// hides is the path to the value that could not be read because of this
	// mistake, "" if there is none. With a misspelt key, it is the value of the
	// key that was probably meant.
	hides string
	// more is the number of mistakes that a finding stands for which counts
	// those that are not listed, else 0.
	more int
}

// everything is what a mistake hides when the whole file could not be read.
const everything = "*"

// Error returns the diagnostic in one line: place, severity, text and hint.
func (d Diagnostic) Error() string {
	s := d.place() + string(d.Severity) + ": " + d.Text
	if d.Hint != "" {
		s += " (" + strings.ReplaceAll(d.Hint, "\n", " ") + ")"
	}
	return s
}

// place returns "file:line:column: ", as far as known.
func (d Diagnostic) place() string {
	switch {
	case d.Line > 0:
		return fmt.Sprintf("%s:%d:%d: ", printable(d.File), d.Line, d.Column)
	case d.File != "":
		return printable(d.File) + ": "
	}
	return ""
}

// Diagnostics are the findings about one or several files.
type Diagnostics []Diagnostic

// Sort brings the findings into file order and drops repetitions, which arise
// when several variants of one file are decoded. Files keep the order of their
// first finding, and findings at one place keep theirs.
func (d *Diagnostics) Sort() {
	rank := map[string]int{}
	for _, f := range *d {
		if _, ok := rank[f.File]; !ok {
			rank[f.File] = len(rank)
		}
	}
	slices.SortStableFunc(*d, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(rank[a.File], rank[b.File]),
			cmp.Compare(a.more, b.more),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column))
	})
	seen := make(map[Diagnostic]bool, len(*d))
	*d = slices.DeleteFunc(*d, func(f Diagnostic) bool {
		f = f.Finding()
		repeated := seen[f]
		seen[f] = true
		return repeated
	})
}

// Finding returns what is the same in two diagnostics that say the same: one
// place reached by two paths is one mistake.
func (f Diagnostic) Finding() Diagnostic {
	f.Path, f.hides = "", ""
	return f
}

// Hide reports whether the value at a path, or one that it lies in, could not
// be read because of a mistake among d: what is said about it, such as that it
// is missing, most likely follows from that. List elements are given by name.
func (d Diagnostics) Hide(path string) bool {
	return slices.ContainsFunc(d, func(f Diagnostic) bool {
		rest, inside := strings.CutPrefix(path, f.hides)
		return f.hides == everything || f.hides != "" && inside && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// hidePart reports whether a field of the struct at a path, or an element of the
// list there, could not be read.
func (d Diagnostics) hidePart(path string) bool {
	return path != "" && slices.ContainsFunc(d, func(f Diagnostic) bool {
		field, inside := strings.CutPrefix(f.hides, path+".")
		return inside && !strings.ContainsAny(field, ".[") || strings.HasPrefix(f.hides, path+"[")
	})
}

// Err returns d as an error if it holds at least one Error, otherwise nil.
func (d Diagnostics) Err() error {
	if !slices.ContainsFunc(d, func(f Diagnostic) bool { return f.Severity == Error }) {
		return nil
	}
	return d
}

// Error renders all findings without colour.
func (d Diagnostics) Error() string {
	var b strings.Builder
	d.Render(&b, false) // a Builder does not fail
	return strings.TrimRight(b.String(), "\n")
}

// Summary counts the findings: "4 errors, 1 warning".
func (d Diagnostics) Summary() string {
	count := map[Severity]int{}
	for _, f := range d {
		count[f.Severity] += max(1, f.more)
	}
	var parts []string
	for _, s := range []Severity{Error, Warning} {
		switch n := count[s]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+string(s))
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, s))
		}
	}
	if parts == nil {
		return "no errors"
	}
	return strings.Join(parts, ", ")
}

// A Mistake is an error about one value, with an optional hint how to mend it.
// The parsers of this package return it, and ParseScalar and FromScalar
// methods may, so that text and hint reach the reader separately; those of models
// return a flow.Problem without a path.
type Mistake struct {
	Text string
	Hint string
}

func (m Mistake) Error() string {
	if m.Hint == "" {
		return m.Text
	}
	return m.Text + " (" + m.Hint + ")"
}

// mistaken splits err into text and hint.
func mistaken(err error) Mistake {
	if m, ok := errors.AsType[Mistake](err); ok {
		return m
	}
	if p, ok := errors.AsType[flow.Problem](err); ok && p.Path == "" {
		return Mistake{p.Text, p.Hint}
	}
	return Mistake{Text: err.Error()}
}
