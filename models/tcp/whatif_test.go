package tcp

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
)

// The patterns T1 to T6 with each remedy, in milliseconds: two round trips and the
// server's 2 ms where something waits for an acknowledgement, one where nothing
// does, and the delay where that acknowledgement is delayed.
var effects = []struct {
	name           string
	client, server []int
	change         func(*Config)
	// As is, no delay, ack frequency 1 on clients, on servers, RTT 1, 10, 100 ms.
	want [7]float64
}{
	{"T1", one, short, unchanged, [7]float64{12, 12, 12, 12, 3, 12, 102}},
	{"T2", two, short, unchanged, [7]float64{222, 12, 222, 22, 204, 222, 402}},
	{"T2 minshall", two, short, func(c *Config) { c.Client.Nagle = Minshall }, [7]float64{222, 12, 222, 22, 204, 222, 402}},
	{"T2 three writes", []int{100, 200, 50}, short, unchanged, [7]float64{222, 12, 222, 22, 204, 222, 402}},
	{"T3", two, short, func(c *Config) { c.Client.Nodelay = true }, [7]float64{12, 12, 12, 12, 3, 12, 102}},
	{"T4", two, short, func(c *Config) { c.Server.AckFrequency = 1 }, [7]float64{22, 12, 22, 22, 4, 22, 202}},
	{"T4b", two, short, func(c *Config) { c.Client.AckFrequency = 1 }, [7]float64{222, 12, 222, 22, 204, 222, 402}},
	{"T4c", two, short, func(c *Config) { c.Server.DelayedAck = 40 * ms }, [7]float64{62, 12, 62, 22, 44, 62, 242}},
	{"T4d", two, short, func(c *Config) { c.Server.Timer = Tick }, [7]float64{217, 12, 217, 22, 203.5, 217, 352}},
	{"T5", one, []int{3320}, unchanged, [7]float64{22, 12, 22, 22, 4, 22, 202}},
	{"T5 minshall", one, []int{3320}, func(c *Config) { c.Server.Nagle = Minshall }, [7]float64{12, 12, 12, 12, 3, 12, 102}},
	{"T6a", one, []int{1860}, unchanged, [7]float64{222, 12, 22, 222, 204, 222, 402}},
	{"T6b", one, []int{3320}, unchanged, [7]float64{22, 12, 22, 22, 4, 22, 202}},
	{"T6c", one, []int{4780}, unchanged, [7]float64{222, 12, 22, 222, 204, 222, 402}},
	{"T6d", one, []int{2920}, unchanged, [7]float64{12, 12, 12, 12, 3, 12, 102}},
	{"T6e", one, []int{1860}, func(c *Config) { c.Client.AckFrequency = 1 }, [7]float64{22, 12, 22, 22, 4, 22, 202}},
	{"T6f", one, []int{1860}, func(c *Config) { c.Server.AckFrequency = 1 }, [7]float64{222, 12, 22, 222, 204, 222, 402}},
}

// The columns of effects, in the order of Remedies: neither a balancer's nor a
// filter's.
func shown(c *Config) (columns []int) {
	for i := range Remedies {
		if Remedies[i].Applies(c) {
			columns = append(columns, i)
		}
	}
	return columns
}

// T7: a sequence of n exchanges takes n times one with each remedy, and stalls n
// times or never, except where a clock's ticks decide.
func TestRemedies(t *testing.T) {
	for _, v := range effects {
		c := NewConfig(10 * ms)
		v.change(&c)
		columns := shown(&c)
		var list []Exchange
		times := []int{1, 50, 300}
		for _, n := range times {
			list = append(list, Exchange{ClientWrites: v.client, ServerWrites: v.server, Think: 2 * ms, Count: n})
		}
		rows, err := WhatIf(&c, list)
		if err != nil || len(columns) != len(v.want) {
			t.Fatal(err, columns)
		}
		for i, n := range times {
			for k, want := range v.want {
				got := rows[i][columns[k]]
				each := time.Duration(want * float64(ms))
				stalls := 0
				if changed := Remedies[columns[k]].of(&c); each > 2*changed.RTT+2*ms {
					stalls = n
				}
				if got.Stalls != stalls {
					t.Errorf("%d times %s, %s: %d stalls, want %d", n, v.name, Remedies[columns[k]].Name, got.Stalls, stalls)
				}
				if c.Server.Timer == Tick && n > 1 {
					continue // below
				}
				if got.Latency != time.Duration(n)*each {
					t.Errorf("%d times %s, %s: %v, want %v", n, v.name, Remedies[columns[k]].Name, got.Latency, time.Duration(n)*each)
				}
			}
			if want := [...]time.Duration{217 * ms, 10_017 * ms, 60_017 * ms}[i]; c.Server.Timer == Tick && rows[i][0].Latency != want {
				t.Errorf("%d times %s: %v, want %v", n, v.name, rows[i][0].Latency, want)
			}
		}
	}
}

// Each remedy that applies is in the title of one case, which ends when the
// exchange does, after as many stalls; the waits that are stalls are as many.
func TestCases(t *testing.T) {
	for _, v := range effects {
		c := NewConfig(10 * ms)
		v.change(&c)
		x := Exchange{ClientWrites: v.client, ServerWrites: v.server, Think: 2 * ms, Count: 1}
		cases, err := Cases(&c, &x)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := WhatIf(&c, []Exchange{x})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range shown(&c) {
			found := 0
			for k := range cases {
				l := &cases[k]
				if !slices.Contains(strings.Split(l.Title, "; "), Remedies[i].Name) {
					continue
				}
				found++
				stalls := 0
				for _, w := range l.Waits {
					if w.Kind == flow.WaitStall {
						stalls++
					}
				}
				if e := rows[0][i]; time.Duration(l.Done) != e.Latency || l.Stalls != e.Stalls || stalls != e.Stalls {
					t.Errorf("%s, %s: done at %v with %d stalls, %d of them drawn; want %v and %d", v.name, Remedies[i].Name, l.Done, l.Stalls, stalls, e.Latency, e.Stalls)
				}
			}
			if found != 1 {
				t.Errorf("%s: %s is in %d cases", v.name, Remedies[i].Name, found)
			}
		}
		if last := cases[len(cases)-1]; !strings.HasSuffix(last.Title, "on a new connection") || last.Packets[0].Kind.String() != "SYN" {
			t.Errorf("%s: the last case is %q", v.name, last.Title)
		}
	}
}

// Of exchanges that follow each other one has a ladder that stalls, if any does: the
// first of Linux are acknowledged at once.
func TestLadderOfTheOneThatStalls(t *testing.T) {
	c := NewConfig(10 * ms)
	c.Server.QuickAcks = 16
	for n, stalls := range map[int]int{3: 0, 30: 1} {
		trace := simulate(t, c, Exchange{ClientWrites: two, ServerWrites: short, Think: 2 * ms, Count: n}, Options{})
		l := trace.Ladder()
		if l.Stalls != stalls || l.Packets[0].Leaves != 0 || l.Packets[0].Bytes != 100 {
			t.Errorf("of %d exchanges one with %d stalls is shown, which begins with %+v", n, l.Stalls, l.Packets[0])
		}
	}
}

// Alike packets are one line, and of too many lines the first are shown.
func TestLongLadder(t *testing.T) {
	turns := make([]Turn, 50)
	for i := range turns {
		turns[i] = Turn{ClientWrites: one, ServerWrites: []int{3 * 1460}}
	}
	for _, v := range []struct {
		Exchange
		lines int
	}{{Request(300, 1_000_000, 2*ms), 17}, {Exchange{Turns: turns, Count: 1}, MaxLadder}} {
		trace := simulate(t, NewConfig(10*ms), v.Exchange, Options{})
		l := trace.Ladder()
		count := l.More
		for _, p := range l.Packets {
			count += p.Count
		}
		if len(l.Packets) != v.lines || l.More > 0 != (v.lines == MaxLadder) || count != len(trace.Packets) {
			t.Errorf("%d lines of %d packets, %d more, of %d", len(l.Packets), count, l.More, len(trace.Packets))
		}
	}
}
