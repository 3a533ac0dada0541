package sched

import (
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

const ms = time.Millisecond

func instant(d time.Duration) sim.Time { return sim.Time(d) }

// with makes a policy of its defaults and a change.
func with[P lb.SchedulerPolicy](p lb.SchedulerPolicy, change func(P)) P {
	change(p.(P))
	return p.(P)
}

func leastTimeLike(product string, weights ...int64) (*pool, *leastTime) {
	p := newPool(with(newLeastResponseTime(), func(p *LeastResponseTime) { p.Like = product }), weights...)
	return p, p.Scheduler.(*leastTime)
}

func TestNginxLeastTimeSteps(t *testing.T) {
	_, l := leastTimeLike("nginx", 1, 1)
	for _, c := range []struct {
		name          string
		average, want int64
		since         time.Duration // the last time it was picked
	}{
		{"no answer yet", 0, 20, 0},
		{"below a step", 19, 20, 0},
		{"a whole step is rounded up, too", 20, 40, 0},
		{"above a step", 21, 40, 0},
		{"below the cap", 4999, 5000, 0},
		{"at the cap", 5000, 5020, 0},
		{"above the cap", 5001, 5000, 0},
		{"far above the cap", 1e6, 5000, 0},
		{"not halved within fail_timeout", 1000, 1020, 10*time.Second + 999*ms},
		{"halved in the second after it", 1000, 520, 11 * time.Second},
		{"halved once in two", 1000, 520, 21 * time.Second},
		{"halved twice", 1000, 260, 22 * time.Second},
		{"halved to nothing", 1000, 20, time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.times[0] = timed{average: c.average}
			expect(t, "time", l.time(0, instant(c.since)/l.tick), c.want)
		})
	}
}

func TestLeastResponseTimeAverages(t *testing.T) {
	_, l := leastTimeLike("nginx", 1)
	for i, c := range []struct{ took, want int64 }{
		{100, 100}, {200, 105}, {0, 100}, {0, 95}, {95, 95}, {96, 95}, {105, 96}, // 95.05 and 95.45 round down, 95.5 up
	} {
		l.Answered(0, time.Duration(c.took)*ms, 0)
		if l.times[0].average != c.want {
			t.Fatalf("answer %d: average %d, want %d", i, l.times[0].average, c.want)
		}
	}
}

// picks are connections that never finish, to servers whose response times are
// known.
func TestLeastResponseTimePicks(t *testing.T) {
	for _, c := range []struct {
		name, like string
		times      []time.Duration
		weights    []int64
		active     []int32
		want       string
	}{
		{"nginx, no answers: as least_conn", "nginx", nil, []int64{1, 1, 1}, nil, "abccbaabccba"},
		{"nginx, times of one step: as least_conn", "nginx", []time.Duration{1 * ms, 10 * ms, 19 * ms}, []int64{1, 1, 1}, nil, "abccbaabccba"},
		// Costs 20 and 40; 40 and 40, of which a is listed first; 60 and 40; 60 and 80; 80 and 80, and b has its turn.
		{"nginx, one step and two", "nginx", []time.Duration{10 * ms, 30 * ms}, []int64{1, 1}, nil, "aababa"},
		{"nginx, weights make up for times", "nginx", []time.Duration{10 * ms, 30 * ms}, []int64{1, 2}, nil, "baab"},
		{"nginx, beyond the cap only connections count", "nginx", []time.Duration{6 * time.Second, 60 * time.Second}, []int64{1, 1}, nil, "abba"},
		// NetScaler documentation, "Least response time method".
		{"netscaler, the example of its documentation", "netscaler", []time.Duration{2 * time.Second, time.Second, 2 * time.Second},
			[]int64{1, 1, 1}, []int32{3, 7, 0}, "cccacb"},
		{"no product: a server without answers is like the mean", "none", []time.Duration{10 * ms, 0, 50 * ms}, []int64{1, 1, 1}, nil, "aabc"},
		{"weight 0", "none", nil, []int64{0, 1, 0}, nil, "bbb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, l := leastTimeLike(c.like, c.weights...)
			for m, took := range c.times {
				if took > 0 {
					l.Answered(m, took, 0)
				}
			}
			for m, n := range c.active {
				p.count(m, n)
			}
			expect(t, "picks", p.held(len(c.want)), c.want)
		})
	}
}

func TestPeakEWMA(t *testing.T) {
	const tau = float64(10 * time.Second)
	for _, c := range []struct {
		name    string
		after   time.Duration
		observe time.Duration
		want    float64 // ms
	}{
		{"cost 100 ms, idle 5 s", 5 * time.Second, 0, 60.65},
		{"cost 100 ms, idle 10 s", 10 * time.Second, 0, 36.79},
		{"cost 100 ms, 50 ms after 5 s", 5 * time.Second, 50 * ms, 80.33},
		{"cost 100 ms, 200 ms after 5 s", 5 * time.Second, 200 * ms, 200},
		{"cost 100 ms, 50 ms at once", 0, 50 * ms, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := peak{cost: float64(100 * ms)}
			p.observe(float64(c.observe), tau, instant(c.after))
			if got := p.cost / 1e6; math.Abs(got-c.want) > 0.005 {
				t.Errorf("%.4f ms, want %.2f", got, c.want)
			}
		})
	}
}

func TestPeakEWMALoads(t *testing.T) {
	for _, c := range []struct {
		name, like string
		rtt        time.Duration // of an answer just now; 0: none
		pending    int32
		weight     int64
		want       float64 // ns
	}{
		{"200 ms, 3 pending", "finagle", 200 * ms, 3, 1, 800e6},
		{"finagle, no answer, idle", "finagle", 0, 0, 1, 0},
		{"finagle, no answer, 1 pending", "finagle", 0, 1, 1, 140737488355328},
		{"finagle, no answer, 5 pending", "finagle", 0, 5, 1, 140737488355332},
		{"finagle knows no weights", "finagle", 200 * ms, 3, 4, 800e6},
		{"linkerd, no answer, idle", "linkerd", 0, 0, 1, 30e6},
		{"linkerd, no answer, 1 pending", "linkerd", 0, 1, 1, 60e6},
		{"linkerd, 200 ms, 3 pending", "linkerd", 200 * ms, 3, 1, 800e6},
		{"linkerd, shorter than the default", "linkerd", 10 * ms, 0, 1, 30e6},
		{"no product", "none", 200 * ms, 3, 1, 800e6 / lb.FullWeight},
		{"no product, weight 4", "none", 200 * ms, 3, 4, 200e6 / lb.FullWeight},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPool(with(newPeakEWMA(), func(p *PeakEWMA) { p.Like = c.like }), c.weight, 1)
			e := p.Scheduler.(*peakEWMA)
			if c.rtt > 0 {
				e.Answered(0, c.rtt, 0)
			}
			p.count(0, c.pending)
			expect(t, "load", e.load(0, 0), c.want)
		})
	}
}

func TestEnvoyPeakEWMA(t *testing.T) {
	newEnvoyPool := func() (*pool, *envoyEWMA) {
		p := newPool(with(newPeakEWMA(), func(p *PeakEWMA) { p.Like = "envoy" }), 1, 1)
		return p, p.Scheduler.(*envoyEWMA)
	}
	for _, c := range []struct {
		name   string
		rtt    float64 // ms
		active int32
		want   float64
	}{
		{"no sample, idle", 0, 0, 10},
		{"no sample, 1 active", 0, 1, 1000001},
		{"no sample, 7 active", 0, 7, 1000007},
		{"20 ms, idle", 20, 0, 20},
		{"20 ms, 4 active", 20, 4, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, e := newEnvoyPool()
			e.averages[0].shown = c.rtt
			p.count(0, c.active)
			expect(t, "cost", e.cost(0), c.want)
		})
	}
	t.Run("samples count after 100 ms", func(t *testing.T) {
		p, e := newEnvoyPool()
		for _, step := range []struct {
			now, took time.Duration // took 0: a decision
			want      float64       // ms
		}{
			{10 * ms, 40 * ms, 0},
			{99 * ms, 0, 0},
			{100 * ms, 0, 40}, // the first sample is the average
			{150 * ms, 20 * ms, 40},
			{199 * ms, 0, 40},
			{5150 * ms, 100 * ms, 40},
			{5150 * ms, 0, 63.4395}, // 40 + (20-40)(1-e^-.014), from there to 100 with 1-e^-.5
			{5160 * ms, 60 * ms, 63.4395},
			{5160 * ms, 70 * ms, 63.4395}, // at the same time: takes over
			{5250 * ms, 0, 70},
		} {
			if step.took > 0 {
				e.Answered(0, step.took, instant(step.now))
			} else {
				p.query.Now = instant(step.now)
				p.pick()
			}
			e.cost(0)
			if got := e.averages[0].shown; math.Abs(got-step.want) > 1e-3 {
				t.Errorf("at %v: %.4f ms, want %v", step.now, got, step.want)
			}
		}
	})
	t.Run("two servers that have not answered", func(t *testing.T) {
		p, _ := newEnvoyPool()
		expect(t, "picks", p.turns(10), "bbbbbbbbbb")
	})
}

// Of a slow and a fast server P2C always picks the fast one, of three the
// slowest never.
func TestPeakEWMAPicksTheBetter(t *testing.T) {
	for _, like := range []string{"none", "finagle", "linkerd", "envoy"} {
		p := newPool(with(newPeakEWMA(), func(p *PeakEWMA) { p.Like = like }), 1, 1, 1)
		for m, took := range []time.Duration{40 * ms, 400 * ms, 50 * ms} {
			p.Scheduler.(lb.Feedback).Answered(m, took, 0)
		}
		p.query.Now = instant(time.Second)
		picked := [3]int{}
		for range 3000 {
			picked[p.pick()]++
		}
		if picked[1] > 0 || picked[0] < 1800 || picked[2] < 800 {
			t.Errorf("%s: %v", like, picked)
		}
	}
}

// With fixed weights strides are weighted round robin.
func TestStrides(t *testing.T) {
	for _, c := range []struct {
		weights []float64
		want    string
	}{
		{[]float64{1, 1, 1}, "abcabc"},
		{[]float64{2, 1}, "abaaba"},
		{[]float64{0, 1, 0}, "bbb"},
		{[]float64{4, 1, 1}, "aaabcaaaabca"},
	} {
		v := lb.View{Members: make([]lb.Member, len(c.weights))}
		s := newStrides(&v, func(m int) float64 { return c.weights[m] })
		for m := range c.weights {
			v.Members[m].Usable = true
			s.Changed(m)
		}
		got := make([]byte, len(c.want))
		for i := range got {
			got[i] = 'a' + byte(s.turn())
		}
		expect(t, "turns", string(got), c.want)
	}
}

// A weight that rises counts at once, and who was away does not make up for it.
func TestStridesChange(t *testing.T) {
	weights := []float64{1, 0.001, 1}
	v := lb.View{Members: make([]lb.Member, 3)}
	s := newStrides(&v, func(m int) float64 { return weights[m] })
	for m := range weights {
		v.Members[m].Usable = m < 2
		s.Changed(m)
	}
	count := func(n int) (picked [3]int) {
		for range n {
			picked[s.turn()]++
		}
		return picked
	}
	expect(t, "100 turns", count(100), [3]int{100, 0, 0})
	weights[1] = 1
	s.Changed(1)
	expect(t, "weight 1: 20 turns", count(20), [3]int{10, 10, 0})
	v.Members[2].Usable = true
	s.Changed(2)
	expect(t, "back: 30 turns", count(30), [3]int{10, 10, 10})
}

func TestWeightedResponseTimeShares(t *testing.T) {
	const n = 1200
	for _, c := range []struct {
		name    string
		times   []time.Duration // -1: the check was lost
		weights []int64
		change  func(*WeightedResponseTime)
		want    [3]int
	}{
		{"no checks yet", nil, []int64{1, 1, 1}, nil, [3]int{400, 400, 400}},
		{"weights", nil, []int64{1, 2, 1}, nil, [3]int{300, 600, 300}},
		{"10, 30 and 30 ms", []time.Duration{10 * ms, 30 * ms, 30 * ms}, []int64{1, 1, 1}, nil, [3]int{600, 300, 300}},
		{"with weights", []time.Duration{10 * ms, 30 * ms, 30 * ms}, []int64{1, 2, 2}, nil, [3]int{400, 400, 400}},
		{"a larger step", []time.Duration{0, 100 * ms, 100 * ms}, []int64{1, 1, 1}, func(p *WeightedResponseTime) { p.Step = 100 * ms }, [3]int{600, 300, 300}},
		{"one not measured is like the mean", []time.Duration{10 * ms, 50 * ms}, []int64{1, 1, 1}, nil, [3]int{655, 218, 327}},
		{"a lost check says nothing", []time.Duration{10 * ms, -1, 10 * ms}, []int64{1, 1, 1}, nil, [3]int{400, 400, 400}},
		{"floor", []time.Duration{0, 0, time.Hour}, []int64{1, 1, 1}, func(p *WeightedResponseTime) { p.Floor = 1 }, [3]int{600, 600, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			policy := newWeightedResponseTime().(*WeightedResponseTime)
			policy.Step = 10 * ms
			if c.change != nil {
				c.change(policy)
			}
			p := newPool(policy, c.weights...)
			for m, took := range c.times {
				p.Scheduler.(lb.Timer).Timed(m, took, took >= 0, 0)
			}
			near(t, p.shares(n), c.want)
		})
	}
}

// shares counts n picks.
func (p *pool) shares(n int) (picked [3]int) {
	for range n {
		picked[p.pick()]++
	}
	return picked
}

// near allows for where in its cycle a schedule is.
func near(t *testing.T, got, want [3]int) {
	t.Helper()
	for m := range got {
		if d := got[m] - want[m]; d < -4 || d > 4 {
			t.Errorf("picks %v, want about %v", got, want)
			return
		}
	}
}

func TestWeightedResponseTimeSmoothing(t *testing.T) {
	w := newPool(newWeightedResponseTime(), 1).Scheduler.(*responseWeights)
	for i, c := range []struct{ took, want time.Duration }{{40 * ms, 40 * ms}, {80 * ms, 50 * ms}, {10 * ms, 40 * ms}} {
		w.Timed(0, c.took, true, 0)
		if w.times[0] != c.want {
			t.Errorf("check %d: %v, want %v", i, w.times[0], c.want)
		}
	}
	expect(t, "sum", w.sum, 40*ms)
}

// The agents answer after ten seconds, in which the cores have been busy for a
// part of the time.
func TestAdaptiveShares(t *testing.T) {
	const n = 1200
	for _, c := range []struct {
		name    string
		loads   []int // percent; -1: no answer; 101, 102
		weights []int64
		active  []int32
		change  func(*Adaptive)
		want    [3]int
	}{
		{"not asked yet", nil, []int64{1, 1, 1}, nil, nil, [3]int{400, 400, 400}},
		{"all below the minimum: weights", []int{4, 0, 4}, []int64{1, 2, 1}, []int32{9, 0, 0}, nil, [3]int{300, 600, 300}},
		{"one at the minimum: loads", []int{5, 0, 0}, []int64{1, 1, 1}, nil, nil, [3]int{386, 407, 407}},
		{"loads 20, 60, 60", []int{20, 60, 60}, []int64{1, 1, 1}, nil, nil, [3]int{600, 300, 300}},
		{"with weights", []int{20, 60, 60}, []int64{1, 2, 2}, nil, nil, [3]int{400, 400, 400}},
		{"full load keeps the floor", []int{100, 0, 0}, []int64{1, 1, 1}, nil, func(p *Adaptive) { p.Floor = 50 }, [3]int{240, 480, 480}},
		{"connections", []int{50, 50, 50}, []int64{1, 1, 1}, []int32{0, 1, 1}, nil, [3]int{600, 300, 300}},
		{"connections do not count", []int{50, 50, 50}, []int64{1, 1, 1}, []int32{0, 1, 1}, func(p *Adaptive) { p.Connections = 0 }, [3]int{400, 400, 400}},
		{"no answer: down", []int{-1, 50, 50}, []int64{1, 1, 1}, nil, nil, [3]int{0, 600, 600}},
		{"no answer: a load", []int{-1, 50, 50}, []int64{1, 1, 1}, nil, func(p *Adaptive) { p.Silent = 50 }, [3]int{400, 400, 400}},
		{"101 and 102", []int{101, 102, 50}, []int64{1, 1, 1}, nil, nil, [3]int{0, 0, 1200}},
		{"all down: weights", []int{101, 101, 101}, []int64{1, 1, 2}, nil, nil, [3]int{300, 300, 600}},
		{"minimum 0", []int{0, 0, 0}, []int64{1, 1, 1}, []int32{0, 1, 1}, func(p *Adaptive) { p.Minimum = 0 }, [3]int{600, 300, 300}},
	} {
		t.Run(c.name, func(t *testing.T) {
			policy := newAdaptive().(*Adaptive)
			if c.change != nil {
				c.change(policy)
			}
			p := newPool(policy, c.weights...)
			a := p.Scheduler.(*adaptive)
			for m, active := range c.active {
				p.count(m, active)
				p.changed(m)
			}
			for m, load := range c.loads {
				if load >= agentDown {
					a.set(m, load)
					continue
				}
				a.Polled(m, lb.Load{Alive: load >= 0, Busy: time.Duration(load) * 100 * ms}, instant(10*time.Second))
			}
			near(t, p.shares(n), c.want)
		})
	}
}

func TestAdaptiveLoadIsSinceTheLastAnswer(t *testing.T) {
	p := newPool(newAdaptive(), 1)
	a := p.Scheduler.(*adaptive)
	for i, c := range []struct {
		now, busy time.Duration
		want      int
	}{
		{7 * time.Second, 7 * time.Second, 100},
		{14 * time.Second, 7 * time.Second, 0},
		{21 * time.Second, 10500 * ms, 50},
		{21 * time.Second, 10500 * ms, 0},
	} {
		a.Polled(0, lb.Load{Alive: true, Busy: c.busy}, instant(c.now))
		if a.agents[0].load != c.want {
			t.Errorf("answer %d: load %d, want %d", i, a.agents[0].load, c.want)
		}
	}
}

func TestPrequalUses(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		probes float64
		want   float64
	}{
		{"m=16, n=100, r=3, 1", 100, 3, 1.3158},
		{"m=16, n=100, r=2, 1", 100, 2, 2.9412},
		{"n=m", 16, 3, math.Inf(1)},
		{"n<m", 4, 3, math.Inf(1)},
		{"at least 1", 1e6, 100, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := with(newPrequal(), func(p *Prequal) { p.Probes = c.probes })
			if got := p.uses(c.n); got != c.want && !(math.Abs(got-c.want) <= 5e-5) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
	p := newPool(newPrequal(), same(100)...)
	q := p.Scheduler.(*prequal)
	p.pick()
	const n = 20_000
	sum := 0
	for range n {
		u := q.drawUses()
		if u != 1 && u != 2 {
			t.Fatalf("%d uses", u)
		}
		sum += int(u)
	}
	if mean := float64(sum) / n; math.Abs(mean-1.3158) > 0.01 {
		t.Errorf("mean of the rounded uses %.4f, want 1.3158", mean)
	}
}

// Answers are (requests in flight, latency in ms), from the oldest; hot are more
// than 4 requests.
func TestPrequalRules(t *testing.T) {
	for _, c := range []struct {
		name                 string
		answers              [][2]int
		pick, oldest, second int // the second to be removed is the worst
	}{
		{"cold: the fastest", [][2]int{{1, 30}, {4, 10}, {0, 20}}, 1, 0, 2},
		{"hot and fast loses", [][2]int{{1, 30}, {5, 10}, {2, 20}}, 2, 0, 1},
		{"all hot: the fewest requests", [][2]int{{7, 1}, {6, 90}, {9, 5}}, 1, 0, 2},
		{"as fast: fewer requests", [][2]int{{3, 0}, {2, 0}, {4, 0}}, 1, 0, 2},
		{"two alike: the older", [][2]int{{2, 10}, {2, 10}, {2, 10}}, 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newPool(newPrequal(), same(3)...).Scheduler.(*prequal)
			q.fresh()
			q.flights.add(4)
			fill := func() {
				q.pool = q.pool[:0]
				for m, a := range c.answers {
					q.put(answer{int32(m), 5, a[0], time.Duration(a[1]) * ms, 0})
				}
			}
			fill()
			expect(t, "pick", q.choose(), c.pick)
			expect(t, "requests of the one picked", q.pool[c.pick].requests, c.answers[c.pick][0]+1)
			fill()
			for _, removed := range []int{c.oldest, c.second} {
				q.remove()
				for _, a := range q.pool {
					if int(a.member) == removed {
						t.Errorf("%d was to be removed: %v are left", removed, q.pool)
					}
				}
			}
			expect(t, "answers left", len(q.pool), 1)
		})
	}
}

func TestPrequalPool(t *testing.T) {
	p := newPool(with(newPrequal(), func(p *Prequal) { p.Remove = 0 }), same(100)...)
	q := p.Scheduler.(*prequal)
	for i, want := range []int{3, 6} { // the first two picks use no answer, or one of three
		p.pick()
		if n := len(q.pool); n != want && n != want-1 {
			t.Errorf("pick %d: %d answers in the pool, want %d", i, n, want)
		}
	}
	for range 1000 {
		p.pick()
		seen := map[int32]bool{}
		for _, a := range q.pool {
			if seen[a.member] {
				t.Fatalf("two answers of server %d", a.member)
			}
			seen[a.member] = true
		}
		if len(q.pool) > 16 {
			t.Fatalf("%d answers", len(q.pool))
		}
	}
	p.query.Now += instant(time.Second)
	q.forget(p.query.Now)
	expect(t, "answers after 1 s", len(q.pool), 0)
	p.pick()
	m := q.pool[0].member
	p.set(int(m), false)
	q.forget(p.query.Now)
	expect(t, "answers without that of a server that is out", len(q.pool), 2)
}

func TestQuantile(t *testing.T) {
	q := newQuantile(5)
	expect(t, "of nothing", q.at(0.8409), -1)
	for _, x := range []int{100, 3, 1, 4, 1, 5} { // 100 is forgotten
		q.add(x)
	}
	for _, c := range []struct {
		p    float64
		want int
	}{{0, -1}, {0.2, 1}, {0.5, 3}, {0.8, 4}, {0.8409, 5}, {1, 5}} {
		expect(t, "quantile", q.at(c.p), c.want)
	}
}

func TestLatencyPoliciesAreChecked(t *testing.T) {
	for _, c := range []struct {
		policy lb.SchedulerPolicy
		path   string
	}{
		{with(newLeastResponseTime(), func(p *LeastResponseTime) { p.Smoothing = 0 }), "smoothing"},
		{with(newLeastResponseTime(), func(p *LeastResponseTime) { p.Cap = -1 }), "cap"},
		{with(newLeastResponseTime(), func(p *LeastResponseTime) { p.Like, p.Halving = "nginx", 1500*ms }), "halving"},
		{with(newPeakEWMA(), func(p *PeakEWMA) { p.Decay = 0 }), "decay"},
		{with(newPeakEWMA(), func(p *PeakEWMA) { p.Like, p.DefaultRTT = "finagle", ms }), "default_rtt"},
		{with(newWeightedResponseTime(), func(p *WeightedResponseTime) { p.Every = 0 }), "every"},
		{with(newWeightedResponseTime(), func(p *WeightedResponseTime) { p.Step = 0 }), "step"},
		{with(newWeightedResponseTime(), func(p *WeightedResponseTime) { p.Floor = math.NaN() }), "floor"},
		{with(newAdaptive(), func(p *Adaptive) { p.Minimum = 51 }), "minimum"},
		{with(newAdaptive(), func(p *Adaptive) { p.Floor = 0 }), "floor"},
		{with(newAdaptive(), func(p *Adaptive) { p.Silent = 103 }), "silent"},
		{with(newAdaptive(), func(p *Adaptive) { p.Connections = -1 }), "connections"},
		{with(newPrequal(), func(p *Prequal) { p.Pool = 1 }), "pool"},
		{with(newPrequal(), func(p *Prequal) { p.Probes = -1 }), "probes"},
		{with(newPrequal(), func(p *Prequal) { p.Quantile = 1.25 }), "quantile"},
		{with(newPrequal(), func(p *Prequal) { p.Window = 0 }), "window"},
		{with(newPrequal(), func(p *Prequal) { p.Age = 0 }), "age"},
	} {
		if ps := flow.Check(c.policy); len(ps) != 1 || ps[0].Path != c.path {
			t.Errorf("%+v: %v, want a fault with %s", c.policy, ps, c.path)
		}
	}
}

// What answers and polls bring allocates nothing either.
func TestFeedbackDoesNotAllocate(t *testing.T) {
	for _, policy := range []lb.SchedulerPolicy{
		newLeastResponseTime(), newPeakEWMA(), with(newPeakEWMA(), func(p *PeakEWMA) { p.Like = "envoy" }),
		newWeightedResponseTime(), newAdaptive(), newPrequal(),
	} {
		p := newPool(policy, 1, 2, 3, 1)
		now := sim.Time(0)
		turn := func() {
			now += instant(50 * ms)
			p.query.Now = now
			m := p.pick()
			switch s := p.Scheduler.(type) {
			case lb.Feedback:
				s.Answered(m, 30*ms, now)
			case lb.Poller:
				s.Polled(m, lb.Load{Alive: true, Busy: time.Duration(now) / 3}, now)
			case lb.Timer:
				s.Timed(m, 30*ms, true, now)
			}
		}
		turn()
		if n := testing.AllocsPerRun(500, turn); n != 0 {
			t.Errorf("%T: %v allocations", policy, n)
		}
	}
}
