package cluster_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// measure runs a cluster and returns a part of the time and its standard error, of
// 40 batches of so many hours. read is what of the time so far counts.
func measure(t *testing.T, text string, hours int, read func(c *cluster.Cluster, now sim.Time) time.Duration) (mean, half float64) {
	t.Helper()
	const batches = 40
	r := rigOf(t, text)
	r.quiet = true
	length := time.Duration(hours) * time.Hour
	last, sum, squares := time.Duration(0), 0.0, 0.0
	for i := range batches {
		now := sim.Time(time.Duration(i+1) * length)
		r.e.Run(now)
		x := read(r.c, now)
		part := float64(x-last) / float64(length)
		last, sum, squares = x, sum+part, squares+part*part
	}
	mean = sum / batches
	return mean, math.Sqrt((squares/batches - mean*mean) / (batches - 1))
}

// check fails unless a measured value is within 3 standard errors of an exact one,
// and these are small enough to tell something.
func check(t *testing.T, name string, got, half, want, precision float64) {
	t.Helper()
	t.Logf("%s: %.6g ± %.2g, exact %.6g", name, got, half, want)
	if math.Abs(got-want) > 3*half || half > precision*want {
		t.Errorf("%s: %.6g ± %.2g is not %.6g", name, got, half, want)
	}
}

// alone is n hosts with a machine each that is up as soon as its host is.
func alone(n int, failures string) string {
	var vms []string
	for i := 1; i <= n; i++ {
		vms = append(vms, fmt.Sprintf("{name: v%d, on: h%d, memory: 1GB, boot: 0s, classes: [C]}", i, i))
	}
	return fmt.Sprintf("platform: none\nhosts: [{names: \"h[1-%d]\", cores: 4, memory: 8GB}]\nvms: [%s]\nfailures: %s\n",
		n, strings.Join(vms, ", "), failures)
}

// less is how long fewer than k of a class have been up.
func less(k int) func(c *cluster.Cluster, now sim.Time) time.Duration {
	return func(c *cluster.Cluster, now sim.Time) time.Duration {
		m := c.ClassMeter(0, now)
		return time.Duration(now) - cluster.AtLeast(&m, k)
	}
}

// A burst takes the other hosts of the rack within its time; without bursts none
// follows.
func TestBurst(t *testing.T) {
	text := `platform: none
hosts: [{names: "a[1-4]", cores: 4, memory: 8GB, rack: r1}, {names: "b[1-4]", cores: 4, memory: 8GB, rack: r2}]
vms: []
failures: {host: {mtbf: 10000h, mttr: 24h}, burst: {probability: %s}}
`
	for _, x := range []struct {
		probability string
		share       float64 // of failures within a minute of another one in the rack
	}{{"0%", 0}, {"100%", 1}} {
		r := rigOf(t, fmt.Sprintf(text, x.probability))
		r.e.Run(sim.Time(50000 * time.Hour))
		fails := map[byte][]float64{}
		for _, line := range r.out {
			var at float64
			var host string
			if fmt.Sscanf(strings.TrimSpace(line), "%fs %s fails", &at, &host); strings.HasSuffix(line, "fails") {
				fails[host[0]] = append(fails[host[0]], at)
			}
		}
		near, all := 0, 0
		for _, list := range fails {
			for i, at := range list {
				all++
				if i > 0 && at-list[i-1] <= 60 || i+1 < len(list) && list[i+1]-at <= 60 {
					near++
				}
			}
		}
		if all < 20 || math.Abs(float64(near)/float64(all)-x.share) > 0.05 {
			t.Errorf("probability %s: %d of %d failures have another one near", x.probability, near, all)
		}
	}
}

// How long a component works, how long its repair takes, and how long it works then
// have nothing to do with each other: the part of the time that is lost would not
// show it if they had.
func TestTimesAreIndependent(t *testing.T) {
	g := &group{hosts: []int{1}, need: 1, up: 3 * hour, down: hour}
	e := sim.New(1, 0)
	r := &repairs{e: e}
	cluster.New(e, g.config(), cluster.Options{Machines: r})
	e.Run(sim.Time(100_000 * hour))
	n := len(r.took) - 1
	worked, took, then := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		worked[i], took[i], then[i] = r.worked[i].Seconds(), r.took[i].Seconds(), r.worked[i+1].Seconds()
	}
	for name, pair := range map[string][2][]float64{"it and its repair": {worked, took}, "a repair and the next": {took, then}, "it and the next": {worked, then}} {
		if c := stat.Correlation(pair[0], pair[1], nil); math.Abs(c) > 4/math.Sqrt(float64(n)) {
			t.Errorf("%s: a correlation of %.4f in %d failures", name, c, n)
		}
	}
}

// What one component draws does not depend on what else there is.
func TestDrawsOfAComponent(t *testing.T) {
	var first [2]string
	for i, n := range []int{1, 5} {
		r := rigOf(t, alone(n, "{host: {mtbf: 100h, mttr: 1h}}"))
		r.e.Run(sim.Time(1000 * time.Hour))
		for _, line := range r.out {
			if strings.Contains(line, " h1 ") {
				first[i] += line + "\n"
			}
		}
	}
	if first[0] != first[1] || first[0] == "" {
		t.Errorf("h1 alone:\n%swith others:\n%s", first[0], first[1])
	}
}
