package flow

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// A Problem is one thing wrong with a configuration.
type Problem struct {
	// Path leads to the offending field: keys joined by dots, elements of a
	// list by their index, as in "servers[0].cores". Validate methods give it
	// relative to their own struct; "" means the struct as a whole.
	Path string
	// Text says what was expected, in the user's words.
	Text string
	// Hint, when not empty, says how to mend it.
	Hint string
}

func (p Problem) Error() string {
	s := p.Path + ": " + p.Text
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Validator is implemented by configuration structs that check themselves.
// Validate looks at the struct's own fields only; Check descends.
type Validator interface {
	Validate() []Problem
}

// Check calls Validate on v and on every struct it contains (through fields
// with a yaml tag, pointers, slices, maps with string keys and interfaces) and
// returns all problems with their full paths, outermost first, fields in
// declaration order.
func Check(v any) []Problem {
	var problems []Problem
	check(reflect.ValueOf(v), "", &problems)
	return problems
}

// Join makes one error of problems, or nil of none.
func Join(problems []Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// Within returns problems of a part, whose paths begin in it, as those of the
// whole, in which the part has a path.
func Within(path string, problems []Problem) []Problem {
	for i := range problems {
		problems[i].Path = joinPath(path, problems[i].Path)
	}
	return problems
}

func check(v reflect.Value, path string, out *[]Problem) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			check(v.Elem(), path, out)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			check(v.Index(i), fmt.Sprintf("%s[%d]", path, i), out)
		}
	case reflect.Struct:
		if !v.CanAddr() { // Validate may have a pointer receiver
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			v = c
		}
		if val, ok := v.Addr().Interface().(Validator); ok {
			for _, p := range val.Validate() {
				p.Path = joinPath(path, p.Path)
				*out = append(*out, p)
			}
		}
		t := v.Type()
		for i := range t.NumField() {
			key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
			if key == "" || key == "-" {
				continue
			}
			check(v.Field(i), joinPath(path, key), out)
		}
	}
}

func joinPath(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	case strings.HasPrefix(b, "["):
		return a + b
	}
	return a + "." + b
}
