package strict

import (
	"fmt"

	"lbsim/models/flow"
)

// mistake reports an error about the value at n.
func (d *decoder) mistake(n *Node, m Mistake) {
	if d.full() {
		return
	}
	text := m.Text
	if len(d.path) > 0 {
		text = shortPath(d.path) + ": " + text
	}
	hides := longPath(d.path)
	if hides == "" {
		hides = everything
	}
	d.report(n, text, m.Hint, hides)
}

// report keeps a diagnostic at the place of a node.
func (d *decoder) report(at *Node, text, hint, hides string) {
	diagnostic := at.Position().diagnose(text, hint)
	diagnostic.Path, diagnostic.hides = longPath(d.path), hides
	d.found = append(d.found, diagnostic)
}

// mistakeAt reports an error about n, which is one step further.
func (d *decoder) mistakeAt(s step, n *Node, m Mistake) {
	d.path = append(d.path, s)
	d.mistake(n, m)
	d.path = d.path[:len(d.path)-1]
}

// full counts a mistake that is not kept because there are too many.
func (d *decoder) full() bool {
	if len(d.found) < maxKept {
		return false
	}
	d.dropped++
	return true
}

// duplicate reports a key that the mapping had before. first remembers them.
func (d *decoder) duplicate(first map[string]*Node, key *Node) bool {
	before, ok := first[key.text]
	if !ok {
		first[key.text] = key
		return false
	}
	if !d.full() {
		d.report(key, fmt.Sprintf("the field %s is given twice%s", quote(key.text), d.inside()),
			fmt.Sprintf("the first is on line %d", before.line), "")
	}
	return true
}

// unknownField reports a key of n that is not in s, the fields of a struct or
// of a kind of policy p.
func (d *decoder) unknownField(n, key *Node, s *shape, p *Policy) {
	if d.full() {
		return
	}
	hint := didYouMean(key.text, s.keys(), "fields are")
	meant := flow.Nearest(key.text, s.keys())
	if len(s.fields) == 1 && meant == "" && n.find(s.fields[0].key) < 0 {
		meant = s.fields[0].key
		hint = "the only field here is " + meant
	}
	if other := s.alias(key.text); meant == "" && other != "" {
		meant, hint = other, "here it is "+other
	}
	hidden := step{key: key.text}
	if meant != "" && n.find(meant) < 0 {
		hidden.key = meant
	}
	hides := longPath(append(d.path[:len(d.path):len(d.path)], hidden))
	if p != nil && flow.Nearest(key.text, s.keys()) == "" {
		switch owners := d.owners(key.text, p); {
		case len(owners) > 0:
			hint = fmt.Sprintf("%s belongs to kind %s", clip(key.text), enumerate(owners))
		case len(s.fields) == 0:
			hint = "this kind has no fields"
		}
	}
	d.report(key, fmt.Sprintf("unknown field %s%s", quote(key.text), d.inside()), hint, hides)
}

// owners lists the kinds of p that have a field called key.
func (d *decoder) owners(key string, p *Policy) []string {
	var names []string
	for _, k := range p.Kinds {
		_, params := parameters(k.New())
		if _, ok := d.shapes.of(params.Type()).byKey[key]; ok {
			names = append(names, k.Name)
		}
	}
	return names
}

// inside names the current mapping: " in balancer.services.mail".
func (d *decoder) inside() string {
	if len(d.path) == 0 {
		return ""
	}
	return " in " + longPath(d.path)
}

// notFields explains a value that stands where fields are expected.
func notFields(n *Node, s *shape) Mistake {
	m := Mistake{Text: "fields are expected"}
	switch {
	case n.kind == list:
		m.Text += ", not a list"
	case n.kind == scalar:
		m.Text += ", not " + quote(n.text)
	}
	for _, key := range s.keys() {
		if n.kind == scalar && len(n.text) > len(key) && n.text[:len(key)+1] == key+":" {
			m.Hint = "put a space after the colon"
			return m
		}
	}
	if keys := s.keys(); len(keys) > 0 {
		m.Hint = "fields are " + enumerate(keys)
	}
	return m
}
