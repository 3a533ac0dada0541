package sched

import (
	"math"
	"testing"
	"time"

	"lbsim/models/lb"
	"lbsim/sim"
)

// The random aperture settles where the mean load is in the band.
func TestApertureFollowsTheLoad(t *testing.T) {
	for _, c := range []struct {
		held, least, most int
	}{{0, 1, 1}, {1, 2, 2}, {10, 10, 12}, {40, 37, 46}, {88, 80, 100}, {300, 100, 100}} {
		p := newPool(newAperture(), same(100)...)
		a := p.Scheduler.(*randomAperture)
		var open []int
		for range c.held {
			m := p.pick()
			open = append(open, m)
			p.count(m, 1)
		}
		// Ten times a second a connection comes and another goes. The average takes
		// the number after a change for the time before it, which is one more.
		for i := range 2000 {
			p.query.Now += 1e8
			m := p.pick()
			p.count(m, 1)
			if i%10 == 0 && c.held > 0 {
				open = append(open, m)
				m, open = open[0], open[1:]
			}
			p.count(m, -1)
		}
		if a.width < c.least || a.width > c.most {
			t.Errorf("%d connections: %d servers are used, not %d to %d", c.held, a.width, c.least, c.most)
		}
	}
}

// It changes by one server for one connection that comes or goes, and smoothing
// keeps it from following what passes quickly.
func TestApertureIsSmooth(t *testing.T) {
	p := newPool(newAperture(), same(100)...)
	a := p.Scheduler.(*randomAperture)
	p.pick()
	p.count(0, 1) // the first value is the average
	for range 50 {
		p.count(0, 1)
	}
	expect(t, "average at once", a.smooth, 1)
	expect(t, "servers at once", a.width, 1)
	p.query.Now += sim.Time(15 * time.Second)
	p.count(0, 1)
	if want := 52*(1-math.Exp(-1)) + math.Exp(-1); math.Abs(a.smooth-want) > 1e-9 {
		t.Errorf("average after 15 s: got %v, want %v", a.smooth, want)
	}
	expect(t, "servers after 15 s", a.width, 2)
}

// Each balancer uses other servers, in an order of its own, and one that leaves
// is followed by the next.
func TestApertureOrders(t *testing.T) {
	firsts := map[int]int{}
	view := lb.View{Members: make([]lb.Member, 5)}
	for m := range view.Members {
		view.Members[m] = lb.Member{Base: 1, Weight: lb.FullWeight, Usable: true}
	}
	for i := range 1000 {
		env := lb.Env{View: &view, Rand: sim.NewStream(1, uint64(i), "test"), Now: func() sim.Time { return 0 }}
		s := newAperture().NewScheduler(env).(*randomAperture)
		m := s.Pick(nil)
		firsts[m]++
		if again := s.Pick(nil); again != m {
			t.Fatalf("one server is used, but both %d and %d are picked", m, again)
		}
		view.Members[m].Usable = false
		s.Changed(m)
		if next := s.Pick(nil); next != int(s.order[1]) {
			t.Errorf("after %v has left, %d is picked", s.order, next)
		}
		view.Members[m].Usable = true
	}
	for m := range 5 {
		if firsts[m] < 150 || firsts[m] > 250 {
			t.Errorf("of 1000 balancers, %d use server %d", firsts[m], m)
		}
	}
}

// slices returns the slices of all of some balancers, by balancer and server.
func slicesOf(balancers, servers, size int) [][]float64 {
	view := lb.View{Members: make([]lb.Member, servers)}
	for m := range view.Members {
		view.Members[m] = lb.Member{Base: 1, Weight: lb.FullWeight, Usable: true}
	}
	all := make([][]float64, balancers)
	for k := range all {
		s := newSlice(lb.Env{View: &view, Rand: sim.NewStream(1, 0, "test"), Instance: k, Instances: balancers}, size)
		s.Pick(nil)
		all[k] = make([]float64, servers)
		for _, a := range s.in {
			all[k][a.member] += a.share
		}
	}
	return all
}

// The width of a slice is min(1, ceil(size * remote / local) * local), where
// remote and local are the widths of a server and of a balancer on the ring,
// and together the balancers use all servers alike.
func TestSlicesCoverTheRing(t *testing.T) {
	for _, c := range []struct{ balancers, servers, size int }{
		{1, 30, 12}, {2, 30, 12}, {3, 30, 12}, {7, 30, 12}, {10, 30, 12}, {30, 30, 12}, {100, 30, 12},
		{3, 4, 12}, {3, 2, 2}, {4, 5, 3}, {5, 7, 2}, {255, 1000, 12}, {3, 1000, 12}, {8, 1, 2},
	} {
		all := slicesOf(c.balancers, c.servers, c.size)
		local, remote := 1/float64(c.balancers), 1/float64(c.servers)
		width := min(1, math.Ceil(float64(min(c.size, c.servers))*remote/local-1e-9)*local)
		total := make([]float64, c.servers)
		for k, shares := range all {
			sum, used := 0.0, 0
			for m, x := range shares {
				sum += x
				total[m] += x
				if x > 0 {
					used++
				}
				if x > 1+1e-9 {
					t.Fatalf("%+v: balancer %d has %v of server %d", c, k, x, m)
				}
			}
			if math.Abs(sum-width*float64(c.servers)) > 1e-9 {
				t.Errorf("%+v: balancer %d has %v servers, not %v", c, k, sum, width*float64(c.servers))
			}
			if used < min(c.size, c.servers) {
				t.Errorf("%+v: balancer %d uses %d servers", c, k, used)
			}
		}
		for m, x := range total {
			if math.Abs(x-total[0]) > 1e-9 {
				t.Errorf("%+v: server %d is used %v times, server 0 %v times", c, m, x, total[0])
			}
		}
	}
}

// Balancer 1 of 3 has servers 3 1/3 to 6 2/3 of 10.
func TestSliceOfTheRing(t *testing.T) {
	view := lb.View{Members: make([]lb.Member, 10)}
	for m := range view.Members {
		view.Members[m] = lb.Member{Base: 1, Weight: lb.FullWeight, Usable: true}
	}
	s := newSlice(lb.Env{View: &view, Rand: sim.NewStream(1, 0, "test"), Instance: 1, Instances: 3}, 3)
	picked := make([]float64, 10)
	const n = 300_000
	for range n {
		picked[s.Pick(nil)] += 10. / 3 / n
	}
	for m, want := range []float64{3: 2. / 3, 4: 1, 5: 1, 6: 2. / 3, 9: 0} {
		// Without load the first drawn is picked.
		if math.Abs(picked[m]-want) > 0.02 {
			t.Errorf("server %d gets %.3f of what it would of its own, want %.3f", m, picked[m], want)
		}
	}
	// Loads are compared per share: 4 on two thirds of a server are more than 5 on
	// a whole one, so that a partial one is picked if both draws are.
	for m, held := range []int32{3: 4, 4: 5, 5: 5, 6: 4} {
		view.Members[m].Active = held
	}
	partial := 0.0
	for range n {
		if m := s.Pick(nil); m == 3 || m == 6 {
			partial += 1. / n
		}
	}
	if math.Abs(partial-0.1) > 0.005 { // 2 (0.2 0.2/0.8)
		t.Errorf("partial servers get %.4f of the picks, want 0.1", partial)
	}
}
