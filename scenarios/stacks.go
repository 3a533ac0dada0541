package scenarios

import (
	"slices"

	"lbsim/models/tcp"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// ends are the paths to the ends of connections, each of which may name the
// operating system that it runs.
var ends = []string{"network.client", "network.server", "network.inner.balancer"}

// stackOrigin and the name of a stack stand for the file of its values.
const stackOrigin = "stack "

func namesStack(doc *strict.Document) bool {
	return slices.ContainsFunc(ends, func(end string) bool { return word(doc, end+".stack") != "" })
}

// fillStacks puts the values of stacks that ends name where the document is silent.
func (p *preset) fillStacks() {
	for _, end := range ends {
		s := tcp.FindStack(tcp.StackName(word(p.doc, end+".stack")))
		if s == nil {
			continue // an unknown name is reported when decoding
		}
		values, err := strict.Leaves(&s.End, Policies)
		if err != nil {
			panic(err) // a test writes them all
		}
		for _, v := range values {
			n, problems := strict.ParseValue(v.Path, v.Text, stackOrigin+string(s.Name))
			if problems != nil {
				panic(problems.Error())
			}
			if n = p.doc.Fill(end+"."+v.Path, n); n != nil && p.noteStack != nil {
				p.noteStack(s, factOf(s, v.Path), n)
			}
		}
	}
}

// factOf returns where a value of a stack was found.
func factOf(s *tcp.Stack, key string) *product.Value {
	for _, f := range s.Facts {
		if slices.Contains(f.Keys, key) {
			return &product.Value{Path: key, Source: f.Source, Verified: f.Verified}
		}
	}
	return &product.Value{Path: key}
}
