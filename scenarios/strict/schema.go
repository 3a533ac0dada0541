package strict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Regular expressions (ECMA 262) of values with units, for the JSON schema. They
// are a little wider than the parsers, which also check order and range.
const (
	DurationPattern = `^([0-9]+(\.[0-9]+)?(d|h|m|s|ms|us))+$`
	RatePattern     = `^[0-9]+(\.[0-9]+)?/(s|min|h|d)$`
	SharePattern    = `^0*(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$`
	SizePattern     = `^[0-9]+(\.[0-9]+)?([KMGT]i?)?B$`
)

// Schema describes the text that Decode accepts for v, a struct with defaults or
// a pointer to one, as JSON Schema 2020-12, for editors. Descriptions come from
// doc tags and tables, default values from v and from the policies.
//
// The schema is narrower than Decode in two points: text that looks like a
// number must stand in quotes, and a policy must name its kind unless
// PolicyOptions.Default does. It knows nothing of what Validate methods check.
func Schema(v any, policies Policies, title string) []byte {
	s := schemer{policies: policies, shapes: shapes{}, names: map[reflect.Type]string{}}
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", title},
	}
	root = append(root, s.fields(addressable(reflect.Indirect(reflect.ValueOf(v))), nil)...)
	if len(s.definitions) > 0 {
		root = append(root, property{"$defs", s.definitions})
	}
	raw, err := json.Marshal(root)
	var indented bytes.Buffer
	if err == nil {
		err = json.Indent(&indented, raw, "", "  ")
	}
	if err != nil { // only strings, numbers and objects were put in
		panic(fmt.Sprintf("strict: schema: %v", err))
	}
	indented.WriteByte('\n')
	return indented.Bytes()
}

// An object is a JSON object that keeps the order of its members.
type object []property

type property struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// A schemer turns types into schemas. Structs and policies become definitions,
// so that a type may contain itself.
type schemer struct {
	policies    Policies
	shapes      shapes
	names       map[reflect.Type]string
	definitions object
}

// fields describes the mapping for the struct v; the values in it become the
// defaults. lead are properties in front of the fields.
func (s *schemer) fields(v reflect.Value, lead object) object {
	properties := append(object{}, lead...)
	for _, f := range s.shapes.of(v.Type()).fields {
		described := s.of(f.typ)
		if f.doc != "" {
			described = append(object{{"description", f.doc}}, described...)
		}
		if value := v.FieldByIndex(f.index); isWord(f.typ) && !value.IsZero() {
			described = append(described, property{"default", s.example(value)})
		}
		properties = append(properties, property{f.key, described})
	}
	return object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
}

// example returns the JSON value of a word.
func (s *schemer) example(v reflect.Value) any {
	e := encoder{policies: s.policies, shapes: s.shapes}
	n := e.word(v)
	if v.CanInt() || v.CanUint() || v.CanFloat() || v.Kind() == reflect.Bool {
		if json.Valid([]byte(n.text)) {
			return json.RawMessage(n.text)
		}
	}
	return n.text
}

// of describes values of type t.
func (s *schemer) of(t reflect.Type) object {
	switch {
	case t == nodeType:
		return object{}
	case isWord(t):
		return s.word(t)
	case reflect.PointerTo(t).Implements(formsType):
		return s.listOrFields(t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return object{{"type", "array"}, {"items", s.of(t.Elem())}}
	case reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", s.of(t.Elem())}}
	case reflect.Interface:
		return s.define(t, func() object { return s.policy(s.policies.of(t)) })
	}
	reference := s.define(t, func() object {
		v := reflect.New(t).Elem()
		s.shapes.setDefaults(v)
		return s.fields(v, nil)
	})
	if reflect.PointerTo(t).Implements(shorthandType) {
		return object{{"anyOf", []object{s.anyWord(t), reference}}}
	}
	return reference
}

// define returns a reference to the definition of t, which it makes on first
// use.
func (s *schemer) define(t reflect.Type, describe func() object) object {
	name, known := s.names[t]
	if !known {
		name = t.String()
		for taken := 2; s.isTaken(name); taken++ {
			name = t.String() + strconv.Itoa(taken)
		}
		s.names[t] = name // before describing: t may contain itself
		s.definitions = append(s.definitions, property{name, nil})
		i := len(s.definitions) - 1
		described := describe()
		s.definitions[i].value = described
	}
	return object{{"$ref", "#/$defs/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)}}
}

// isTaken reports whether a definition has this name; two packages may have
// types of the same name.
func (s *schemer) isTaken(name string) bool {
	for _, d := range s.definitions {
		if d.name == name {
			return true
		}
	}
	return false
}

// policy describes a bare kind, a word for Policy.Scalar, and each kind with
// its fields.
func (s *schemer) policy(p *Policy) object {
	ways := []object{{{"enum", p.names()}}}
	if p.Pattern != "" {
		ways = append(ways, object{{"type", "string"}, {"pattern", p.Pattern}})
	}
	for _, k := range p.Kinds {
		_, params := parameters(k.New())
		way := s.fields(params, object{{kindKey, object{{"const", k.Name}}}})
		if k.Doc != "" {
			way = append(object{{"description", k.Doc}}, way...)
		}
		if k.Name != p.Default {
			way = append(way, property{"required", []string{kindKey}})
		}
		ways = append(ways, way)
	}
	return object{{"oneOf", ways}}
}

// word describes single words by their type.
func (s *schemer) word(t reflect.Type) object {
	pattern := func(p string) object { return object{{"type", "string"}, {"pattern", p}} }
	if p := s.policies[t]; p != nil {
		return object{{"enum", p.names()}}
	}
	switch {
	case reflect.PointerTo(t).Implements(scalarType):
		return s.anyWord(t)
	case t == durationType:
		return object{{"anyOf", []object{pattern(DurationPattern), {{"const", 0}}}}}
	case t == rateType:
		return pattern(RatePattern)
	case t == shareType:
		return pattern(SharePattern)
	case t == sizeType:
		return pattern(SizePattern)
	}
	switch v := reflect.Zero(t); {
	case t.Kind() == reflect.String:
		return object{{"type", "string"}}
	case t.Kind() == reflect.Bool:
		return object{{"type", "boolean"}}
	case v.CanFloat():
		return object{{"type", "number"}}
	case v.CanUint():
		return integers(0, math.MaxUint64>>(64-t.Bits()), t.Bits())
	case v.CanInt():
		return integers(math.MinInt64>>(64-t.Bits()), math.MaxInt64>>(64-t.Bits()), t.Bits())
	}
	panic(fmt.Sprintf("strict: no rule for type %v", t))
}

// integers describes whole numbers; bounds of 64 bits are left out, since many
// readers of JSON cannot represent them.
func integers(low int64, high uint64, bits int) object {
	o := object{{"type", "integer"}}
	if bits < 64 || low == 0 {
		o = append(o, property{"minimum", low})
	}
	if bits < 64 {
		o = append(o, property{"maximum", high})
	}
	return o
}

// anyWord describes a word that a method of type t reads. Digits alone are a
// number to YAML.
func (s *schemer) anyWord(t reflect.Type) object {
	o := object{{"type", []string{"string", "number", "boolean"}}}
	if p, ok := reflect.New(t).Interface().(Patterned); ok {
		o = object{{"type", []string{"string", "number"}}, {"pattern", p.ScalarPattern()}}
	}
	return o
}
