package strict

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"lbsim/models/flow"
)

// A Policy tells how values of an interface type are written: a mapping with
// the key "kind" and the parameters of that kind, or the bare name of a kind.
// Of any other type, such as a string with a few possible values, it is the
// list of words that may be written, and New returns the value of a word.
type Policy struct {
	PolicyOptions
	// Type is the type of the fields.
	Type reflect.Type
	// Kinds are listed in messages in this order.
	Kinds []PolicyKind
}

// A PolicyKind is one kind of a policy. New returns its parameters with
// defaults, as a pointer to a struct if there are any.
type PolicyKind struct {
	Name, Doc string
	New       func() any
}

// PolicyOptions are what a table of kinds does not say.
type PolicyOptions struct {
	// Default is the kind of a mapping without the key "kind" in a field that
	// holds no value yet; "" makes such a mapping an error.
	Default string
	// Hints explain names that are not kinds, such as those of products:
	// "leastconn": "HAProxy calls it leastconn; here it is least-connections".
	// Case, - and _ do not matter.
	Hints map[string]string
	// Scalar, when not nil, reads a word that is not the name of a kind, such
	// as 5ms for a constant. ok is false for a word that it does not
	// understand; an error explains one that it does but that is wrong.
	Scalar func(text string) (value any, ok bool, err error)
	// Pattern is a regular expression for the words that Scalar reads, for the
	// JSON schema.
	Pattern string
}

// PolicyOf makes a Policy of a table.
func PolicyOf[P any](table flow.Table[P], options PolicyOptions) Policy {
	p := Policy{PolicyOptions: options, Type: reflect.TypeFor[P]()}
	for _, k := range table {
		p.Kinds = append(p.Kinds, PolicyKind{k.Name, k.Doc, func() any { return k.New() }})
	}
	return p
}

// Policies are the policies that a struct to be decoded contains.
type Policies map[reflect.Type]*Policy

// NewPolicies collects policies. It panics if two have the same type or a
// Default is not one of the kinds.
func NewPolicies(list ...Policy) Policies {
	policies := Policies{}
	for _, p := range list {
		if policies[p.Type] != nil {
			panic(fmt.Sprintf("strict: two policies of type %v", p.Type))
		}
		if p.Default != "" && p.kind(p.Default) == nil {
			panic(fmt.Sprintf("strict: %v has no kind %s", p.Type, p.Default))
		}
		policies[p.Type] = &p
	}
	return policies
}

// of returns the policy of interface type t.
func (p Policies) of(t reflect.Type) *Policy {
	policy, ok := p[t]
	if !ok {
		panic(fmt.Sprintf("strict: no policy for type %v", t))
	}
	return policy
}

// kind returns the kind of a name, or nil.
func (p *Policy) kind(name string) *PolicyKind {
	for i := range p.Kinds {
		if p.Kinds[i].Name == name {
			return &p.Kinds[i]
		}
	}
	return nil
}

// names lists the kinds.
func (p *Policy) names() []string {
	names := make([]string, len(p.Kinds))
	for i, k := range p.Kinds {
		names[i] = k.Name
	}
	return names
}

// nameOf returns the kind of a value: what its method Kind() string says if it
// has one, otherwise the only kind whose New returns the same type, pointer or
// not. It is "" if there is none or more than one.
func (p *Policy) nameOf(value any) string {
	if k, ok := value.(interface{ Kind() string }); ok {
		return k.Kind()
	}
	name := ""
	for _, k := range p.Kinds {
		if plainType(k.New()) != plainType(value) {
			continue
		}
		if name != "" {
			return ""
		}
		name = k.Name
	}
	return name
}

// plainType returns the type of x or of what x points to.
func plainType(x any) reflect.Type {
	t := reflect.TypeOf(x)
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// wordOf returns the kind whose New returns value, "" if there is none, for a
// type that is not an interface.
func (p *Policy) wordOf(value any) string {
	for _, k := range p.Kinds {
		if k.New() == value {
			return k.Name
		}
	}
	return ""
}

// unknown is the error for a name that is not a kind.
func (p *Policy) unknown(name string) Mistake {
	m := Mistake{Text: fmt.Sprintf("%s is not one of %s", quote(name), enumerate(p.names()))}
	if hint, ok := p.Hints[name]; ok {
		m.Hint = hint
		return m
	}
	// Two products may differ in spelling only; take the first in the alphabet.
	for _, alias := range slices.Sorted(maps.Keys(p.Hints)) {
		if flow.Letters(alias) == flow.Letters(name) {
			m.Hint = p.Hints[alias]
			return m
		}
	}
	if near := flow.Nearest(name, p.names()); near != "" {
		m.Hint = "did you mean " + near + "?"
	}
	return m
}

// parameters returns a settable copy of a policy's value and its parameters,
// the struct behind the pointer if it is one.
func parameters(value any) (holder, params reflect.Value) {
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		holder = reflect.New(v.Type().Elem())
		holder.Elem().Set(v.Elem())
		return holder, holder.Elem()
	}
	holder = reflect.New(v.Type()).Elem()
	holder.Set(v)
	return holder, holder
}
