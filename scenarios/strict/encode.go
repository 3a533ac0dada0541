package strict

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lbsim/models/flow"
)

// Encode writes a struct, or a pointer to one, as YAML: every field in the order
// of its declaration with units, policies with all their parameters. Decoding
// the text into a value with the same defaults gives an equal value.
//
// Left out are nil pointers, policies, lists and maps, and what a tag marks
// omitempty if it is zero. The error names a value that cannot be written: text
// that is not UTF-8, a number or duration outside its range, a policy that is
// not in its table.
func Encode(v any, policies Policies) ([]byte, error) {
	original := reflect.Indirect(reflect.ValueOf(v))
	e := encoder{policies: policies, shapes: shapes{}}
	n := e.fields(addressable(original))
	if e.err != nil {
		return nil, e.err
	}
	var w writer
	w.document(n)
	return []byte(w.String()), nil
}

// addressable returns a copy of v whose address can be taken.
func addressable(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// An encoder turns Go values into nodes.
type encoder struct {
	policies Policies
	shapes   shapes
	path     []step
	err      error // the first one
}

func (e *encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf("%s: %s", longPath(e.path), fmt.Sprintf(format, args...))
	}
}

// inside encodes v with one more step on the path.
func (e *encoder) inside(s step, v reflect.Value) *Node {
	e.path = append(e.path, s)
	n := e.value(v)
	e.path = e.path[:len(e.path)-1]
	return n
}

// value returns the node for v, nil if it is left out.
func (e *encoder) value(v reflect.Value) *Node {
	t := v.Type()
	switch {
	case t == nodeType:
		n := v.Addr().Interface().(*Node)
		if n.IsZero() {
			return nil
		}
		return n
	case isWord(t):
		return e.word(v)
	case reflect.PointerTo(t).Implements(formsType):
		return e.listOrFields(v.Addr().Interface().(ListOrFields))
	}
	switch t.Kind() {
	case reflect.Struct:
		if x, ok := v.Addr().Interface().(Abbreviated); ok {
			if text, ok := x.Abbreviation(); ok {
				return &Node{kind: scalar, text: text}
			}
		}
		return e.fields(v)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return e.value(v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return e.policy(v, e.policies.of(t))
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		return e.list(v)
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		return e.mapping(v)
	default:
		return e.fields(v)
	}
}

func (e *encoder) list(v reflect.Value) *Node {
	n := &Node{kind: list}
	for i := range v.Len() {
		item := e.inside(step{index: i}, v.Index(i))
		if item == nil {
			e.fail("element %d is empty", i)
		}
		n.items = append(n.items, item)
	}
	return n
}

// mapping encodes a map, its keys in alphabetical order.
func (e *encoder) mapping(v reflect.Value) *Node {
	values := map[string]reflect.Value{}
	for iterator := v.MapRange(); iterator.Next(); {
		values[iterator.Key().String()] = iterator.Value()
	}
	n := &Node{kind: mapping}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if item := e.inside(step{key: key}, addressable(values[key])); item != nil {
			n.keys, n.items = append(n.keys, e.text(key)), append(n.items, item)
		}
	}
	return n
}

// fields encodes a struct; any other value has no fields.
func (e *encoder) fields(v reflect.Value) *Node {
	n := &Node{kind: mapping}
	for _, f := range e.shapes.of(v.Type()).fields {
		value := v.FieldByIndex(f.index)
		if f.omitEmpty && (value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0) {
			continue
		}
		if item := e.inside(step{key: f.key}, value); item != nil {
			n.keys, n.items = append(n.keys, e.text(f.key)), append(n.items, item)
		}
	}
	return n
}

// policy encodes the value in v as a bare name if it has no fields.
func (e *encoder) policy(v reflect.Value, p *Policy) *Node {
	name := p.nameOf(v.Interface())
	if p.kind(name) == nil {
		e.fail("%T is not one kind of its policy", v.Interface())
		return nil
	}
	_, params := parameters(v.Interface())
	n := e.fields(params)
	if len(n.keys) == 0 {
		return e.text(name)
	}
	n.keys = append([]*Node{e.text(kindKey)}, n.keys...)
	n.items = append([]*Node{e.text(name)}, n.items...)
	return n
}

// word encodes a value whose type isWord.
func (e *encoder) word(v reflect.Value) *Node {
	word := func(text string) *Node { return &Node{kind: scalar, text: text} }
	if p := e.policies[v.Type()]; p != nil {
		name := p.wordOf(v.Interface())
		if name == "" {
			e.fail("%v is not one of %s", v.Interface(), enumerate(p.names()))
		}
		return e.text(name)
	}
	switch x := v.Addr().Interface().(type) {
	case Scalar:
		return word(x.FormatScalar())
	case *time.Duration:
		e.check(*x >= 0, v)
		return word(FormatDuration(*x))
	case *flow.Rate:
		e.check(*x >= 0 && !math.IsInf(float64(*x), 0), v)
		return word(FormatRate(*x))
	case *flow.Share:
		e.check(*x >= 0 && *x <= 1, v)
		return word(FormatShare(*x))
	case *flow.Size:
		e.check(*x >= 0, v)
		return word(FormatSize(*x))
	}
	switch {
	case v.Kind() == reflect.String:
		return e.text(v.String())
	case v.Kind() == reflect.Bool:
		return word(strconv.FormatBool(v.Bool()))
	case v.CanInt():
		return word(strconv.FormatInt(v.Int(), 10))
	case v.CanUint():
		return word(strconv.FormatUint(v.Uint(), 10))
	case v.CanFloat():
		e.check(!math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0), v)
		return word(strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()))
	}
	panic(fmt.Sprintf("strict: no rule for type %v", v.Type()))
}

// check fails if v is outside the range of what can be written.
func (e *encoder) check(inRange bool, v reflect.Value) {
	if !inRange {
		e.fail("%v is out of range", v.Interface())
	}
}

// text returns the node of a text, quoted if other readers of YAML would take
// it for something else.
func (e *encoder) text(s string) *Node {
	if !utf8.ValidString(s) {
		e.fail("%q is not UTF-8", s)
	}
	return &Node{kind: scalar, text: s, quoted: looksLikeValue(s)}
}

// looksLikeValue reports whether s without quotes would be null, a truth value,
// a number or a time to some version of YAML.
func looksLikeValue(s string) bool {
	switch strings.ToLower(s) {
	case "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	digit := strings.TrimLeft(s, "+-.")
	return digit != "" && '0' <= digit[0] && digit[0] <= '9' && strings.Trim(s, "0123456789abcdefABCDEFoxOX_.:+-TZ ") == ""
}

// EncodeNode returns what Encode writes as a node.
func EncodeNode(v any, policies Policies) (*Node, error) {
	e := encoder{policies: policies, shapes: shapes{}}
	n := e.fields(addressable(reflect.Indirect(reflect.ValueOf(v))))
	return n, e.err
}
