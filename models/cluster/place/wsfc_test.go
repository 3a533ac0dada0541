package place

import (
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// The line of the article, and that of vector W1c.
func TestLogLine(t *testing.T) {
	at := time.Date(2013, 7, 22, 10, 40, 33, 162e6, time.UTC)
	for _, c := range []struct {
		group    string
		from, to int
		want     string
	}{
		{"ex2", 1, 2, "00000648.00000d54::2013/07/22-10:40:33.162 INFO  [RCM] group ex2 should fail back from node 2 to node 3 now due anti-affinity"},
		{"ex1", 1, 0, "00000648.00000d54::2013/07/22-10:40:33.162 INFO  [RCM] group ex1 should fail back from node 2 to node 1 now due anti-affinity"},
	} {
		if got := LogLine(0x648, 0xd54, at.UnixMilli(), c.group, c.from, c.to); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Dates as package time has them, leap days and the ends of years among them.
func TestCivil(t *testing.T) {
	for days := int64(0); days < 200000; days += 1 + days%3 {
		year, month, date := civil(days)
		if y, m, d := time.Unix(days*86400, 0).UTC().Date(); int(year) != y || int(month) != int(m) || int(date) != d {
			t.Fatalf("day %d is %d-%d-%d, want %d-%d-%d", days, year, month, date, y, m, d)
		}
	}
}

// A random walk tries each node first as often, and what one machine draws does
// not depend on which others are placed.
func TestRandomWalk(t *testing.T) {
	p := newWSFC()
	p.PreferredEmpty = "random"
	place := func(others bool) (where []int) {
		view := hosts(5, 40)
		w := p.NewPlacer(cluster.Env{View: view, Rand: sim.NewStream(1, 0, "cluster/place")})
		for range 1000 {
			where = append(where, w.Place(cluster.Query{VM: 1, Cause: cluster.Started, From: -1}).Host)
			if others {
				w.Place(cluster.Query{VM: 0, Cause: cluster.Started, From: -1})
			}
		}
		return where
	}
	alone, among := place(false), place(true)
	count := make([]int, 5)
	for i := range alone {
		count[alone[i]]++
		if alone[i] != among[i] {
			t.Fatalf("placement %d is %d alone and %d among others", i, alone[i], among[i])
		}
	}
	for h, n := range count {
		if n < 150 || n > 250 { // 200 ± 4 standard deviations
			t.Errorf("node %d is first %d times of 1000", h, n)
		}
	}
}

// hosts is a cluster of equal hosts and machines that have none.
func hosts(n, vms int) *cluster.View {
	v := &cluster.View{Hosts: make([]cluster.HostView, n), VMs: make([]cluster.VMView, vms)}
	for h := range v.Hosts {
		v.Hosts[h] = cluster.HostView{Name: string(rune('a' + h)), Up: true, Memory: 1e12, Free: 1e12, Cores: 64}
	}
	for vm := range v.VMs {
		v.VMs[vm] = cluster.VMView{Memory: 1e9, Cores: 1, Priority: 2000, Host: -1, Home: -1}
	}
	return v
}
