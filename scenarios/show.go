package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/lb"
	"lbsim/scenarios/strict"
)

// Show returns the scenario with every default in full, as YAML.
//
// Defaults and a product's values stand where a file is silent, and what is shown
// is silent nowhere: a variant of another product or algorithm is given the values
// that it would not get any more.
func (f *File) Show() ([]byte, error) {
	s := *f.Scenario
	text, err := strict.Encode(&s, Policies)
	if err != nil || s.Variants.none() {
		return text, err
	}
	shown, problems := strict.Parse(f.Name(), text)
	if problems != nil {
		return text, nil // with all defaults it is longer than a file may be
	}
	if len(s.Variants.Axes) > 0 {
		v, ok, err := f.showGrid(shown)
		if err != nil {
			return nil, err
		}
		if s.Variants = v; ok {
			return strict.Encode(&s, Policies)
		}
	}
	// A list, as it is or of the combinations.
	s.Expect = f.showExpectations()
	s.Variants, err = f.showList(shown)
	if err != nil {
		return nil, err
	}
	return strict.Encode(&s, Policies)
}

// showExpectations returns the expectations for variants in a list: instead of a
// value of an axis they name the combinations with it.
func (f *File) showExpectations() []Expectation {
	v := &f.Scenario.Variants
	list := slices.Clone(f.Scenario.Expect)
	for i := range list {
		var names []string
		for _, in := range list[i].In {
			if len(v.axesOf(in)) == 0 {
				names = append(names, in)
				continue
			}
			for _, x := range v.versions() {
				if slices.ContainsFunc(x.parts, func(part *Variant) bool { return part.Name == in }) {
					names = append(names, x.name)
				}
			}
		}
		list[i].In = names
	}
	return list
}

// showList returns the variants as a list, with what it takes for each to mean
// among what is shown what it means in the file.
func (f *File) showList(shown *strict.Document) (v Variants, err error) {
	for i, x := range f.Scenario.Variants.versions() {
		one := *x.parts[0]
		if x.at != nil {
			one = x.single()
		}
		if err := complement(shown, x.parts, &one.Set, f.Variants[i].Scenario); err != nil {
			return v, err
		}
		v.Listed = append(v.Listed, one)
	}
	return v, nil
}

// single returns a variant of a grid as one of a list.
func (x *version) single() Variant {
	one := Variant{Name: x.name, Against: x.against}
	if x.against == "" {
		one.Against = NoVariant
	}
	for _, part := range x.parts {
		for key, value := range part.Set.Entries() {
			text, _ := key.Text()
			one.Set = one.Set.With(text, value)
		}
	}
	return one
}

// showGrid returns the grid with what it takes for each of its values, where it
// is the only change, to mean among what is shown what it means in the file. ok is
// false if their combinations do not: then they have to be shown one by one.
func (f *File) showGrid(shown *strict.Document) (v Variants, ok bool, err error) {
	var l loader
	for _, axis := range f.Scenario.Variants.Axes {
		axis.Values = slices.Clone(axis.Values)
		for i := range axis.Values {
			value := &axis.Values[i]
			doc := f.doc.Clone()
			doc.Apply(&value.Set)
			meant := l.read(l.withProducts(doc))
			before := *value
			if err := complement(shown, []*Variant{&before}, &value.Set, meant); err != nil {
				return v, false, err
			}
		}
		v.Axes = append(v.Axes, axis)
	}
	if l.checkApart(shown, &v); l.found != nil {
		return v, false, nil
	}
	for i, x := range v.versions() {
		var rest strict.Node
		if err := complement(shown, x.parts, &rest, f.Variants[i].Scenario); err != nil || !rest.IsZero() {
			return v, false, err
		}
	}
	return v, true, nil
}

// read reads a document. A mistake is one more difference from what is meant.
func (l *loader) read(doc *strict.Document) *Scenario {
	s := &Scenario{}
	strict.SetDefaults(s)
	doc.Decode(s, Policies)
	s.complete()
	return s
}

// complement adds to set what it takes, beyond some changes, to get from what is
// shown to what is meant.
func complement(shown *strict.Document, parts []*Variant, set *strict.Node, meant *Scenario) error {
	doc := shown.Clone()
	for _, part := range parts {
		doc.Apply(&part.Set)
	}
	var l loader
	got := l.read(l.withProducts(doc))
	if err := addDifferences(set, "balancer", &got.Balancer, &meant.Balancer, "services"); err != nil {
		return err
	}
	for i := range min(len(got.Balancer.Services), len(meant.Balancer.Services)) {
		is, should := &got.Balancer.Services[i], &meant.Balancer.Services[i]
		if err := addDifferences(set, pathOf(should, i), is, should, ""); err != nil {
			return err
		}
	}
	return nil
}

// addDifferences adds to set the values of a struct at a path, but for one, that
// are not as they should be.
func addDifferences(set *strict.Node, path string, is, should any, but string) error {
	old, err := strict.EncodeNode(is, Policies)
	if err != nil {
		return err
	}
	meant, err := strict.EncodeNode(should, Policies)
	if err != nil {
		return err
	}
	for key, value := range meant.Entries() {
		text, _ := key.Text()
		if n := old.Field(text); text != but && (n == nil || !n.Equal(value)) {
			*set = set.With(path+"."+text, value)
		}
	}
	return nil
}

// pathOf returns the path of a service, by name if that cannot be mistaken.
func pathOf(s *lb.Service, i int) string {
	if s.Name == "" || strings.ContainsAny(s.Name, ".[]=") {
		return fmt.Sprintf("balancer.services[%d]", i)
	}
	return "balancer.services." + s.Name
}
