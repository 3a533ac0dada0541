package strict

import (
	"fmt"
	"reflect"
)

// kindKey is the key that names the kind of a policy.
const kindKey = "kind"

// policy decodes n into v, of the interface type of p.
func (d *decoder) policy(n *Node, v reflect.Value, p *Policy) {
	switch n.kind {
	case scalar:
		d.policyWord(n, v, p)
	case mapping:
		d.policyFields(n, v, p)
	default:
		d.mistake(n, Mistake{"one policy is expected, not a list", fmt.Sprintf("write {kind: %s}", p.example())})
	}
}

// example returns the name of a kind for a hint.
func (p *Policy) example() string {
	if len(p.Kinds) == 0 {
		return "name"
	}
	return p.Kinds[0].Name
}

// policyWord decodes the bare name of a kind, or a word for Policy.Scalar.
func (d *decoder) policyWord(n *Node, v reflect.Value, p *Policy) {
	if p.kind(n.text) != nil {
		holder, _ := parameters(p.start(n.text, v))
		v.Set(holder)
		return
	}
	if p.Scalar != nil {
		value, ok, err := p.Scalar(n.text)
		if err != nil {
			d.mistake(n, mistaken(err))
			return
		}
		if ok {
			v.Set(reflect.ValueOf(value))
			return
		}
	}
	d.mistake(n, p.unknown(n.text))
}

// policyFields decodes {kind: name, ...}.
func (d *decoder) policyFields(n *Node, v reflect.Value, p *Policy) {
	kind := n.get(kindKey)
	var name string
	switch {
	case kind != nil && (kind.kind != scalar || kind.isNull()):
		d.mistakeAt(step{key: kindKey}, kind, Mistake{"the name of a kind is expected", "kinds are " + enumerate(p.names())})
		return
	case kind != nil && p.kind(kind.text) == nil:
		d.mistakeAt(step{key: kindKey}, kind, p.unknown(kind.text))
		return
	case kind != nil:
		name = kind.text
	case p.Default != "":
		name = p.Default
	case !v.IsNil():
		name = p.nameOf(v.Interface())
	}
	if name == "" {
		d.mistake(n, Mistake{"the kind is missing", fmt.Sprintf("write {kind: %s, ...}; kinds are %s", p.example(), enumerate(p.names()))})
		return
	}
	holder, params := parameters(p.start(name, v))
	d.fields(n, params, p)
	v.Set(holder)
}

// start returns the value that decoding a policy of this kind begins with: what
// v holds if it is of that kind, otherwise the kind's defaults.
func (p *Policy) start(name string, v reflect.Value) any {
	if !v.IsNil() && p.nameOf(v.Interface()) == name {
		return v.Interface()
	}
	return p.kind(name).New()
}
