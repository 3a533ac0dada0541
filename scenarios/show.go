package scenarios

import (
	"fmt"
	"strings"

	"lbsim/models/lb"
	"lbsim/scenarios/strict"
)

// Show returns the scenario with every default in full, as YAML.
//
// A product's values stand where a file is silent, and what is shown is silent
// nowhere: a variant of another product, or of an algorithm with which a product
// goes on otherwise, is given the values that it would not get any more.
func (f *File) Show() ([]byte, error) {
	s := *f.Scenario
	text, err := strict.Encode(&s, Policies)
	if err != nil || len(s.Variants) == 0 {
		return text, err
	}
	shown, problems := strict.Parse(f.Name(), text)
	if problems != nil {
		return text, nil // with all defaults it is longer than a file may be
	}
	s.Variants = append([]Variant(nil), s.Variants...)
	for i := range s.Variants {
		if err := f.showVariant(shown, &s.Variants[i], f.Variants[i].Scenario); err != nil {
			return nil, err
		}
	}
	return strict.Encode(&s, Policies)
}

// showVariant adds to a variant's changes what it takes to get from what is
// shown to what the variant means.
func (f *File) showVariant(shown *strict.Document, v *Variant, meant *Scenario) error {
	doc := shown.Clone()
	doc.Apply(&v.Set)
	if !namesProduct(doc) {
		return nil
	}
	var l loader
	got := &Scenario{}
	strict.SetDefaults(got)
	// A mistake is one more difference.
	l.withProducts(doc).Decode(got, Policies)
	got.complete()
	for i := range min(len(got.Balancer.Services), len(meant.Balancer.Services)) {
		is, err := strict.EncodeNode(&got.Balancer.Services[i], Policies)
		if err != nil {
			return err
		}
		should, err := strict.EncodeNode(&meant.Balancer.Services[i], Policies)
		if err != nil {
			return err
		}
		for key, value := range should.Entries() {
			text, _ := key.Text()
			if old := is.Field(text); old == nil || !old.Equal(value) {
				v.Set = v.Set.With(pathOf(&meant.Balancer.Services[i], i)+"."+text, value)
			}
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
