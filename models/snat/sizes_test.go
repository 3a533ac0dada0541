package snat

import (
	"slices"
	"testing"

	"lbsim/sim"
)

func TestApportion(t *testing.T) {
	for _, c := range []struct {
		name    string
		total   int
		weights []float64
		want    []int
	}{
		{"whole parts are exact", 100, []float64{40, 30, 10, 5, 5, 5, 3, 2}, []int{40, 30, 10, 5, 5, 5, 3, 2}},
		{"largest remainders", 10, []float64{1, 1, 1}, []int{4, 3, 3}},
		{"a small group gets a client", 100, []float64{98, 1, 1, 0.1}, []int{97, 1, 1, 1}},
		{"small groups in two rounds", 6, []float64{100, 17, 1, 1}, []int{3, 1, 1, 1}},
		{"one client each", 3, []float64{90, 1, 1}, []int{1, 1, 1}},
		{"too few clients", 2, []float64{3, 2, 1}, []int{1, 1, 0}},
		{"one group", 7, []float64{0.3}, []int{7}},
	} {
		if got := apportion(c.total, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d clients over %v gives %v, want %v", c.name, c.total, c.weights, got, c.want)
		}
	}
}

// Whatever the weights, everybody sits somewhere and no group is empty that
// need not be.
func TestApportionGivesEveryClientAPlace(t *testing.T) {
	u := sim.NewStream(1, 0, "apportion")
	for range 2000 {
		n := 1 + u.IntN(300)
		total := 1 + u.IntN(600)
		sizes := apportion(total, (&Pareto{Alpha: 0.5}).Weights(n, u))
		sum := 0
		for _, s := range sizes {
			sum += s
		}
		if sum != total {
			t.Fatalf("%d clients in %d groups became %d: %v", total, n, sum, sizes)
		}
		if total >= n && slices.Min(sizes) < 1 {
			t.Fatalf("%d clients leave one of %d groups empty: %v", total, n, sizes)
		}
	}
}
