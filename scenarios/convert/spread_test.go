package convert

import (
	"math"
	"math/rand/v2"
	"testing"
)

func ones(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// Values computed by hand or by plain enumeration elsewhere.
func TestExpectedMaxOfFewSources(t *testing.T) {
	for _, test := range []struct {
		counts  []int64
		servers int
		want    float64
	}{
		{[]int64{60, 20, 10, 10}, 2, 1.6},
		{[]int64{60, 20, 10, 10}, 3, 2.2},
		{[]int64{25, 25, 25, 25}, 2, 1.375},
		{ones(10), 2, 1.24609375},
		{append(ones(10), 50), 2, 1.833333},
		{[]int64{7}, 8, 8},
		{[]int64{7, 0, 0}, 4, 4},
		{[]int64{5, 5}, 1, 1},
		{nil, 4, 1},
		{[]int64{0}, 4, 1},
	} {
		got, exact := ExpectedMax(test.counts, test.servers)
		near(t, "expected maximum", got, test.want)
		equal(t, "exact", exact, true)
	}
}

// All placements, by counting in base n.
func TestExpectedMaxAgreesWithEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, servers := range []int{2, 3, 4, 8} {
		for groups := 1; math.Pow(float64(servers), float64(groups)) < 1e5; groups++ {
			counts, total := make([]int64, groups), int64(0)
			for i := range counts {
				counts[i] = 1 + r.Int64N(100)
				total += counts[i]
			}
			all := int(math.Pow(float64(servers), float64(groups)))
			sum := int64(0)
			for code := range all {
				load := make([]int64, servers)
				highest := int64(0)
				for _, c := range counts {
					load[code%servers] += c
					highest = max(highest, load[code%servers])
					code /= servers
				}
				sum += highest
			}
			got, _ := ExpectedMax(counts, servers)
			near(t, "expected maximum", got, float64(sum)/float64(all)/float64(total)*float64(servers))
		}
	}
}

// The closed form for many equal sources, with the expected maxima of 2, 4 and
// 8 standard normals; and random placements of unequal ones.
func TestExpectedMaxOfManySources(t *testing.T) {
	for servers, m := range map[int]float64{2: 0.5641896, 4: 1.0293754, 8: 1.4236003} {
		got, exact := ExpectedMax(ones(10000), servers)
		want := 1 + math.Sqrt(float64(servers)/10000)*m
		if math.Abs(got-want) > 1e-4*(want-1) && math.Abs(got-want) > 1e-5 {
			t.Errorf("10000 equal sources on %d servers: got %v, want %v", servers, got, want)
		}
		equal(t, "exact", exact, false)
	}
	r := rand.New(rand.NewPCG(1, 1))
	apache := readFile(t, apacheLog)
	var measured []int64
	for _, a := range apache.Addresses() {
		measured = append(measured, int64(a.Requests))
	}
	for name, counts := range map[string][]int64{
		"a half and many": append(ones(5000), 5000),
		"zipf":            zipf(300),
		"apache":          measured,
	} {
		for _, servers := range []int{2, 4, 8} {
			const draws = 2000
			sum, squares := 0.0, 0.0
			for range draws {
				load, total, highest := make([]float64, servers), 0.0, 0.0
				for _, c := range counts {
					s := r.IntN(servers)
					load[s] += float64(c)
					total += float64(c)
				}
				for _, l := range load {
					highest = max(highest, l/total*float64(servers))
				}
				sum, squares = sum+highest, squares+highest*highest
			}
			mean := sum / draws
			deviation := math.Sqrt((squares/draws - mean*mean) / draws)
			got, _ := ExpectedMax(counts, servers)
			t.Logf("%s over %d: %.4f, drawn %.4f ± %.4f", name, servers, got, mean, deviation)
			if math.Abs(got-mean) > 4*deviation+0.005 {
				t.Errorf("%s over %d: got %.4f, drawn %.4f ± %.4f", name, servers, got, mean, deviation)
			}
		}
	}
}

func zipf(n int) (counts []int64) {
	for i := range n {
		counts = append(counts, int64(1e6/float64(i+1)))
	}
	return counts
}

func TestWays(t *testing.T) {
	for _, c := range [][3]int{{0, 4, 1}, {1, 4, 1}, {3, 2, 4}, {3, 8, 5}, {7, 4, 715}, {8, 8, 4140}, {20, 2, 524288}, {21, 2, mostWays + 1}, {100000, 2, mostWays + 1}} {
		equal(t, "ways", ways(c[0], c[1]), min(c[2], mostWays+1))
	}
}
