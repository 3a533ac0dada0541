package strict

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// source is a text that nodes point into.
type source struct {
	file  string
	lines []string
}

// A Position is a place in a source. The zero Position is nowhere.
type Position struct {
	File         string
	Line, Column int // from 1; columns count characters

	src   *source
	width int
}

// diagnose makes an error at p. What does not print is replaced in text and
// hint, which may repeat words of the file.
func (p Position) diagnose(text, hint string) Diagnostic {
	lines := strings.Split(hint, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	d := Diagnostic{File: p.File, Severity: Error, Text: printable(text), Hint: strings.Join(lines, "\n")}
	if p.src == nil || p.Line < 1 || p.Line > len(p.src.lines) {
		return d
	}
	d.Line, d.Column, d.Width = p.Line, max(1, p.Column), max(1, p.width)
	d.Source, d.caret = excerpt(p.src.lines[p.Line-1], d.Column)
	return d
}

// Diagnostic makes a finding of the given severity at p.
func (p Position) Diagnostic(s Severity, text, hint string) Diagnostic {
	d := p.diagnose(text, hint)
	d.Severity = s
	return d
}

type nodeKind uint8

const (
	absent nodeKind = iota
	scalar
	list
	mapping
)

// A Node is a piece of YAML with the place it came from. A struct field of this
// type takes any value as it is. The zero Node is absent.
type Node struct {
	kind nodeKind
	// text is the value of a scalar without quotes.
	text string
	// quoted is set for scalars in quotes and block text: never null, never
	// a number.
	quoted bool
	// implied is set for the key "kind" that Set puts before a word which it
	// finds where fields are expected. It may not be a policy's after all.
	implied bool
	// keys are the scalars before the colons of a mapping; items its values, or
	// the elements of a list.
	keys, items []*Node

	src          *source
	line, column int
}

// IsZero reports whether the node is absent.
func (n *Node) IsZero() bool { return n.kind == absent }

// Text returns the value of a scalar, without quotes; ok is false for a list,
// a mapping and an absent node.
func (n *Node) Text() (text string, ok bool) { return n.text, n.kind == scalar }

// Elements returns the elements of a list, nil for anything else.
func (n *Node) Elements() []*Node {
	if n.kind != list {
		return nil
	}
	return n.items
}

// Entries yields the keys and values of a mapping in file order, nothing for
// anything else.
func (n *Node) Entries() iter.Seq2[*Node, *Node] {
	return func(yield func(key, value *Node) bool) {
		for i, key := range n.keys {
			if !yield(key, n.items[i]) {
				return
			}
		}
	}
}

// Field returns the value of a mapping's key, nil if it has none.
func (n *Node) Field(key string) *Node { return n.get(key) }

// Equal reports whether two nodes are written alike; their places may differ.
func (n *Node) Equal(other *Node) bool {
	return n.kind == other.kind && n.text == other.text && n.quoted == other.quoted &&
		slices.EqualFunc(n.keys, other.keys, (*Node).Equal) && slices.EqualFunc(n.items, other.items, (*Node).Equal)
}

// With returns a copy of a mapping, or of the absent node, with one entry more,
// or with another value for its key.
func (n *Node) With(key string, value *Node) Node {
	c := *n
	c.kind = mapping
	c.keys, c.items = slices.Clone(n.keys), slices.Clone(n.items)
	c.put(&Node{kind: scalar, text: key}, value)
	return c
}

// Position returns where the node starts.
func (n *Node) Position() Position {
	p := Position{Line: n.line, Column: n.column, src: n.src, width: 1}
	if n.src == nil {
		return p
	}
	p.File = n.src.file
	if n.kind == scalar && n.line >= 1 && n.line <= len(n.src.lines) {
		p.width = n.width(n.src.lines[n.line-1])
	}
	return p
}

// width returns the number of characters that a scalar takes in its line, or 1
// where the text does not show it directly.
func (n *Node) width(line string) int {
	if len(n.text) > maxExcerpt {
		return 1
	}
	i := 0
	for column := 1; column < n.column && i < len(line); column++ {
		_, size := utf8.DecodeRuneInString(line[i:])
		i += size
	}
	characters := utf8.RuneCountInString(n.text)
	switch rest := line[i:]; {
	case n.text != "" && strings.HasPrefix(rest, n.text):
		return characters
	case rest != "" && (rest[0] == '"' || rest[0] == '\'') && strings.HasPrefix(rest[1:], n.text):
		return characters + 2
	}
	return 1
}

// isNull reports whether the node is a scalar without a value: empty, ~ or
// null, not in quotes.
func (n *Node) isNull() bool {
	if n.kind != scalar || n.quoted {
		return false
	}
	switch n.text {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// find returns the index of the first entry of a mapping with this key, or -1.
func (n *Node) find(key string) int {
	for i, k := range n.keys {
		if k.text == key {
			return i
		}
	}
	return -1
}

// get returns the value of a mapping's key, or nil.
func (n *Node) get(key string) *Node {
	if i := n.find(key); i >= 0 {
		return n.items[i]
	}
	return nil
}

// put replaces the value of key, or appends the entry.
func (n *Node) put(key, value *Node) {
	if i := n.find(key.text); i >= 0 {
		n.keys[i], n.items[i] = key, value
		return
	}
	n.keys, n.items = append(n.keys, key), append(n.items, value)
}

// clone returns a deep copy.
func (n *Node) clone() *Node {
	c := *n
	c.keys, c.items = cloneAll(n.keys), cloneAll(n.items)
	return &c
}

func cloneAll(nodes []*Node) []*Node {
	if nodes == nil {
		return nil
	}
	copies := make([]*Node, len(nodes))
	for i, n := range nodes {
		copies[i] = n.clone()
	}
	return copies
}

// A Document is one parsed file. It is not safe for concurrent changes.
type Document struct {
	root *Node
	src  *source
}

// File returns the name given to Parse.
func (d *Document) File() string { return d.src.file }

// Root returns the outermost node.
func (d *Document) Root() *Node { return d.root }

// Clone returns a copy that can be changed by Set and Apply independently.
func (d *Document) Clone() *Document {
	return &Document{root: d.root.clone(), src: d.src}
}
