package strict

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Set changes one value, as a command line flag does: path=value. The value is
// YAML on one line, such as 300s, none or {kind: linear, time: 60s}. For errors
// found here or when decoding, origin stands for the file and "path=value" for
// its only line. See SetNode for the path.
func (d *Document) Set(path, value, origin string) Diagnostics {
	s, problem := newSource(origin, []byte(path+"="+value))
	if problem != nil {
		return Diagnostics{*problem}
	}
	root, problem := s.value(path, value)
	if problem != nil {
		return Diagnostics{*problem}
	}
	return d.SetNode(&Node{kind: scalar, text: path, src: s, line: 1, column: 1}, root)
}

// Apply changes the values named by the keys of set, a mapping from paths to
// values, in its order. The values are copied and keep their places.
func (d *Document) Apply(set *Node) Diagnostics {
	if set.IsZero() {
		return nil
	}
	if set.kind != mapping {
		return Diagnostics{set.Position().diagnose("paths and values are expected", "write {path: value, ...}")}
	}
	var found Diagnostics
	for path, value := range set.Entries() {
		found = append(found, d.SetNode(path, value.clone())...)
	}
	return found
}

// SetNode makes value the value of a path. The text of the scalar path is read
// as by At; beyond that,
//
//   - a key that does not exist is added, with the keys above it, to be judged
//     when decoding;
//   - below a word x stands {kind: x, ...}, below none a mapping without a kind,
//     and below a word x in a list {name: x, ...};
//   - an element that stands for several names, as ex[1-4] does, is split so
//     that only the one named changes.
//
// Errors: no such list element, several of one name, path too deep.
func (d *Document) SetNode(path, value *Node) Diagnostics {
	w := setter{path: path, rest: path.text}
	if w.rest == "" || strings.Count(w.rest, ".")+strings.Count(w.rest, "[") > MaxDepth {
		return Diagnostics{path.Position().diagnose("the path is empty or too deep", "")}
	}
	if problem := w.set(d.root, value); problem != nil {
		return Diagnostics{*problem}
	}
	return nil
}

// A setter walks along a path.
type setter struct {
	path *Node
	rest string // what remains of the path
	done []step
}

// set makes value the value of the rest of the path below n.
func (w *setter) set(n, value *Node) *Diagnostic {
	for {
		switch n.kind {
		case scalar:
			n.open(kindKey, w.at())
			continue
		case list:
			if problem := w.split(n); problem != nil {
				return problem
			}
		}
		found := n.follow(w.rest)
		switch {
		case len(found) > 1:
			return w.refuse(fmt.Sprintf("%s has %d elements called %s", w.where(), len(found), quote(found[0].step.name)), "write an index such as [0]")
		case len(found) == 0 && n.kind == list:
			return w.noElement(n)
		case len(found) == 0:
			found = []match{w.add(n)}
		}
		m := found[0]
		key := w.key(m.step.key)
		w.rest = m.rest
		if n.kind == mapping && w.rest == "" {
			n.keys[m.i] = key
		}
		if w.rest == "" {
			n.items[m.i] = value
			return nil
		}
		w.done = append(w.done, m.step)
		if n.kind == list && n.items[m.i].kind == scalar {
			n.items[m.i].open("name", w.at())
		}
		n = n.items[m.i]
	}
}

// key returns a node for the key at the front of the rest of the path.
func (w *setter) key(text string) *Node {
	p := w.at()
	return &Node{kind: scalar, text: text, src: p.src, line: p.Line, column: p.Column}
}

// at returns the place of the rest of the path.
func (w *setter) at() Position {
	p := w.path.Position()
	p.Column += utf8.RuneCountInString(strings.TrimSuffix(w.path.text, w.rest))
	if w.path.quoted {
		p.Column++
	}
	p.width = utf8.RuneCountInString(w.rest)
	return p
}

func (w *setter) refuse(text, hint string) *Diagnostic {
	d := w.at().diagnose(text, hint)
	d.Path = longPath(w.done)
	return &d
}

// where names the list or mapping that the walk has reached.
func (w *setter) where() string {
	if len(w.done) == 0 {
		return "the file"
	}
	return longPath(w.done)
}

// add appends the key at the front of the rest of the path to a mapping, with
// an empty mapping as its value.
func (w *setter) add(n *Node) match {
	end := strings.IndexAny(w.rest, ".[")
	if end <= 0 {
		end = len(w.rest)
	}
	key := w.key(w.rest[:end])
	n.keys = append(n.keys, key)
	n.items = append(n.items, &Node{kind: mapping, src: key.src, line: key.line, column: key.column})
	return match{len(n.items) - 1, step{key: key.text}, strings.TrimPrefix(w.rest[end:], ".")}
}

// open turns a word into the mapping that it stands for: {key: word}, or {} for
// none and for no value. The mapping is there because of the path at a place.
func (n *Node) open(key string, at Position) {
	word := *n
	*n = Node{kind: mapping, src: at.src, line: at.Line, column: at.Column}
	if key == kindKey && (word.isNull() || word.text == "none") {
		return
	}
	n.keys = []*Node{{kind: scalar, text: key, implied: key == kindKey, src: word.src, line: word.line, column: word.column}}
	n.items = []*Node{&word}
}

// noElement explains that the list n has no element for the rest of the path.
func (w *setter) noElement(n *Node) *Diagnostic {
	if i, _, ok := cutIndex(w.rest); ok {
		return w.refuse(fmt.Sprintf("%s has no element [%d]", w.where(), i), fmt.Sprintf("it has %d, counted from 0", len(n.items)))
	}
	var labels []string
	for _, item := range n.items {
		if label := item.label(); label != "" {
			labels = append(labels, label)
		}
	}
	word, _, _ := strings.Cut(w.rest, ".")
	return w.refuse(fmt.Sprintf("%s has no element %s", w.where(), quote(word)), didYouMean(word, labels, "elements are"))
}

// split replaces an element of the list n that stands for several names, one of
// which is at the front of the rest of the path, by up to three: the names
// before it, itself, the names after it.
func (w *setter) split(n *Node) *Diagnostic {
	if len(n.follow(w.rest)) > 0 {
		return nil
	}
	for i, item := range n.items {
		pattern := item.label()
		if !strings.Contains(pattern, "[") {
			continue
		}
		for name := range prefixes(w.rest) {
			if !matches(pattern, name) {
				continue
			}
			before, after, ok := splitPattern(pattern, name)
			if !ok {
				return w.refuse(fmt.Sprintf("%s is one of %s", quote(name), quote(pattern)), "write it as an element of its own")
			}
			var parts []*Node
			for _, names := range []string{before, name, after} {
				if names != "" {
					parts = append(parts, item.renamed(names))
				}
			}
			n.items = append(n.items[:i:i], append(parts, n.items[i+1:]...)...)
			return nil
		}
	}
	return nil
}

// prefixes yields the beginnings of a path that may be a name, longest first.
func prefixes(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for end := len(path); end > 0; end = strings.LastIndexAny(path[:end], ".[") {
			if !yield(path[:end]) {
				return
			}
		}
	}
}

// renamed returns a copy of a list element that stands for names.
func (n *Node) renamed(names string) *Node {
	c := n.clone()
	if c.kind == scalar {
		c.text = names
		return c
	}
	for i, key := range c.keys {
		if (key.text == "names" || key.text == "name") && c.items[i].text == n.name() {
			if !strings.Contains(names, "[") {
				key.text = "name"
			}
			c.items[i].text = names
			break
		}
	}
	return c
}
