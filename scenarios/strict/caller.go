package strict

import "lbsim/models/flow"

// For callers who check more than the types say:

// Nearest returns the candidate that word was probably meant to be, or "".
func Nearest(word string, candidates []string) string { return nearest(word, candidates) }

// Mistake puts an error about the value at a path at its place, with its hint
// if it is a Mistake.
func (d *Document) Mistake(path string, err error) Diagnostic {
	m := mistaken(err)
	return d.Problem(flow.Problem{Path: path, Text: m.Text, Hint: m.Hint})
}
