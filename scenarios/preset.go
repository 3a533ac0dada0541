package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/tcp"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// preset puts the values of a document's products, and of its stacks, where the
// document is silent.
type preset struct {
	doc    *strict.Document
	values map[*product.Value]*strict.Node
	// note is told, if it is not nil, of each value that was put in.
	note func(own *product.Product, v *product.Value, n *strict.Node)
	// noteStack is the same for stacks.
	noteStack func(s *tcp.Stack, v *product.Value, n *strict.Node)
}

// withProducts returns the document with the values of its products and stacks;
// itself if it names none.
func (l *loader) withProducts(doc *strict.Document) *strict.Document {
	if !namesProduct(doc) && !namesStack(doc) {
		return doc
	}
	if l.values == nil {
		l.values = presetValues()
	}
	p := preset{doc: doc.Clone(), values: l.values}
	p.apply()
	return p.doc
}

// presetValues reads the values of all products.
func presetValues() map[*product.Value]*strict.Node {
	values := map[*product.Value]*strict.Node{}
	for _, p := range product.Table {
		for i := range p.Values {
			v := &p.Values[i]
			text := v.Text
			if v.Same != "" {
				text = v.Same // Fill takes the other value's
			}
			n, problems := strict.ParseValue(v.Path, text, presetOrigin+p.Name)
			if problems != nil {
				panic(problems.Error()) // a test reads them all
			}
			values[v] = n
		}
	}
	return values
}

func namesProduct(doc *strict.Document) bool {
	if word(doc, "balancer.product") != "" {
		return true
	}
	for i := range services(doc) {
		if word(doc, fmt.Sprintf("balancer.services[%d].product", i)) != "" {
			return true
		}
	}
	return false
}

// word returns the word at a path, "" if there is none.
func word(doc *strict.Document, path string) string {
	n := doc.Lookup(path)
	if n == nil {
		return ""
	}
	text, _ := n.Text()
	return text
}

func services(doc *strict.Document) []*strict.Node {
	if n := doc.Lookup("balancer.services"); n != nil {
		return n.Elements()
	}
	return nil
}

func (p *preset) apply() {
	p.fillStacks()
	if !namesProduct(p.doc) {
		return
	}
	p.addService()
	general := product.Find(word(p.doc, "balancer.product"))
	if general != nil {
		p.source(general)
		p.fillHosts(general)
	}
	for i := range services(p.doc) {
		at := fmt.Sprintf("balancer.services[%d]", i)
		own := general
		if name := word(p.doc, at+".product"); name != "" {
			own = product.Find(name)
		}
		if own != nil { // an unknown name is reported when decoding
			p.service(own, at)
		}
	}
}

// source puts the values of the balancer itself, whatever its services, where
// the document is silent: those under source.
func (p *preset) source(own *product.Product) {
	const balancer = "balancer"
	for i := range own.Values {
		if v := &own.Values[i]; ofBalancer(v) && p.hold(v.If, balancer, "") {
			p.fill(own, v, balancer, v.Path)
		}
	}
}

// ofBalancer reports whether a value is the balancer's and not a service's.
func ofBalancer(v *product.Value) bool { return strings.HasPrefix(v.Path, "source.") }

// addService writes out the one service of all servers that stands for none, so
// that a product has something to act on.
func (p *preset) addService() {
	list := p.doc.Lookup("servers")
	if p.doc.Lookup("balancer.services") != nil || list == nil {
		return
	}
	var names []string
	for i, server := range list.Elements() {
		for _, key := range []string{"name", "names"} {
			if name := word(p.doc, fmt.Sprintf("servers[%d].%s", i, key)); name != "" && len(server.Elements()) == 0 {
				names = append(names, fmt.Sprintf("%q", name))
			}
		}
	}
	if len(names) == 0 {
		return
	}
	path := "balancer.services"
	if n, problems := strict.ParseValue(path, "[{name: "+allServers+", servers: ["+strings.Join(names, ", ")+"]}]", unwritten); problems == nil {
		p.doc.Fill(path, n)
	}
}

const (
	// presetOrigin and the name of a product stand for the file of its values.
	presetOrigin = "product "
	// allServers is the service that stands for none.
	allServers = "all"
	// unwritten is the origin of what lbsim adds to a document by itself.
	unwritten = "default"
)

// service puts a product's values into the service at a path.
func (p *preset) service(own *product.Product, at string) {
	p.nameRamp(own, at+".slow_start")
	servers := 0
	if n := p.doc.Lookup(at + ".servers"); n != nil {
		servers = len(n.Elements())
	}
	for i := range own.Values {
		v := &own.Values[i]
		rest, each := strings.CutPrefix(v.Path, "servers[]")
		switch {
		case ofBalancer(v) || ofHosts(v) || !p.hold(v.If, at, "scheduler"):
		case !each:
			p.fill(own, v, at, v.Path)
		default:
			for m := range servers {
				p.fill(own, v, at, fmt.Sprintf("servers[%d]%s", m, rest))
			}
		}
	}
	if word(p.doc, at+".scheduler.kind") != "priority" {
		return
	}
	// The algorithm within is the product's, too.
	const within = "scheduler.within"
	for i := range own.Values {
		v := &own.Values[i]
		if rest, ok := strings.CutPrefix(v.Path, "scheduler."); ok && p.hold(v.If, at, within) {
			p.fill(own, v, at, within+"."+rest)
		}
	}
}

// hold reports whether conditions hold for the service at a path and one of its
// schedulers.
func (p *preset) hold(conditions []product.Is, at, scheduler string) bool {
	for _, is := range conditions {
		if rest, ok := strings.CutPrefix(is.Path, "scheduler"); ok {
			is.Path = scheduler + rest
		}
		if !p.holds(is, at) {
			return false
		}
	}
	return true
}

// holds reports whether a condition holds for the service at a path.
func (p *preset) holds(is product.Is, at string) bool {
	n := p.doc.Lookup(at + "." + is.Path)
	if n == nil {
		return slices.Contains(is.One, "")
	}
	text, ok := n.Text()
	return ok && text != "" && slices.Contains(is.One, text)
}

func (p *preset) fill(own *product.Product, v *product.Value, at, path string) {
	value := p.values[v]
	if v.Same != "" {
		if value = p.doc.Lookup(at + "." + v.Same); value == nil {
			return
		}
	}
	if n := p.doc.Fill(at+"."+path, value); n != nil && p.note != nil {
		p.note(own, v, n)
	}
}

// nameRamp lets a time alone, or a ramp without a kind, be the product's own.
func (p *preset) nameRamp(own *product.Product, at string) {
	switch {
	case startsNumber(word(p.doc, at)):
		p.doc.Unfold(at, "time")
	case startsNumber(word(p.doc, at+".kind")): // a variant has added a parameter
		p.doc.Rename(at, "kind", "time")
	}
	if own.RampTime != "" && p.doc.Lookup(at+".kind") == nil {
		p.doc.Rename(at, "time", own.RampTime)
	}
}

// productOf returns the product of a service, nil if it has none.
func productOf(b *lb.Config, s *lb.Service) *product.Product {
	if s.Product != "" {
		return product.Find(string(s.Product))
	}
	return product.Find(string(b.Product))
}
