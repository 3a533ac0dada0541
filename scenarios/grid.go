package scenarios

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"lbsim/scenarios/strict"
)

// Variants are the versions of a scenario: a list of variants, or a grid, whose
// axes have values of which every combination is a variant.
type Variants struct {
	Listed []Variant
	Axes   []Axis
}

// Axis is one of the ways in which the variants of a grid differ.
type Axis struct {
	Name   string
	Values []Variant
}

// Names returns the names of the axis's values.
func (a *Axis) Names() (names []string) {
	for i := range a.Values {
		names = append(names, a.Values[i].Name)
	}
	return names
}

// List implements strict.ListOrFields.
func (v *Variants) List() any { return &v.Listed }

// Field implements strict.ListOrFields.
func (v *Variants) Field(name string) any {
	v.Axes = append(v.Axes, Axis{Name: name})
	return &v.Axes[len(v.Axes)-1].Values
}

// Fields implements strict.ListOrFields.
func (v *Variants) Fields() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i := range v.Axes {
			if !yield(v.Axes[i].Name, &v.Axes[i].Values) {
				return
			}
		}
	}
}

// none reports whether the file says nothing of variants.
func (v *Variants) none() bool { return len(v.Listed) == 0 && len(v.Axes) == 0 }

// count returns the number of variants; of a grid with more than maxGrid, a
// number above that.
func (v *Variants) count() int {
	if len(v.Axes) == 0 {
		return len(v.Listed)
	}
	n := 1
	for i := range v.Axes {
		if n *= len(v.Axes[i].Values); n > maxGrid {
			break
		}
	}
	return n
}

// version is a variant with everything that makes it up.
type version struct {
	name, against string
	// at is the place of its values on the axes; nil in a list.
	at []int
	// parts are what it changes, in order: one element of a list, or a value of
	// each axis.
	parts []*Variant
}

// comma stands between the values of a variant's name.
const comma = ", "

// versions returns all variants in order; of a grid, the first axis is the
// slowest. One of too many has none.
func (v *Variants) versions() (out []version) {
	for i := range v.Listed {
		one := &v.Listed[i]
		out = append(out, version{name: one.Name, against: one.Against, parts: []*Variant{one}})
	}
	n := v.count()
	if len(v.Axes) == 0 || n > maxGrid {
		return out
	}
	for i := range n {
		at, rest := make([]int, len(v.Axes)), i
		for a := len(at) - 1; a >= 0; a-- {
			values := len(v.Axes[a].Values)
			at[a], rest = rest%values, rest/values
		}
		out = append(out, v.at(at))
	}
	return out
}

// at returns the variant at a place of the grid. It is compared with the first
// value of the first axis, or the one that its own value names, where all else
// is the same.
func (v *Variants) at(place []int) version {
	x := version{at: place}
	names := make([]string, len(place))
	for a, k := range place {
		value := &v.Axes[a].Values[k]
		names[a] = value.Name
		x.parts = append(x.parts, value)
	}
	x.name = strings.Join(names, comma)
	switch against := x.parts[0].Against; {
	case against == NoVariant || against == "" && place[0] == 0:
	case against == "":
		names[0] = v.Axes[0].Values[0].Name
		x.against = strings.Join(names, comma)
	default:
		names[0] = against
		x.against = strings.Join(names, comma)
	}
	return x
}

// find returns the variant of a name.
func (v *Variants) find(name string) (version, bool) {
	all := v.versions()
	i := slices.IndexFunc(all, func(x version) bool { return x.name == name })
	if i < 0 {
		return version{}, false
	}
	return all[i], true
}

// values returns the names of the values of all axes.
func (v *Variants) values() (names []string) {
	for i := range v.Axes {
		names = append(names, v.Axes[i].Names()...)
	}
	return names
}

// axesOf returns the names of the axes that have a value of this name.
func (v *Variants) axesOf(value string) (names []string) {
	for i := range v.Axes {
		if slices.Contains(v.Axes[i].Names(), value) {
			names = append(names, v.Axes[i].Name)
		}
	}
	return names
}

// checkGrid checks the axes and their values, before they are combined.
func (l *loader) checkGrid(doc *strict.Document, v *Variants) {
	for a := range v.Axes {
		axis, at := &v.Axes[a], "variants."+v.Axes[a].Name
		switch {
		case axis.Name == "":
			l.bad(doc, "variants", "an axis has no name", "write {mode: [{name: ..., set: {...}}, ...], servers: [...]}")
		case len(axis.Name) > maxName:
			l.bad(doc, at, fmt.Sprintf("the name is longer than %d characters", maxName), "")
		case len(axis.Values) == 0 && !l.found.Hide(doc.Path(at)):
			l.bad(doc, at, "the axis has no values", "write [{name: ..., set: {...}}, ...]")
		}
		names := map[string]bool{}
		for i := range axis.Values {
			l.checkVariant(doc, fmt.Sprintf("%s[%d]", at, i), &axis.Values[i], names)
			switch {
			case a == 0:
				l.against(doc, at, axis.Values, i)
			case axis.Values[i].Against != "":
				l.bad(doc, fmt.Sprintf("%s[%d].against", at, i), "variants are compared along the first axis, "+v.Axes[0].Name, "put first what is to be compared")
			}
		}
	}
	l.checkApart(doc, v)
}

// checkApart reports paths that two axes set: one would undo the other.
func (l *loader) checkApart(doc *strict.Document, v *Variants) {
	type setting struct {
		axis  int
		value string
	}
	set := map[string]setting{}
	for a := range v.Axes {
		for i := range v.Axes[a].Values {
			value := &v.Axes[a].Values[i]
			for key := range value.Set.Entries() {
				text, _ := key.Text()
				path := doc.Path(text)
				if before, ok := covered(set, path); ok && before.axis != a {
					l.found = append(l.found, key.Position().Diagnostic(strict.Error,
						fmt.Sprintf("axes %s and %s both set %s", v.Axes[before.axis].Name, v.Axes[a].Name, text),
						fmt.Sprintf("%s would undo what %s does; let one axis do both", quote(value.Name), quote(before.value))))
				}
				if _, ok := set[path]; !ok {
					set[path] = setting{a, value.Name}
				}
			}
		}
	}
}

// covered returns the first, by path, of the settings that setting a path would
// undo: its own, or that of something within it.
func covered[T any](set map[string]T, path string) (found T, ok bool) {
	least := ""
	for p, x := range set {
		rest, within := strings.CutPrefix(p, path)
		if within && (rest == "" || rest[0] == '.' || rest[0] == '[') && (!ok || p < least) {
			found, least, ok = x, p, true
		}
	}
	return found, ok
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// where says of some of a grid's variants which they are, if they are all that
// have certain values: "source-ip or url-hash; 20 groups". ok is false if they
// are not.
func (v *Variants) where(plans []*Plan) (words string, ok bool) {
	if len(v.Axes) == 0 {
		return "", false
	}
	var parts []string
	n := 1
	for a := range v.Axes {
		names := slices.DeleteFunc(v.Axes[a].Names(), func(name string) bool {
			return !slices.ContainsFunc(plans, func(p *Plan) bool { return p.At[a] == name })
		})
		n *= len(names)
		if len(names) < len(v.Axes[a].Values) {
			parts = append(parts, strings.Join(names, " or "))
		}
	}
	return strings.Join(parts, "; "), n == len(plans)
}
