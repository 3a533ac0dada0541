package strict

import (
	"fmt"
	"strings"

	"lbsim/models/flow"
)

// A step leads from a mapping to the value of a key, or from a list to an
// element.
type step struct {
	key   string // "" for an element
	index int
	name  string // of the element, if it has one
}

// word returns the step as a part of a path.
func (s step) word() string {
	switch {
	case s.key != "":
		return printable(clip(s.key))
	case s.name != "":
		return printable(clip(s.name))
	}
	return fmt.Sprintf("[%d]", s.index)
}

// longPath writes all steps: balancer.services.mail.scheduler.
func longPath(steps []step) string {
	var b strings.Builder
	for _, s := range steps {
		word := s.word()
		if b.Len() > 0 && word[0] != '[' {
			b.WriteByte('.')
		}
		b.WriteString(word)
	}
	return b.String()
}

// shortPath writes the last key and what it belongs to, enough next to a source
// line: scheduler.kind, servers.ex1.cores.
func shortPath(steps []step) string {
	from := max(0, len(steps)-2)
	if from > 0 && steps[from].key == "" {
		from-- // an element without its list says little
	}
	return longPath(steps[from:])
}

// name returns what a list element is called: the text of its field name or
// names, or "".
func (n *Node) name() string {
	for _, key := range []string{"name", "names"} {
		if v := n.get(key); v != nil && v.kind == scalar && !v.isNull() {
			return v.text
		}
	}
	return ""
}

// A match is one way to read the beginning of a path in a node.
type match struct {
	i    int    // index of the item
	step step   // what was read
	rest string // what remains of the path, without the dot
}

// cutWord takes word off the front of path. rest is what follows the dot.
func cutWord(path, word string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, word)
	switch {
	case !ok || word == "":
		return "", false
	case rest == "" || rest[0] == '[':
		return rest, true
	case rest[0] == '.':
		return rest[1:], true
	}
	return "", false
}

// cutIndex takes an index such as [0] off the front of path.
func cutIndex(path string) (i int, rest string, ok bool) {
	inside, rest, closed := strings.Cut(strings.TrimPrefix(path, "["), "]")
	i, isNumber := index(inside)
	if !closed || !isNumber || !strings.HasPrefix(path, "[") {
		return 0, "", false
	}
	return i, strings.TrimPrefix(rest, "."), true
}

// follow reads the first step of path in n: a key, the index of an element or
// its name. Names may contain dots, so the longest one that fits is taken.
// matches holds more than one only for list elements of the same name.
func (n *Node) follow(path string) (matches []match) {
	longest := -1
	consider := func(m match, length int) {
		if length > longest {
			matches, longest = nil, length
		}
		if length == longest {
			matches = append(matches, m)
		}
	}
	switch n.kind {
	case mapping:
		for i, key := range n.keys {
			if rest, ok := cutWord(path, key.text); ok && len(key.text) > longest {
				consider(match{i, step{key: key.text}, rest}, len(key.text))
			}
		}
	case list:
		if i, rest, ok := cutIndex(path); ok {
			if i < len(n.items) {
				consider(match{i, step{index: i, name: n.items[i].name()}, rest}, 0)
			}
			return matches
		}
		for i, item := range n.items {
			name := item.label()
			if rest, ok := cutWord(path, name); ok {
				consider(match{i, step{index: i, name: name}, rest}, len(name))
			}
		}
	}
	return matches
}

// label is the word by which a path refers to a list element: its name, or the
// element itself if it is a word.
func (n *Node) label() string {
	if n.kind == scalar {
		return n.text
	}
	return n.name()
}

// At returns the place of a value. path consists of keys joined by dots; list
// elements are given by name or by index, as in balancer.services.mail.port or
// servers[0].cores. Where the path does not exist, it is the place of the
// deepest part that does, or the file as a whole. For lists and mappings it is
// the place of their key.
func (d *Document) At(path string) Position {
	at, _ := d.locate(path)
	return at
}

// locate returns the position for At and the steps that path takes, as far as
// they exist.
func (d *Document) locate(path string) (Position, []step) {
	n, at := d.root, Position{File: d.src.file}
	var steps []step
	for path != "" {
		found := n.follow(path)
		if len(found) == 0 {
			break
		}
		m := found[0]
		key := n
		if n.kind == mapping {
			key = n.keys[m.i]
		}
		n = n.items[m.i]
		at = n.Position()
		if m.step.key != "" && (n.kind != scalar || n.isNull()) {
			at = key.Position()
		}
		steps, path = append(steps, m.step), m.rest
	}
	if path != "" { // the rest of the path is new to the reader: show it as it is
		steps = append(steps, step{key: path})
	}
	return at, steps
}

// Problem puts a problem found after decoding at its place in the document.
func (d *Document) Problem(p flow.Problem) Diagnostic {
	at, steps := d.locate(p.Path)
	text := p.Text
	if text != "" && strings.ContainsRune("-0123456789", rune(text[0])) && !d.has(p.Path) {
		text = "it is not given, and the default " + text
	}
	if len(steps) > 0 {
		text = shortPath(steps) + ": " + text
	}
	diagnostic := at.diagnose(text, p.Hint)
	diagnostic.Path = longPath(steps)
	return diagnostic
}

// has reports whether the value at a path is in the document.
func (d *Document) has(path string) bool {
	n := d.root
	for path != "" {
		found := n.follow(path)
		if len(found) == 0 {
			return false
		}
		n, path = n.items[found[0].i], found[0].rest
	}
	return true
}

// Check runs flow.Check on a decoded value and returns what Decode found
// together with the problems, at their places and in file order. A problem is
// left out if it most likely follows from a mistake: at the same place, of a
// value that could not be read, or of a struct with such a field.
func (d *Document) Check(decoded any, found Diagnostics) Diagnostics {
	type place struct {
		file         string
		line, column int
	}
	mistaken := map[place]bool{}
	var problems Diagnostics
	for _, f := range found {
		mistaken[place{f.File, f.Line, f.Column}] = f.Line > 0
	}
	for _, p := range flow.Check(decoded) {
		problem := d.Problem(p)
		if mistaken[place{problem.File, problem.Line, problem.Column}] ||
			found.Hide(problem.Path) || found.hidePart(problem.Path) {
			continue
		}
		problems = append(problems, problem)
	}
	found = append(found, problems...)
	found.Sort()
	return found
}
