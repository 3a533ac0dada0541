package sched

import (
	"fmt"
	"slices"
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
	var products []string
	for _, v := range vs {
		products = append(products, v.product)
	}
	return checkProduct(product, products)
}

func checkProduct(product string, known []string) []flow.Problem {
	if product == "" {
		return nil
	}
	return oneOf("like", product, append([]string{noProduct}, known...))
}

// oneOf finds fault with a word that is not known.
func oneOf(path, word string, known []string) []flow.Problem {
	if slices.Contains(known, word) {
		return nil
	}
	return []flow.Problem{{Path: path, Text: fmt.Sprintf("%q is not one of %s", word, strings.Join(known, ", "))}}
}
