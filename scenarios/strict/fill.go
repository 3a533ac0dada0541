package strict

import (
	"strings"
	"unicode/utf8"
)

// ParseValue reads a value that is not written in a file, for Fill. The place of
// a mistake in it is the only line, "path=value", of origin.
func ParseValue(path, value, origin string) (*Node, Diagnostics) {
	s, problem := newSource(origin, []byte(path+"="+value))
	if problem != nil {
		return nil, Diagnostics{*problem}
	}
	n, problem := s.value(path, value)
	if problem != nil {
		return nil, Diagnostics{*problem}
	}
	return n, nil
}

// value reads the value in the only line of s, which is "path=value".
func (s *source) value(path, value string) (*Node, *Diagnostic) {
	if len(s.lines) != 1 {
		return nil, s.refuse(1, 1, "a path and a value on one line are expected", "")
	}
	start := utf8.RuneCountInString(path) + 1
	// Spaces in place of the path: the YAML library then counts columns right.
	root, problem := load(s, []byte(strings.Repeat(" ", start)+value))
	if problem != nil && problem.Text == emptyText {
		problem = s.refuse(1, start+1, "the value is missing", "")
	}
	return root, problem
}

// Lookup returns the value at a path, nil if there is none. Where a word stands
// for fields, as round-robin does for {kind: round-robin} and ex1 in a list for
// {name: ex1}, it is found under the key that it stands for, too.
func (d *Document) Lookup(path string) *Node {
	n, inList := d.root, false
	for path != "" {
		if n.kind == scalar {
			if path == wordKey(inList) {
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
	return n
}

// wordKey is the key of what a word alone stands for.
func wordKey(inList bool) string {
	if inList {
		return "name"
	}
	return kindKey
}

// Fill puts a copy of value at a path where the document says nothing, and
// returns it. It returns nil, and changes nothing, if there is a value, or if a
// list or an empty value is in the way. Unlike Set it lets a word such as none
// mean what it means when fields join it: {kind: none, ...}.
func (d *Document) Fill(path string, value *Node) *Node {
	if !d.open(path) {
		return nil
	}
	n, inList := d.root, false
	for {
		if n.kind == scalar {
			word := *n
			*n = Node{
				kind: mapping, src: word.src, line: word.line, column: word.column,
				keys:  []*Node{{kind: scalar, text: wordKey(inList), implied: !inList, src: word.src, line: word.line, column: word.column}},
				items: []*Node{&word},
			}
		}
		found := n.follow(path)
		if len(found) == 0 {
			break
		}
		inList = n.kind == list
		n, path = n.items[found[0].i], found[0].rest
	}
	for {
		key, rest, more := strings.Cut(path, ".")
		item := &Node{kind: mapping, src: value.src, line: value.line, column: value.column}
		if !more {
			item = value.clone()
		}
		n.keys = append(n.keys, &Node{kind: scalar, text: key, src: value.src, line: value.line, column: value.column})
		n.items = append(n.items, item)
		if !more {
			return item
		}
		n, path = item, rest
	}
}

// open reports whether the document says nothing at a path and could.
func (d *Document) open(path string) bool {
	n, inList := d.root, false
	for path != "" {
		if n.kind == scalar {
			return !n.isNull() && path != wordKey(inList)
		}
		found := n.follow(path)
		if len(found) == 0 {
			return n.kind == mapping
		}
		inList = n.kind == list
		n, path = n.items[found[0].i], found[0].rest
	}
	return false
}

// Unfold turns the word at a path into the fields {key: word}.
func (d *Document) Unfold(path, key string) {
	n := d.Lookup(path)
	if n == nil || n.kind != scalar {
		return
	}
	word := *n
	*n = Node{
		kind: mapping, src: word.src, line: word.line, column: word.column,
		keys:  []*Node{{kind: scalar, text: key, src: word.src, line: word.line, column: word.column}},
		items: []*Node{&word},
	}
}

// Rename gives a key of the mapping at a path another name, unless it has that
// already.
func (d *Document) Rename(path, from, to string) {
	n := d.Lookup(path)
	if n == nil || n.kind != mapping || n.find(to) >= 0 {
		return
	}
	if i := n.find(from); i >= 0 {
		key := *n.keys[i]
		key.text = to
		n.keys[i] = &key
	}
}
