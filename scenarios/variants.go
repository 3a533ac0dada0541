package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/lb"
	"lbsim/scenarios/strict"
)

// Bounds on variants. Each is a copy of the whole file, read on its own.
const (
	maxVariants     = 200       // in a list
	maxGrid         = 1000      // combinations of a grid
	maxVariantNodes = 4_000_000 // keys and values, in all variants together
)

// checkCount reports more variants than can be read.
func (l *loader) checkCount(doc *strict.Document, v *Variants) bool {
	n := v.count()
	switch {
	case len(v.Axes) > 0 && n > maxGrid:
		l.bad(doc, "variants", fmt.Sprintf("the axes have more than %d combinations", maxGrid), "drop values, or make several scenarios")
	case len(v.Axes) == 0 && n > maxVariants:
		l.bad(doc, "variants", fmt.Sprintf("%d variants are too many; at most %d are possible", n, maxVariants), "")
	case n*doc.Nodes() > maxVariantNodes:
		l.bad(doc, "variants", fmt.Sprintf("%d variants are too many for a file as long as this", n), "write patterns such as ex[1-400] in place of long lists")
	default:
		return true
	}
	return false
}

// checkVariant checks the name of a variant, or of an axis's value, at a path,
// which names has if it is not new, and that it does not set what is the same for
// all variants.
func (l *loader) checkVariant(doc *strict.Document, at string, v *Variant, names map[string]bool) {
	switch {
	case v.Name == "" && !l.found.Hide(doc.Path(at+".name")):
		l.bad(doc, at, "the variant has no name", "write {name: ..., set: {...}}")
	case len(v.Name) > maxName:
		l.bad(doc, at+".name", fmt.Sprintf("the name is longer than %d characters", maxName), "")
	case names[v.Name] && v.Name != "":
		l.bad(doc, at+".name", fmt.Sprintf("variant %q exists already", v.Name), "each variant needs a name of its own")
	}
	names[v.Name] = true
	for path := range v.Set.Entries() {
		text, _ := path.Text()
		if key, _, _ := strings.Cut(text, "."); slices.Contains(common, key) {
			l.found = append(l.found, path.Position().Diagnostic(strict.Error, key+" is the same for all variants", "set it at the top of the file"))
		}
	}
}

// common are the keys that hold for all variants of a file: comparing them
// would mean nothing otherwise.
var common = []string{"name", "about", "seed", "duration", "warmup", "replications", "batches", "session", "variants", "sizing", "expect", "tables", "plots"}

// NoVariant as the Against of a variant says that it is compared with none.
const NoVariant = "none"

// against returns the name of the variant that element i of the list at a path is
// compared with, or "" for none.
func (l *loader) against(doc *strict.Document, list string, variants []Variant, i int) string {
	name := variants[i].Against
	switch {
	case name == NoVariant || name == "" && i == 0:
		return ""
	case name == "":
		return variants[0].Name
	}
	var earlier []string
	for _, v := range variants[:i] {
		if v.Name == name {
			return name
		}
		earlier = append(earlier, v.Name)
	}
	hint := "write none, or one of " + quoteAll(earlier)
	if near := l.nearest(name, earlier); near != "" {
		hint = "did you mean " + near + "?"
	}
	l.bad(doc, fmt.Sprintf("%s[%d].against", list, i), fmt.Sprintf("%q is not an earlier variant", name), hint)
	return ""
}

// apply returns a copy of the document with a variant's changes.
func (l *loader) apply(doc *strict.Document, x *version) (changed *strict.Document, ok bool) {
	changed, ok = doc.Clone(), true
	for _, part := range x.parts {
		if problems := changed.Apply(&part.Set); problems != nil {
			l.found = append(l.found, problems...)
			ok = false
		}
	}
	return changed, ok
}

// In reports whether the variant has one of the names, or a value of an axis that
// has.
func (p *Plan) In(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return name == p.Name || slices.Contains(p.At, name) })
}

// VariantNames lists the variants that the file has; none if it does not speak
// of variants.
func (f *File) VariantNames() (names []string) {
	if f.Scenario.Variants.none() {
		return nil
	}
	for i := range f.Variants {
		names = append(names, f.Variants[i].Name)
	}
	return names
}

// nameVariants says of the warnings that hold for some variants only for which.
func (f *File) nameVariants() {
	in := map[strict.Diagnostic][]*Plan{}
	for i := range f.Variants {
		p := &f.Variants[i]
		for _, w := range p.Warnings {
			in[w.Finding()] = append(in[w.Finding()], p)
		}
	}
	const most = 4 // names that are listed
	for i := range f.Warnings {
		w := &f.Warnings[i]
		plans := in[w.Finding()]
		var names []string
		for _, p := range plans {
			names = append(names, p.Name)
		}
		words, all := f.Scenario.Variants.where(plans)
		switch n := len(plans); {
		case n == 0 || n == len(f.Variants):
		case n == 1:
			w.Text = "variant " + names[0] + ": " + w.Text
		case all:
			w.Text = "variants with " + words + ": " + w.Text
		case n <= most:
			w.Text = "variants " + strings.Join(names, ", ") + ": " + w.Text
		default:
			w.Text = fmt.Sprintf("%d of %d variants (%s, ...): %s", n, len(f.Variants), strings.Join(names[:most-1], ", "), w.Text)
		}
	}
}

// CountsSessions reports whether broken sessions are counted: where any variant
// keeps clients on servers, also in those that do not, and where the file asks
// for them.
func (f *File) CountsSessions() bool {
	return f.Scenario.asksForSessions() || slices.ContainsFunc(f.Variants, func(p Plan) bool {
		return slices.ContainsFunc(p.Config.Balancer.Services, func(s lb.Service) bool { return p.Persists(&s) })
	})
}

// asksForSessions reports whether the scenario has a limit on broken sessions, or
// a table of them.
func (s *Scenario) asksForSessions() bool {
	const prefix = "broken_sessions"
	return slices.ContainsFunc(s.Tables, func(name string) bool { return strings.HasPrefix(name, prefix) }) ||
		slices.ContainsFunc(s.Expect, func(e Expectation) bool { return strings.HasPrefix(e.Metric, prefix) })
}
