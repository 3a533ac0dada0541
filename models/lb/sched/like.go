package sched

import (
	"fmt"
	"strings"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// A variant is an algorithm as one product runs it.
type variant struct {
	product string
	build   func(lb.Env) lb.Scheduler
}

type variants []variant

// noProduct is the value of like that stands for the algorithm without the
// particularities of a product. An empty string does, too.
const noProduct = "none"

// named returns the constructor of the product's variant, nil for noProduct.
func (vs variants) named(product string) func(lb.Env) lb.Scheduler {
	for _, v := range vs {
		if v.product == product {
			return v.build
		}
	}
	return nil
}

// check finds fault with the name of a product that has no variant.
func (vs variants) check(product string) []flow.Problem {
	if product == "" || product == noProduct || vs.named(product) != nil {
		return nil
	}
	names := []string{noProduct}
	for _, v := range vs {
		names = append(names, v.product)
	}
	return []flow.Problem{{Path: "like", Text: fmt.Sprintf("%q is not one of %s", product, strings.Join(names, ", "))}}
}
