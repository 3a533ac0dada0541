package experiment

import (
	"hash/fnv"
	"math/rand/v2"
)

// Bounds on a sweep.
const (
	maxAxes = 8
	// maxPoints bounds the points times the variants of the scenario: each has an
	// outcome of some tens of kilobytes.
	maxPoints = 10_000
	// maxRuns bounds those times the replications: each is kept in a file.
	maxRuns = 300_000
	// maxSweepEvents bounds the events of all runs, about 15 weeks of one core.
	maxSweepEvents = 5e13
)

// grid returns every combination of the axes' values, the first axis the slowest.
func grid(axes []Axis) (points [][]string, err error) {
	n := 1
	for i := range axes {
		if n *= len(axes[i].Values); n > maxPoints {
			return nil, refuse("the axes have more than %d combinations: drop values, or take a sample of them with --samples 200", maxPoints)
		}
	}
	for i := range n {
		at, rest := make([]string, len(axes)), i
		for a := len(axes) - 1; a >= 0; a-- {
			values := axes[a].Values
			at[a], rest = values[rest%len(values)], rest/len(values)
		}
		points = append(points, at)
	}
	return points, nil
}

// hypercube returns n points of a Latin hypercube sample (McKay, Beckman and
// Conover 1979): each axis is cut into n equal parts, and each part of each axis
// has one point, at random within it. What an axis gets depends on the seed and
// its path alone.
func hypercube(axes []Axis, n int, seed uint64) [][]string {
	points := make([][]string, n)
	for a := range axes {
		name := fnv.New64a()
		name.Write([]byte("sweep/" + axes[a].Path))
		random := rand.NewPCG(seed, name.Sum64())
		parts := make([]int, n)
		for i := range parts { // Fisher and Yates, inside out
			k := int(random.Uint64() % uint64(i+1)) // n is so small that no part is favoured
			parts[i] = parts[k]
			parts[k] = i
		}
		for i, part := range parts {
			u := (float64(part) + float64(random.Uint64()>>11)/(1<<53)) / float64(n)
			points[i] = append(points[i], axes[a].at(min(u, 1-1e-16)))
		}
	}
	return points
}
