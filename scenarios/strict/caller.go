package strict

import "lbsim/models/flow"

// For callers who check more than the types say:

// Path returns the path to a value in the reader's words: list elements are
// given by their names. See At for the argument.
func (d *Document) Path(path string) string {
	_, steps := d.locate(path)
	return longPath(steps)
}

// Nodes returns the number of keys and values.
func (d *Document) Nodes() int { return d.root.count() }

func (n *Node) count() int {
	total := 1 + len(n.keys)
	for _, item := range n.items {
		total += item.count()
	}
	return total
}

// Mistake puts an error about the value at a path at its place, with its hint
// if it is a Mistake.
func (d *Document) Mistake(path string, err error) Diagnostic {
	m := mistaken(err)
	return d.Problem(flow.Problem{Path: path, Text: m.Text, Hint: m.Hint})
}
