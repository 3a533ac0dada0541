package strict

import (
	"iter"
	"reflect"
)

// ListOrFields is implemented, on pointers, by structs that are written in one of
// two forms: as a list, or as fields whose names the file chooses and whose order
// counts, which a map would forget.
type ListOrFields interface {
	// List returns a pointer to the slice that holds a list.
	List() any
	// Field returns a pointer to the value of one more field.
	Field(name string) any
	// Fields yields the names of the fields and pointers to their values; none
	// for a list.
	Fields() iter.Seq2[string, any]
}

// listOrFields decodes n, in either form, into the struct v.
func (d *decoder) listOrFields(n *Node, v reflect.Value) {
	v.SetZero()
	forms := v.Addr().Interface().(ListOrFields)
	if n.kind != mapping {
		d.list(n, reflect.ValueOf(forms.List()).Elem())
		return
	}
	first := map[string]*Node{}
	for key, item := range n.Entries() {
		switch {
		case d.duplicate(first, key):
		case key.implied:
			d.mistake(item, notFields(item, &shape{}))
		default:
			d.into(step{key: key.text}, item, reflect.ValueOf(forms.Field(key.text)).Elem())
		}
	}
}

// listOrFields encodes a struct in the form that it has.
func (e *encoder) listOrFields(forms ListOrFields) *Node {
	n := &Node{kind: mapping}
	for name, value := range forms.Fields() {
		if item := e.inside(step{key: name}, reflect.ValueOf(value).Elem()); item != nil {
			n.keys, n.items = append(n.keys, e.text(name)), append(n.items, item)
		}
	}
	if len(n.keys) > 0 {
		return n
	}
	return e.value(reflect.ValueOf(forms.List()).Elem())
}

// listOrFields describes both forms.
func (s *schemer) listOrFields(t reflect.Type) object {
	forms := reflect.New(t).Interface().(ListOrFields)
	list := s.of(reflect.TypeOf(forms.List()).Elem())
	fields := object{{"type", "object"}, {"additionalProperties", s.of(reflect.TypeOf(forms.Field("")).Elem())}}
	return object{{"anyOf", []object{list, fields}}}
}
