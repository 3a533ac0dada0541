package sched

import "lbsim/models/flow"

// noProduct is the value of like that stands for the algorithm without the
// particularities of a product. An empty string does, too.
const noProduct = "none"

// checkProduct finds fault with the name of a product that is not known.
func checkProduct(product string, known []string) []flow.Problem {
	if product == "" {
		return nil
	}
	return flow.OneOf("like", product, append([]string{noProduct}, known...)...)
}
