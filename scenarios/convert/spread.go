package convert

import (
	"math"
	"slices"
)

// An exact answer looks at every way to put the sources on the servers, up to
// so many; else at so many ways for the largest sources only.
const (
	mostWays  = 1_000_000
	largeWays = 3000
)

// ExpectedMax is the mean, over all ideal hashes, of the load of the busiest of
// some equal servers, over the mean load: 1 is perfectly even. Each source with
// a count lands on each server with the same chance, independently. exact is
// false if the number of sources forbids to look at all their placements: then
// those of the largest are, and the many small ones together add a normal
// spread to each server.
//
// The loads of the small ones have variance s (n-1)/n² on each of n servers,
// with s the sum of their squares, and covariance -s/n². Their sum is fixed, so
// the expected maximum is that of independent normals of variance s/n. Without
// large ones that is 1 + sqrt(n H) times the expected maximum of n standard
// normals, with H the sum of squared shares.
func ExpectedMax(counts []int64, servers int) (ratio float64, exact bool) {
	var x []float64
	total := 0.0
	for _, c := range counts {
		if c > 0 {
			x = append(x, float64(c))
			total += float64(c)
		}
	}
	if total == 0 || servers < 2 {
		return 1, true
	}
	slices.SortFunc(x, func(a, b float64) int { return cmpFloat(b, a) })
	p := placement{n: servers, load: make([]float64, servers)}
	if exact = ways(len(x), servers) <= mostWays; exact {
		p.large = x
	} else {
		k := 0
		for ways(k+1, servers) <= largeWays {
			k++
		}
		squares := 0.0
		for _, v := range x[k:] {
			p.rest += v / float64(servers)
			squares += float64(v * v)
		}
		p.large, p.spread = x[:k], math.Sqrt(squares/float64(servers))
	}
	p.place(0, 0, 1)
	return p.sum / (total / float64(servers)), exact
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ways counts the placements of k sources on n servers that differ by more
// than the servers' names: the sums of Stirling numbers of the second kind. It
// stops counting beyond mostWays.
func ways(k, n int) int {
	s := make([]int, n+1) // s[j]: placements that use j servers
	s[0] = 1
	for range k {
		sum := 0
		for j := n; j > 0; j-- {
			s[j] = min(s[j-1]+j*s[j], mostWays+1)
			sum += s[j]
		}
		if s[0] = 0; sum > mostWays {
			return mostWays + 1
		}
	}
	sum := 0
	for _, w := range s {
		sum += w
	}
	return sum
}

// A placement goes through all ways to put the large sources on n servers.
type placement struct {
	n      int
	large  []float64
	rest   float64 // mean load of a server by the small sources
	spread float64 // standard deviation of it, as if independent
	load   []float64
	sum    float64 // of chance times expected maximum
}

// place puts source i and the following ones. The servers below used have
// sources; of the empty ones, which are all alike, only the first is tried.
func (p *placement) place(i, used int, chance float64) {
	if i == len(p.large) {
		p.sum += chance * (p.rest + maxOfNormals(p.load, p.spread))
		return
	}
	for s := range min(used+1, p.n) {
		c, after := chance/float64(p.n), used
		if s == used {
			c, after = c*float64(p.n-used), used+1
		}
		p.load[s] += p.large[i]
		p.place(i+1, after, c)
		p.load[s] -= p.large[i]
	}
}

// maxOfNormals is the expected maximum of independent normals with these means
// and one standard deviation: the integral of the chance that any exceeds x,
// from where it is certain on.
func maxOfNormals(means []float64, deviation float64) float64 {
	highest := slices.Max(means)
	if deviation == 0 {
		return highest
	}
	const width, steps = 7, 56 // deviations to either side; eight decimals
	from, step := highest-width*deviation, 2*width*deviation/steps
	sum := 0.0
	for i := range steps + 1 {
		x := from + float64(float64(i)*step)
		below := 1.0
		for _, m := range means {
			below *= math.Erfc((m-x)/deviation/math.Sqrt2) / 2
		}
		if i == 0 || i == steps {
			below = (1 + below) / 2 // ends of the trapezoids count half
		}
		sum += 1 - below
	}
	return from + float64(sum*step)
}
