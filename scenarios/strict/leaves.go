package strict

import (
	"fmt"
	"reflect"
)

// A Leaf is a value of a struct as Encode writes it: a word, or a list of words.
type Leaf struct {
	// Path leads to it, list elements by their index, as for At.
	Path string
	// Text is the value in YAML.
	Text string
}

// Leaves lists the values that Encode would write, in that order.
func Leaves(v any, policies Policies) ([]Leaf, error) {
	e := encoder{policies: policies, shapes: shapes{}}
	n := e.fields(addressable(reflect.Indirect(reflect.ValueOf(v))))
	if e.err != nil {
		return nil, e.err
	}
	return n.leaves("", nil), nil
}

func (n *Node) leaves(path string, out []Leaf) []Leaf {
	switch h := height(n); {
	case n.kind == mapping:
		for i, key := range n.keys {
			at := key.text
			if path != "" {
				at = path + "." + at
			}
			out = n.items[i].leaves(at, out)
		}
	case n.kind == list && h > 1:
		for i, item := range n.items {
			out = item.leaves(fmt.Sprintf("%s[%d]", path, i), out)
		}
	default:
		text, _ := oneLine(n, 1<<30)
		out = append(out, Leaf{path, text})
	}
	return out
}

// Source returns the node that gave a leaf its value, nil if the document says
// nothing of it. A word may stand for several fields, as 5ms for a constant
// distribution of that mean: it gave those that have its text.
func (d *Document) Source(l Leaf) *Node {
	n, inList := d.root, false
	for path := l.Path; path != ""; {
		if n.kind == scalar {
			if text, _ := oneLine(n, 1<<30); path == wordKey(inList) || n.text == l.Text || text == l.Text {
				return n
			}
			return nil
		}
		found := n.follow(path)
		if len(found) == 0 {
			return nil
		}
		inList = n.kind == list
		n, path = n.items[found[0].i], found[0].rest
	}
	if kind := n.get(kindKey); n.kind == mapping && kind != nil {
		return kind
	}
	return n
}
