package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lbsim/models/lb/sched"
	"lbsim/models/tcp"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// An Explanation says where each value of a scenario comes from.
type Explanation struct {
	Scenario string
	// Variant is the one explained, "" for the scenario without the changes of
	// its variants.
	Variant string
	// Products are those whose values are among them.
	Products []*product.Product
	Values   []Value
	// Warnings are those of the variant; of all if none was named.
	Warnings strict.Diagnostics
}

// Value is one value of a scenario and its origin.
type Value struct {
	// Path leads to the value in the reader's words. It begins with Section,
	// which leads to what the value belongs to: a service or a traffic stream,
	// or "" for the file itself.
	Path, Section string
	Text          string
	Origin        Origin
	// Where is the file, or the flag, and the line, of what was written; Name
	// is that of the variant, product or stack.
	File, Name string
	Line       int
	// Preset is the entry of a product's or a stack's table that it comes from, or
	// nil.
	Preset *product.Value
}

// Origin is the kind of thing that gave a value.
type Origin string

// The origins.
const (
	ByFile    Origin = "file"
	ByFlag    Origin = "flag"
	ByVariant Origin = "variant"
	ByProduct Origin = "product"
	ByStack   Origin = "stack"
	ByRecord  Origin = "record" // the length of a log or trace
	ByDefault Origin = "default"
)

// Explain says where the values of a variant come from, or of the scenario
// without its variants' changes if the name is "". ok is false if there is no
// such variant.
func (f *File) Explain(variant string) (x *Explanation, ok bool) {
	e := explainer{doc: f.doc.Clone(), file: f, variant: variant, written: map[strict.Position]bool{}, presets: map[*strict.Node]preset1{}, stacks: map[*strict.Node]preset1{}}
	if variant != "" {
		v, ok := f.Scenario.Variants.find(variant)
		if !ok {
			return nil, false
		}
		for _, part := range v.parts {
			e.doc.Apply(&part.Set)
			maps.Copy(e.written, places(&part.Set))
		}
	}
	p := preset{doc: e.doc, values: presetValues()}
	p.note = func(own *product.Product, v *product.Value, n *strict.Node) { e.presets[n] = preset1{own, v} }
	p.noteStack = func(s *tcp.Stack, v *product.Value, n *strict.Node) {
		e.stacks[n] = preset1{&product.Product{Name: string(s.Name)}, v}
	}
	p.apply()
	s := &Scenario{}
	strict.SetDefaults(s)
	e.doc.Decode(s, Policies)
	s.complete()
	s.Variants = Variants{}
	e.findWrapped(s)
	leaves, err := strict.Leaves(s, Policies)
	if err != nil {
		panic(err) // Load has shown that it can be written
	}
	x = &Explanation{Scenario: f.Scenario.Name, Variant: variant, Warnings: f.Warnings}
	for i := range f.Variants {
		if f.Variants[i].Name == variant {
			x.Warnings = f.Variants[i].Warnings
		}
	}
	for _, leaf := range leaves {
		if s.hosts() && unread(leaf.Path) || len(s.Balancer.Services) == 0 && strings.HasPrefix(leaf.Path, "balancer.") {
			continue
		}
		x.Values = append(x.Values, e.value(leaf))
	}
	for i := range s.Balancer.Services {
		if own := productOf(&s.Balancer, &s.Balancer.Services[i]); own != nil && !slices.Contains(x.Products, own) {
			x.Products = append(x.Products, own)
		}
	}
	return x, true
}

type explainer struct {
	file    *File
	doc     *strict.Document
	variant string
	// written are the places of the variant's changes.
	written map[strict.Position]bool
	presets map[*strict.Node]preset1
	stacks  map[*strict.Node]preset1
	// wrapped are the services whose scheduler has become the one within
	// priorities, because of a server's rank, by the paths of their schedulers.
	wrapped map[string]wrapping
}

// wrapping says why a scheduler picks within priorities.
type wrapping struct {
	cause string // path to the first priority, or backup
	like  *preset1
}

// findWrapped finds the schedulers that were put into priorities.
func (e *explainer) findWrapped(s *Scenario) {
	e.wrapped = map[string]wrapping{}
	for i := range s.Balancer.Services {
		service, at := &s.Balancer.Services[i], fmt.Sprintf("balancer.services[%d]", i)
		if _, ok := service.Scheduler.(*sched.Priority); !ok || word(e.doc, at+".scheduler.kind") == "priority" {
			continue
		}
		var w wrapping
		for m := len(service.Servers) - 1; m >= 0; m-- {
			for _, key := range []string{"backup", "priority"} {
				member := service.Servers[m]
				if key == "backup" && member.Backup || key == "priority" && member.Priority != 0 {
					w.cause = fmt.Sprintf("%s.servers[%d].%s", at, m, key)
				}
			}
		}
		if own := productOf(&s.Balancer, service); own != nil {
			for k := range own.Values {
				v := &own.Values[k]
				if v.Path == "scheduler.like" && slices.ContainsFunc(v.If, func(is product.Is) bool { return slices.Contains(is.One, "priority") }) {
					w.like = &preset1{own, v}
				}
			}
		}
		e.wrapped[at+".scheduler"] = w
	}
}

// path leads to a value in the reader's words, a server, member or copy that is a
// word alone by that word as any other by its name.
func (e *explainer) path(path string) string {
	for _, list := range []string{".servers", ".members", ".copies"} {
		head, rest, ok := strings.Cut(path, list+"[")
		if index, tail, _ := strings.Cut(rest, "]"); ok {
			if name := word(e.doc, head+list+"["+index+"]"); name != "" {
				return e.doc.Path(head+list) + "." + name + tail
			}
		}
	}
	return e.doc.Path(path)
}

// preset1 is a value of a product.
type preset1 struct {
	product *product.Product
	value   *product.Value
}

// places collects the places of all keys and values below a node.
func places(n *strict.Node) map[strict.Position]bool {
	at := map[strict.Position]bool{}
	var walk func(n *strict.Node)
	walk = func(n *strict.Node) {
		at[n.Position()] = true
		for _, item := range n.Elements() {
			walk(item)
		}
		for _, item := range n.Entries() {
			walk(item)
		}
	}
	walk(n)
	return at
}

// value finds out where a value comes from.
func (e *explainer) value(leaf strict.Leaf) Value {
	v := Value{Path: e.path(leaf.Path), Section: e.doc.Path(section(leaf.Path)), Text: leaf.Text, Origin: ByDefault}
	var n *strict.Node
	if scheduler, w, ok := e.within(leaf.Path); !ok {
		n = e.doc.Source(leaf)
	} else if rest := leaf.Path[len(scheduler):]; rest == ".kind" {
		n = e.doc.Lookup(w.cause)
	} else if rest == ".like" && w.like != nil {
		v.Origin, v.Name, v.Preset = ByProduct, w.like.product.Name, w.like.value
		return v
	} else if inner, ok := strings.CutPrefix(rest, ".within"); ok {
		n = e.doc.Source(strict.Leaf{Path: scheduler + inner, Text: leaf.Text})
	}
	if n == nil {
		return v
	}
	if one, ok := e.presets[n]; ok {
		v.Origin, v.Name, v.Preset = ByProduct, one.product.Name, one.value
		return v
	}
	if one, ok := e.stacks[n]; ok {
		v.Origin, v.Name, v.Preset = ByStack, one.product.Name, one.value
		return v
	}
	at := n.Position()
	v.File, v.Line = at.File, at.Line
	switch {
	case at.File == unwritten:
		v.File, v.Line = "", 0
	case at.File == recordedTime:
		v.Origin, v.Line = ByRecord, 0
	case strings.HasPrefix(at.File, "--"):
		v.Origin, v.Line = ByFlag, 0
	case e.written[at]:
		v.Origin, v.Name = ByVariant, e.variant
	default:
		v.Origin = ByFile
	}
	return v
}

// within returns the path of the scheduler that a value belongs to, if that was
// put into priorities.
func (e *explainer) within(path string) (scheduler string, w wrapping, ok bool) {
	for scheduler, w := range e.wrapped {
		if strings.HasPrefix(path, scheduler+".") {
			return scheduler, w, true
		}
	}
	return "", w, false
}

// subsections are the lists below a section of the file whose elements are sections of
// their own.
var subsections = []string{"balancer.services[", "cluster.hosts[", "cluster.vms[", "dag.databases["}

// section returns the path, as in a Leaf, to the thing that a value belongs to: a
// service, a host, an element of another list of the file, or the file itself.
func section(path string) string {
	for _, list := range subsections {
		if rest, ok := strings.CutPrefix(path, list); ok {
			return path[:len(list)+strings.IndexByte(rest, ']')+1]
		}
	}
	end := 0
	if strings.HasPrefix(path, "cluster.platform.") {
		end = len("cluster.platform")
	} else if open := strings.IndexByte(path, '['); open >= 0 && !strings.Contains(path[:open], ".") {
		end = strings.IndexByte(path, ']') + 1
	} else if first, _, _ := strings.Cut(path, "."); slices.Contains([]string{"balancer", "network", "nlb", "cluster", "dag", "failures"}, first) {
		end = len(first)
	}
	return path[:end]
}

// From says where a value comes from in a few words.
func (v *Value) From(file string) string {
	switch v.Origin {
	case ByFile:
		if v.File == file {
			return fmt.Sprintf("line %d", v.Line)
		}
		return fmt.Sprintf("%s:%d", v.File, v.Line)
	case ByVariant:
		return fmt.Sprintf("variant, line %d", v.Line)
	case ByFlag:
		return v.File
	case ByProduct:
		return "product " + v.Name
	case ByStack:
		return "stack " + v.Name
	case ByRecord:
		return "length of the records"
	}
	return "default"
}

// Name returns the name of the file, as in messages about it.
func (f *File) Name() string { return f.doc.File() }
