package cluster_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

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
		return time.Duration(now) - m.AtLeast(k)
	}
}

// downTime is how long machines have been down, on average.
func downTime(c *cluster.Cluster, now sim.Time) time.Duration {
	var up time.Duration
	n := len(c.View().VMs)
	for v := range n {
		up += c.VMMeter(v, now).Up / time.Duration(n)
	}
	return time.Duration(now) - up
}

// F1, A1 and A12: what is lost is MTTR/(MTTF+MTTR), whatever the laws are.
func TestRenewal(t *testing.T) {
	const hours, want = 20000, 4.0 / 8764
	for _, x := range []struct{ name, failures string }{
		{"exponential", "{host: {mtbf: 8760h, mttr: 4h}}"},
		{"Weibull and lognormal", "{host: {law: {kind: weibull, mean: 8760h, shape: 0.75}, repair: {kind: lognormal, mean: 4h, cv: 1}}}"},
		{"constant repair", "{host: {law: {kind: weibull, mean: 8760h, shape: 1.5}, repair: {kind: constant, mean: 4h}}}"},
		{"of machines", "{vm: {mtbf: 8760h, mttr: 4h}}"},
	} {
		// A decreasing rate of failures has more of them at first: the first batches
		// are not from the long run, but are few.
		got, half := measure(t, alone(100, x.failures), hours, downTime)
		check(t, x.name, got, half, want, 0.05)
	}
}

// F4, F5 and A3: k of n that fail independently, of which each is up for 0.99 of
// the time.
func TestKOfN(t *testing.T) {
	for _, x := range []struct {
		k, n int
		up   float64
	}{{1, 2, 0.9999}, {2, 3, 0.999702}, {3, 4, 0.99940797}, {4, 5, 0.99901985}, {7, 8, 0.99730992}} {
		got, half := measure(t, alone(x.n, "{host: {mtbf: 99h, mttr: 1h}}"), 50000, less(x.k))
		check(t, fmt.Sprintf("%d of %d", x.k, x.n), got, half, 1-x.up, 0.08)
	}
}

// F8, A7: two units and one crew are down together for 2r²/(1+2r+2r²), with a crew
// each for (r/(1+r))². A9: three units and two crews.
func TestCrews(t *testing.T) {
	const r = 0.1
	got, half := measure(t, alone(2, "{host: {mtbf: 10h, mttr: 1h, crews: 1}}"), 2000, less(1))
	check(t, "one crew", got, half, 2*r*r/(1+2*r+2*r*r), 0.05)
	got, half = measure(t, alone(2, "{host: {mtbf: 10h, mttr: 1h}}"), 2000, less(1))
	check(t, "a crew each", got, half, r/(1+r)*r/(1+r), 0.05)
	p, sum := []float64{1, 0, 0, 0}, 1.0
	for i := range 3 {
		p[i+1] = p[i] * float64(3-i) * r / math.Min(float64(i+1), 2)
		sum += p[i+1]
	}
	got, half = measure(t, alone(3, "{host: {mtbf: 10h, mttr: 1h, crews: 2}}"), 2000, less(2))
	check(t, "two crews", got, half, (p[2]+p[3])/sum, 0.05)
}

// F9, A8: the mean time until both of two are down, from when both are up.
func TestTimeToBothDown(t *testing.T) {
	const runs, want = 1000, 51500.0
	config, err := configOf(alone(2, "{host: {mtbf: 1000h, mttr: 10h}}"))
	if err != nil {
		t.Fatal(err)
	}
	sum, squares := 0.0, 0.0
	for i := range uint64(runs) {
		e := sim.New(1, i)
		both := &bothDown{e: e}
		cluster.New(e, config, cluster.Options{Machines: both})
		e.Run(sim.Time(100 * 8766 * time.Hour))
		hours := both.at.Seconds() / 3600
		sum, squares = sum+hours, squares+hours*hours
	}
	mean := sum / runs
	check(t, "hours", mean, math.Sqrt((squares/runs-mean*mean)/(runs-1)), want, 0.04)
}

// bothDown stops a run when two machines are down.
type bothDown struct {
	e    *sim.Engine
	down int
	at   sim.Time
}

func (b *bothDown) Down(int, cluster.Ending) {
	if b.down++; b.down == 2 {
		b.at = b.e.Now()
		b.e.Stop()
	}
}
func (b *bothDown) Up(int, bool)            { b.down-- }
func (b *bothDown) Speed(int, float64)      {}
func (b *bothDown) Stun(int, time.Duration) {}

// F10: the probability to fail in the first 720 h, with a mean of a year.
func TestFirstFailures(t *testing.T) {
	const n = 2000
	for _, x := range []struct{ shape, want float64 }{{0.7, 0.185463}, {1, 0.078905}, {1.5, 0.020008}} {
		r := rigOf(t, alone(n, fmt.Sprintf("{host: {law: {kind: weibull, mean: 8760h, shape: %g}, mttr: 10000h}}", x.shape)))
		r.quiet = true
		r.e.Run(sim.Time(720 * time.Hour))
		failed := 0
		for v := range n {
			if r.c.VMMeter(v, r.e.Now()).Outages > 0 {
				failed++
			}
		}
		p := float64(failed) / n
		check(t, fmt.Sprintf("shape %g", x.shape), p, math.Sqrt(x.want*(1-x.want)/n), x.want, 0.2)
	}
}

// F13, A4: four failovers a year of 30 s each are 120 s a year.
func TestFailoversOfAYear(t *testing.T) {
	r := rigOf(t, `platform: wsfc
hosts: [{names: "h[1-2]", cores: 4, memory: 8GB}]
vms: [{name: v, on: h1, memory: 1GB, boot: 15s, service: 5s}]
`)
	for i := range 4 {
		h := "h" + fmt.Sprint(i%2+1)
		for _, line := range []string{fmt.Sprintf("at %dh fail %s", 2000*i+1000, h), fmt.Sprintf("at %dh recover %s", 2000*i+1004, h)} {
			if err := r.Command(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	year := sim.Time(8760 * time.Hour)
	r.e.Run(year)
	m := r.c.VMMeter(0, year)
	if down := time.Duration(year) - m.Up; down != 2*time.Minute || m.Failovers != 4 {
		t.Errorf("down for %v, %d failovers", down, m.Failovers)
	}
}

// F14, A6: a tenth of the failures is common to two units. The rates are higher
// here, so that there is something to measure.
func TestCommonCause(t *testing.T) {
	text := alone(2, "{host: {mtbf: 111.11111h, mttr: 4h}, common: [{name: update, hosts: [h1, h2], mtbf: 1000h, mttr: 4h}]}")
	own, common := 1/(1+4*0.9/100), 1/(1+0.4/100)
	got, half := measure(t, text, 10000, less(1))
	// A host that is down by the common cause does not fail by itself, which is why
	// the product is a little too high.
	check(t, "1 of 2", got, half, 1-common*(1-(1-own)*(1-own)), 0.1)
}

// Rows place-* of the theory sheet, with more frequent failures: what k of n lose
// on hosts that have several of them, where a replica fails by itself, too.
func TestSharedHosts(t *testing.T) {
	const u, v = 0.05, 0.02
	for _, x := range []struct {
		name  string
		hosts []int // replicas by host
		need  int
	}{{"1+1+1+1", []int{1, 1, 1, 1}, 3}, {"2+2", []int{2, 2}, 3}, {"4", []int{4}, 3}, {"2+2+2", []int{2, 2, 2}, 4}, {"3+3", []int{3, 3}, 4}} {
		var vms []string
		for h, n := range x.hosts {
			for range n {
				vms = append(vms, fmt.Sprintf("{name: v%d, on: h%d, memory: 1GB, boot: 0s, classes: [C]}", len(vms)+1, h+1))
			}
		}
		text := fmt.Sprintf("platform: none\nhosts: [{names: \"h[1-%d]\", cores: 4, memory: 8GB}]\nvms: [%s]\nfailures: {host: {mtbf: 950h, mttr: 50h}, vm: {mtbf: 49h, mttr: 1h}}\n",
			len(x.hosts), strings.Join(vms, ", "))
		got, half := measure(t, text, 50000, less(x.need))
		check(t, x.name, got, half, lacking(x.hosts, x.need, u, v), 0.05)
	}
}

// lacking is the probability that fewer than need replicas are up.
func lacking(hosts []int, need int, u, v float64) float64 {
	if len(hosts) == 0 {
		if need > 0 {
			return 1
		}
		return 0
	}
	p := u * lacking(hosts[1:], need, u, v)
	for i := range hosts[0] + 1 {
		choose := 1.0
		for j := range i {
			choose *= float64(hosts[0]-j) / float64(j+1)
		}
		p += (1 - u) * choose * math.Pow(1-v, float64(i)) * math.Pow(v, float64(hosts[0]-i)) * lacking(hosts[1:], need-i, u, v)
	}
	return p
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
