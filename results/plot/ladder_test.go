package plot

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/tcp"
	"lbsim/results"
)

const ms = time.Millisecond

// exchanges are what figures of ladders are drawn of.
var exchanges = []struct {
	name    string
	network func() tcp.Config
	tcp.Exchange
}{
	{"two-writes", plain, tcp.Exchange{ClientWrites: []int{100, 200}, ServerWrites: []int{500}, Think: 2 * ms, Count: 1}},
	{"tail", plain, tcp.Request(300, 1860, 2*ms)},
	{"filter", func() tcp.Config {
		c := plain()
		c.Server.Nodelay, c.Introspection.Kind = true, tcp.NodelayLost
		return c
	}, tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{250, 250}, Think: 2 * ms, Count: 300}},
	{"balancer", balanced, tcp.Exchange{ClientWrites: []int{100, 200}, ServerWrites: []int{4780}, Think: 2 * ms, Count: 1}},
	{"large", plain, tcp.Request(300, 1_000_000, 2*ms)},
	{"turns", balanced, tcp.Exchange{Turns: []tcp.Turn{
		{ClientWrites: []int{100, 200}, ServerWrites: []int{1860}}, {ClientWrites: []int{50}, ServerWrites: []int{3320, 10}, Think: 30 * ms},
	}, Count: 1}},
}

func plain() tcp.Config { return tcp.NewConfig(10 * ms) }

func balanced() tcp.Config {
	c := plain()
	c.TLS, c.Inner = tcp.TLS12, &tcp.Inner{RTT: ms}
	c.Inner.Balancer.SetDefaults()
	c.Inner.SetDefaults()
	c.Inner.Pooled = false
	return c
}

// laddersOf is a result with the ladders of some exchanges.
func laddersOf(t *testing.T, names ...string) *results.Result {
	t.Helper()
	r := &results.Result{WhatIf: &flow.WhatIf{}}
	for _, x := range exchanges {
		for _, name := range names {
			if name != x.name {
				continue
			}
			c := x.network()
			cases, err := tcp.Cases(&c, &x.Exchange)
			if err != nil {
				t.Fatal(err)
			}
			r.WhatIf.Rows = append(r.WhatIf.Rows, flow.WhatIfRow{Name: x.name, Writes: "writes", Ladders: cases})
		}
	}
	return r
}

// TestLadders looks at figures of one exchange each, and of all.
func TestLadders(t *testing.T) {
	var all []string
	for _, x := range exchanges {
		all = append(all, x.name)
		p, err := drawLadders(laddersOf(t, x.name))
		if err != nil {
			t.Fatal(err)
		}
		apart(t, p)
		svg := svgOf(t, p)
		wellFormed(t, svg)
		if x.name == "two-writes" || x.name == "filter" {
			golden(t, "ladder-"+x.name+".svg", svg)
		}
	}
	r := laddersOf(t, all...)
	p, err := drawLadders(r)
	if err != nil {
		t.Fatal(err)
	}
	apart(t, p)
	if !strings.Contains(p.Note, "more exchanges are left out") {
		t.Errorf("nothing is left out: %s", p.Note)
	}
	// A balancer, without the cases that differ little.
	r = laddersOf(t, "balancer")
	r.WhatIf.Rows[0].Ladders = r.WhatIf.Rows[0].Ladders[:2]
	if p, err = drawLadders(r); err != nil {
		t.Fatal(err)
	}
	golden(t, "ladder-balancer.svg", svgOf(t, p))
}

// TestLaddersOfAnything draws random exchanges over random networks, some with lost
// packets: no words cover others.
func TestLaddersOfAnything(t *testing.T) {
	g := rand.New(rand.NewPCG(3, 4))
	writes := func() (list []int) {
		for range 1 + g.IntN(3) {
			list = append(list, 1+g.IntN(1<<(4+g.IntN(14))))
		}
		return list
	}
	for i := range 60 {
		c := []func() tcp.Config{plain, balanced}[g.IntN(2)]()
		c.RTT = time.Duration(g.IntN(5)*g.IntN(300)) * ms / 4
		c.Client.QuickAcks, c.Server.InitialWindow = g.IntN(3), 1+g.IntN(10)
		c.TLS = tcp.TLS(tcp.TLSKinds.Names()[g.IntN(len(tcp.TLSKinds))])
		if g.IntN(2) == 0 {
			c.Introspection.Kind, c.Introspection.Into = tcp.Split, 2+g.IntN(5)
		}
		x := tcp.Exchange{Count: 1 + g.IntN(3), ClientThink: time.Duration(g.IntN(300)) * ms}
		for range 1 + g.IntN(4) {
			x.Turns = append(x.Turns, tcp.Turn{ClientWrites: writes(), ServerWrites: writes(), Think: time.Duration(g.IntN(20)*g.IntN(20)) * ms})
		}
		o := tcp.Options{State: tcp.State(g.IntN(3)), Close: g.IntN(2) == 0}
		for range g.IntN(3) {
			o.Lose = append(o.Lose, g.IntN(8))
		}
		trace, err := tcp.Simulate(&c, &x, o)
		if err != nil {
			t.Fatal(err)
		}
		l := trace.Ladder()
		l.Title = strings.Repeat("as is; ", 1+g.IntN(9))
		p, err := drawLadders(&results.Result{WhatIf: &flow.WhatIf{Rows: []flow.WhatIfRow{{Name: "a", Writes: "b", Ladders: []flow.Ladder{l, l}}}}})
		if err != nil {
			t.Fatal(err)
		}
		if apart(t, p); t.Failed() {
			t.Fatalf("case %d: %+v over %+v", i, x, c)
		}
	}
}

// TestLadderIsCut wants two writes in order, no two instants nearer than a line of
// words, and the two waits of 200 ms, and they alone, cut.
func TestLadderIsCut(t *testing.T) {
	r := laddersOf(t, "two-writes")
	p := newLadderPlan(&r.WhatIf.Rows[0].Ladders[0], 300)
	var cuts []string
	for i := range p.instants[1:] {
		if p.depth[i+1]-p.depth[i] < ladderLine {
			t.Errorf("%v is %.1f points below %v", p.instants[i+1], p.depth[i+1]-p.depth[i], p.instants[i])
		}
		if p.cut[i] {
			cuts = append(cuts, p.instants[i].String()+" to "+p.instants[i+1].String())
		}
	}
	if got := strings.Join(cuts, ", "); got != "5ms to 205ms, 222ms to 422ms" {
		t.Errorf("cut from %s", got)
	}
	if p.height > 350 {
		t.Errorf("%.0f points high", p.height)
	}
}
