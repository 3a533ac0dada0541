package sched

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/flow"
)

// noProduct is the value of like that stands for the algorithm without the
// particularities of a product. An empty string does, too.
const noProduct = "none"

// checkProduct finds fault with the name of a product that is not known.
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
