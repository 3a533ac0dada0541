package tcp

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A memo says of each request of a connection what its simulation says, whatever
// the ends and the pattern, from a new connection, a resumed session or an idle
// one.
func TestMemoIsTheSimulation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x := drawConfig(t), drawExchange(t)
		c.eachEnd(func(e *End) { e.Timer, e.Phase = FromArrival, 0 })
		m, err := NewMemo([]Pattern{{c, x}})
		if err != nil {
			t.Fatal(err)
		}
		count, requests := x.Count, followedLeast
		if x.ClientThink > 0 {
			requests = 1 // the memo has no pauses between requests
		}
		x.Count *= requests
		for s := range Next {
			trace, err := Simulate(&c, &x, Options{State: s})
			if err != nil {
				t.Fatal(err)
			}
			p := m.First(0, s)
			for i := range requests {
				want := Trace{Spans: trace.Spans[i*count : (i+1)*count]}
				if got, want := *m.Cost(p, 0), want.cost(); got != want {
					t.Fatalf("state %d, request %d: %+v, want %+v", s, i, got, want)
				}
				p = m.After(p)
			}
		}
	})
}

// What an end does at first and then no more is remembered until it is over: quick
// acknowledgements, and a congestion window that has yet to grow.
func TestMemoRemembersTheBeginning(t *testing.T) {
	quick := NewConfig(10 * ms)
	quick.Server.DelayedAck, quick.Server.QuickAcks = 40*ms, 16
	growing := NewConfig(10 * ms)
	growing.Server.Nodelay, growing.Server.InitialWindow = true, 2
	m, err := NewMemo([]Pattern{
		{quick, Exchange{ClientWrites: two, ServerWrites: short, Think: 2 * ms, Count: 1}},
		{growing, Request(300, 100_000, 2*ms)},
	})
	if err != nil {
		t.Fatal(err)
	}
	totals := func(pattern, n int) (list []time.Duration) {
		p := m.First(pattern, Idle)
		for range n {
			list = append(list, m.Cost(p, 0).Total())
			p = m.After(p)
		}
		return list
	}
	for i, got := range totals(0, 100) {
		want := 22 * ms // two of the sixteen in each of the first eight
		if i >= 8 {
			want = 62 * ms
		}
		if got != want {
			t.Errorf("exchange %d with quick acknowledgements: %v, want %v", i, got, want)
		}
	}
	if got := totals(1, 4); got[0] <= got[1] || got[3] != 12*ms {
		t.Errorf("a window that grows: %v", got)
	}
}

// Where a clock ticks, the cost depends on the instant, up to a part of the period.
func TestMemoTicks(t *testing.T) {
	c := NewConfig(10 * ms)
	c.Server.Timer = Tick
	x := Exchange{ClientWrites: two, ServerWrites: short, Think: 2 * ms, Count: 1}
	m, err := NewMemo([]Pattern{{c, x}})
	if err != nil {
		t.Fatal(err)
	}
	p := m.First(0, Fresh)
	for at := sim.Time(0); at < sim.Time(time.Second); at += sim.Time(7 * ms) {
		for s := range Next {
			got := m.Cost(m.First(0, s), at).Total()
			want := simulate(t, c, x, Options{State: s, Start: at}).Latency
			// Just before a tick it may be taken for the one after.
			if d := (got - want).Abs(); d > 200*ms/bins && d < 200*ms-200*ms/bins {
				t.Errorf("state %d at %v: %v, want %v", s, at, got, want)
			}
		}
	}
	if p = m.After(p); p != m.First(0, Idle) {
		t.Error("the second exchange is not one of an idle connection")
	}
}

// With losses the memo draws from the same distribution as the simulation of all
// packets.
func TestMemoLoses(t *testing.T) {
	for _, loss := range []flow.Share{0.001, 0.02, 0.3} {
		c := NewConfig(10 * ms)
		c.Loss, c.TLS, c.Server.Nodelay = loss, TLS13, true
		x := Request(300, 20_000, 2*ms)
		m, err := NewMemo([]Pattern{{c, x}})
		if err != nil {
			t.Fatal(err)
		}
		const n = 20_000
		var sums, squares [2]float64
		var whole [2]int
		random, u := sim.NewStream(1, 0, "packets"), sim.NewStream(1, 0, "exchanges")
		best := m.Cost(m.First(0, Fresh), 0).Total()
		for i := range uint64(n) {
			cost, _ := m.Draw(m.First(0, Fresh), 0, u.Nth(i))
			for k, d := range []time.Duration{cost.Total(), simulate(t, c, x, Options{State: Fresh, Random: random}).Latency} {
				sums[k] += d.Seconds()
				squares[k] += d.Seconds() * d.Seconds()
				if d == best {
					whole[k]++
				}
			}
		}
		mean, deviation := sums[1]/n, math.Sqrt((squares[0]+squares[1])/n-(sums[0]*sums[0]+sums[1]*sums[1])/n/n)
		if d := math.Abs(sums[0]/n - mean); d > 4*deviation/math.Sqrt(n) {
			t.Errorf("loss %g: mean %.4g s, of the simulation %.4g s", loss, sums[0]/n, mean)
		}
		if d := math.Abs(float64(whole[0] - whole[1])); d > 4*math.Sqrt(2*n*0.25) {
			t.Errorf("loss %g: %d of %d undisturbed, of the simulation %d", loss, whole[0], n, whole[1])
		}
	}
}

// The first loss follows the geometric distribution.
func TestFirstLost(t *testing.T) {
	const loss, packets, n = 0.2, 6, 100_000
	whole := math.Pow(1-loss, packets)
	var counts [packets]int
	for i := range n {
		u := whole + (1-whole)*(float64(i)+0.5)/n
		counts[firstLost(u, whole, loss, packets)]++
	}
	for k, got := range counts {
		want := n * loss * math.Pow(1-loss, float64(k)) / (1 - whole)
		if math.Abs(float64(got)-want) > 2 {
			t.Errorf("packet %d is the first to be lost %d times, want %.0f", k, got, want)
		}
	}
}

// A simulated loss lets those packets arrive that come before the first to be lost.
func TestChance(t *testing.T) {
	for first := range 4 {
		c := chance{first: first}
		for i := range first {
			if c.Float64() < 1 {
				t.Errorf("packet %d may be lost before packet %d", i, first)
			}
		}
		if u := c.Float64(); u != 0 {
			t.Errorf("packet %d is lost at %g", first, u)
		}
		if a, b := c.Float64(), c.Float64(); a == 0 || b == 0 || a == b || a >= 1 || b >= 1 {
			t.Errorf("after packet %d: %g, %g", first, a, b)
		}
	}
}

// An exchange with a loss finds the window that those before it have left.
func TestDrawFindsTheWindow(t *testing.T) {
	c := NewConfig(10 * ms)
	c.Loss, c.Server.Nodelay, c.Server.InitialWindow = 1e-9, true, 2
	m, err := NewMemo([]Pattern{{c, Request(300, 100_000, 2*ms)}})
	if err != nil {
		t.Fatal(err)
	}
	p := m.First(0, Idle)
	for range 5 {
		p = m.After(p)
	}
	whole := m.entries[p].whole
	if cost, _ := m.Draw(p, 0, whole); cost.Total() != 322*ms { // the request is lost
		t.Errorf("%v, want 322ms", cost.Total())
	}
}

// After a loss a connection begins as after an idle time; without one it goes on.
func TestDrawGoesOn(t *testing.T) {
	c := NewConfig(10 * ms)
	c.Loss, c.Server.QuickAcks = 0.1, 5
	m, err := NewMemo([]Pattern{{NewConfig(ms), Request(1, 1, 0)}, {c, Request(300, 500, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	p := m.First(1, Fresh)
	if cost, next := m.Draw(p, 0, 0.1); cost != m.Cost(p, 0) || next != m.After(p) {
		t.Error("nothing is lost, and it is not looked up")
	}
	if cost, _ := m.Draw(m.First(0, Fresh), 0, 1-0x1p-53); cost != m.Cost(m.First(0, Fresh), 0) {
		t.Error("something is lost where nothing can be")
	}
	if cost, next := m.Draw(p, 0, 0.9999); cost.Total() < 300*ms || next != m.First(1, Idle) {
		t.Errorf("something is lost: %+v, place %d", cost, next)
	}
}

func TestMemoErrors(t *testing.T) {
	if _, err := NewMemo([]Pattern{{NewConfig(-1), Request(1, 1, 0)}}); err == nil {
		t.Error("a negative round-trip time is accepted")
	}
	if _, err := NewMemo([]Pattern{{NewConfig(1), Exchange{Count: 1}}}); err == nil {
		t.Error("an exchange of nothing is accepted")
	}
}

func benchmarkMemo(b testing.TB) *Memo {
	c := NewConfig(10 * ms)
	c.Loss, c.TLS = 0.01, TLS12
	m, err := NewMemo([]Pattern{{c, Request(300, 4000, 0)}})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func TestMemoAllocatesNothing(t *testing.T) {
	m := benchmarkMemo(t)
	p := m.First(0, Fresh)
	for _, u := range []float64{0.1, 0.999999} {
		if n := testing.AllocsPerRun(1000, func() {
			_, p = m.Draw(p, 0, u)
			if u > 0.5 {
				p = m.First(0, Fresh)
			}
		}); n != 0 {
			t.Errorf("%g: %g allocations", u, n)
		}
	}
}

// A look into the memo, as for each request of a run without losses.
func BenchmarkCost(b *testing.B) {
	m := benchmarkMemo(b)
	p := m.First(0, Fresh)
	var total time.Duration
	for i := range b.N {
		total += m.Cost(p, sim.Time(i)).Total()
		p = m.After(p)
	}
	if total == 0 {
		b.Error("nothing costs anything")
	}
}

// The same with losses of 1 %: of about ten packets one is lost in a tenth of the
// exchanges.
func BenchmarkDraw(b *testing.B) {
	m := benchmarkMemo(b)
	p := m.First(0, Fresh)
	u := sim.NewStream(1, 0, "losses")
	lost := 0
	for i := range b.N {
		cost, next := m.Draw(p, sim.Time(i), u.Nth(uint64(i)))
		if p = next; cost == &m.cost {
			lost++
		}
	}
	b.ReportMetric(float64(lost)/float64(b.N), "lossy/op")
}

// One exchange of 5 packets, packet by packet.
func BenchmarkSimulation(b *testing.B) {
	c, x := NewConfig(10*ms), Exchange{ClientWrites: two, ServerWrites: short, Think: 2 * ms, Count: 1}
	var m simulation
	for range b.N {
		m.prepare(&c, &x, nil, &Options{})
		m.start()
		if err := m.run(true); err != nil || m.count != 5 {
			b.Fatal(err, m.count)
		}
	}
}

// What a run pays at its beginning for each pattern.
func BenchmarkNewMemo(b *testing.B) {
	patterns := []Pattern{{NewConfig(10 * ms), Request(300, 4000, 0)}}
	for range b.N {
		if _, err := NewMemo(patterns); err != nil {
			b.Fatal(err)
		}
	}
}
