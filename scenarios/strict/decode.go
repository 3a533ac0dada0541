package strict

import (
	"fmt"
	"reflect"
)

// maxKept is the number of diagnostics that one pass collects; a file with more
// mistakes is not worth the memory.
const maxKept = 200

// Decode writes the document's values into the struct that into points to, and
// reports every mistake, in file order. Fields that the document does not
// mention keep the values they have: they are the defaults. A list or map that
// it mentions replaces what was there. A policy of the kind that the field
// holds already starts from that value, of another kind from the defaults of
// that kind.
//
// Values with mistakes are left as they were; into is of use only if there are
// no diagnostics. Decode panics if into is not a pointer to a struct, or a
// field has a type for which there is no rule or no policy.
func (d *Document) Decode(into any, policies Policies) Diagnostics {
	dec := decoder{policies: policies, shapes: shapes{}}
	dec.fields(d.root, reflect.ValueOf(into).Elem(), nil)
	dec.found.Sort()
	if dec.dropped > 0 {
		dec.found = append(dec.found, Diagnostic{
			File: d.src.file, Severity: Error, Text: fmt.Sprintf("%d more mistakes are not listed", dec.dropped),
			more: dec.dropped,
		})
	}
	return dec.found
}

// A decoder walks a tree of nodes and a Go value in parallel.
type decoder struct {
	policies Policies
	shapes   shapes
	path     []step
	found    Diagnostics
	dropped  int
}

// into decodes n with one more step on the path.
func (d *decoder) into(s step, n *Node, v reflect.Value) {
	d.path = append(d.path, s)
	d.value(n, v)
	d.path = d.path[:len(d.path)-1]
}

// value decodes n into v by the type of v.
func (d *decoder) value(n *Node, v reflect.Value) {
	t := v.Type()
	if t == nodeType {
		v.Set(reflect.ValueOf(*n))
		return
	}
	if n.isNull() && t.Kind() != reflect.Pointer {
		d.mistake(n, Mistake{"the value is missing", "write a value, or remove the line to get the default"})
		return
	}
	if isWord(t) {
		d.word(n, v)
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		d.pointer(n, v)
	case reflect.Interface:
		d.policy(n, v, d.policies.of(t))
	case reflect.Slice:
		d.list(n, v)
	case reflect.Map:
		d.mapping(n, v)
	case reflect.Struct:
		if v.Addr().Type().Implements(formsType) {
			d.listOrFields(n, v)
			return
		}
		if i, ok := d.shapes.of(t).byKey[kindKey]; ok && n.kind == scalar && d.policies[d.shapes.of(t).fields[i].typ] != nil {
			// One word for the whole is the word for its kind.
			d.value(n, v.FieldByIndex(d.shapes.of(t).fields[i].index))
			return
		}
		if n.kind == scalar && v.Addr().Type().Implements(shorthandType) {
			if err := v.Addr().Interface().(Shorthand).FromScalar(n.text); err != nil {
				d.mistake(n, mistaken(err))
			}
			return
		}
		d.fields(n, v, nil)
	}
}

// pointer decodes into a fresh copy of what v points to, so that a default
// shared with others stays as it is.
func (d *decoder) pointer(n *Node, v reflect.Value) {
	if n.isNull() {
		v.SetZero()
		return
	}
	target := reflect.New(v.Type().Elem())
	if v.IsNil() {
		d.shapes.setDefaults(target.Elem())
	} else {
		target.Elem().Set(v.Elem())
	}
	d.value(n, target.Elem())
	v.Set(target)
}

func (d *decoder) list(n *Node, v reflect.Value) {
	if n.kind != list {
		m := Mistake{Text: "a list is expected"}
		switch {
		case n.kind == mapping:
			m.Hint = `begin each element with "- ", or write [{...}, {...}]`
		default:
			m.Hint = fmt.Sprintf("write [%s]", clip(n.text))
		}
		d.mistake(n, m)
		return
	}
	elements := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		d.shapes.setDefaults(elements.Index(i))
		d.into(step{index: i, name: item.name()}, item, elements.Index(i))
	}
	v.Set(elements)
}

func (d *decoder) mapping(n *Node, v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		panic(fmt.Sprintf("strict: the keys of %v are not strings", v.Type()))
	}
	if n.kind != mapping {
		d.mistake(n, Mistake{"fields are expected", "write {name: value, ...}"})
		return
	}
	made := reflect.MakeMapWithSize(v.Type(), len(n.keys))
	first := map[string]*Node{}
	for key, item := range n.Entries() {
		if d.duplicate(first, key) {
			continue
		}
		if key.implied {
			d.mistake(item, notFields(item, &shape{}))
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.shapes.setDefaults(element)
		d.into(step{key: key.text}, item, element)
		made.SetMapIndex(reflect.ValueOf(key.text).Convert(v.Type().Key()), element)
	}
	v.Set(made)
}

// fields decodes a mapping into the struct v, which holds the parameters of
// policy p unless p is nil.
func (d *decoder) fields(n *Node, v reflect.Value, p *Policy) {
	s := d.shapes.of(v.Type())
	if n.kind != mapping {
		d.mistake(n, notFields(n, s))
		return
	}
	first := map[string]*Node{}
	for key, item := range n.Entries() {
		if d.duplicate(first, key) || p != nil && key.text == kindKey {
			continue
		}
		i, ok := s.byKey[key.text]
		switch {
		case ok:
			d.into(step{key: key.text}, item, v.FieldByIndex(s.fields[i].index))
		case key.implied:
			d.value(item, v) // a word: for a Shorthand, or a mistake
		default:
			d.unknownField(n, key, s, p)
		}
	}
}
