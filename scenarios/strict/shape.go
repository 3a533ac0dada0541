package strict

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"lbsim/models/flow"
)

// Scalar is implemented, on pointers, by types that are written as one word,
// such as a range 2..40. FormatScalar returns a text that ParseScalar turns
// into the same value. The error of ParseScalar becomes the message to the
// reader, after the path; a Mistake carries a hint as well.
type Scalar interface {
	ParseScalar(text string) error
	FormatScalar() string
}

// Patterned may be implemented by a Scalar or a Shorthand to describe its text
// in the JSON schema by a regular expression (ECMA 262, anchored).
type Patterned interface {
	ScalarPattern() string
}

// Shorthand is implemented, on pointers, by structs for which one word may
// stand, such as ex1 for {name: ex1}. FromScalar is called with the defaults in
// place.
type Shorthand interface {
	FromScalar(text string) error
}

// Abbreviated may be implemented by a Shorthand that is to be written as one word
// where that says everything. FromScalar turns the word into the same value.
type Abbreviated interface {
	Abbreviation() (text string, ok bool)
}

// Defaulter is implemented, on pointers, by structs with defaults other than
// zero values. SetDefaults is called before a list element, a map value or the
// target of a pointer is decoded, and finds the defaults of the structs inside
// it already set. The struct given to Decode is the caller's: see SetDefaults.
type Defaulter interface {
	SetDefaults()
}

var (
	nodeType      = reflect.TypeFor[Node]()
	durationType  = reflect.TypeFor[time.Duration]()
	rateType      = reflect.TypeFor[flow.Rate]()
	shareType     = reflect.TypeFor[flow.Share]()
	sizeType      = reflect.TypeFor[flow.Size]()
	scalarType    = reflect.TypeFor[Scalar]()
	shorthandType = reflect.TypeFor[Shorthand]()
	defaulterType = reflect.TypeFor[Defaulter]()
	formsType     = reflect.TypeFor[ListOrFields]()
)

// isWord reports whether values of type t are single words, as opposed to lists
// and fields. Policies are neither.
func isWord(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(scalarType) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return false
	}
	return true
}

// A field is one key of a struct.
type field struct {
	key       string
	index     []int // for reflect.Value.FieldByIndex
	typ       reflect.Type
	omitEmpty bool
	doc       string
}

// A shape is the list of keys of a struct type, in order.
type shape struct {
	fields []field
	byKey  map[string]int
}

// keys returns the names of the fields.
func (s *shape) keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.key
	}
	return keys
}

// alias returns the only field whose documentation ends with key, as it does with
// the names that products have for it: "interval of a server that is down:
// downinter"; "" if there is none.
func (s *shape) alias(key string) string {
	found := ""
	for _, f := range s.fields {
		_, names, _ := strings.Cut(f.doc, ": ")
		for name := range strings.FieldsFuncSeq(names, func(c rune) bool { return c == ',' || c == ';' }) {
			switch {
			case strings.TrimSpace(name) != key:
			case found != "":
				return ""
			default:
				found = f.key
			}
		}
	}
	return found
}

// shapes remembers the shapes of types already met.
type shapes map[reflect.Type]*shape

// of returns the shape of struct type t. Any other type has no fields: a policy
// without parameters need not be a struct.
func (s shapes) of(t reflect.Type) *shape {
	if known, ok := s[t]; ok {
		return known
	}
	made := &shape{byKey: map[string]int{}}
	if t.Kind() == reflect.Struct {
		made.add(t, nil)
	}
	s[t] = made
	return made
}

// add appends the fields of t, which is found at index inside the outer struct.
func (s *shape) add(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		at := append(append([]int(nil), index...), i)
		if options == "inline" && f.Type.Kind() == reflect.Struct {
			s.add(f.Type, at)
			continue
		}
		if key == "" || key == "-" {
			continue
		}
		if _, twice := s.byKey[key]; twice || !f.IsExported() {
			panic(fmt.Sprintf("strict: key %s of %v is used twice or its field is not exported", key, t))
		}
		s.byKey[key] = len(s.fields)
		s.fields = append(s.fields, field{
			key: key, index: at, typ: f.Type, omitEmpty: options == "omitempty", doc: f.Tag.Get("doc"),
		})
	}
}

// SetDefaults calls the SetDefaults methods of v, a pointer to a struct, and of
// the structs directly inside it, inner ones first.
func SetDefaults(v any) {
	shapes{}.setDefaults(reflect.ValueOf(v).Elem())
}

func (s shapes) setDefaults(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for _, f := range s.of(v.Type()).fields {
		s.setDefaults(v.FieldByIndex(f.index))
	}
	if v.Addr().Type().Implements(defaulterType) {
		v.Addr().Interface().(Defaulter).SetDefaults()
	}
}
