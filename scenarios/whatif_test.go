package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
)

// A mail server behind a filter that takes TCP_NODELAY away, with clients at two
// distances; a sequence of ten requests that the client writes in two parts; and a
// stream without an exchange.
const distant = `name: distant
duration: 1m
sites: [{name: near, clients: 5}, {name: far, clients: 5, rtt: 100ms}]
network: {rtt: 10ms, server: {nodelay: true}, introspection: nodelay-lost}
traffic:
  - name: search
    from: [near, far]
    requests: {rate: 1/s, demand: 2ms}
    exchange: {client_writes: [300], server_writes: [250, 250]}
  - name: rooms
    from: [near]
    requests: {rate: 1/s, demand: {kind: exponential, mean: 3ms}}
    exchange: {client_writes: [100, 200], server_writes: [500], think: 2ms, count: 10}
  - {name: other, from: [near], requests: {rate: 1/s, demand: 2ms}}
servers: [{name: ex1, cores: 4}]
`

// whatIf returns the rows of the table, each with some of its columns.
func whatIf(t *testing.T, text string, columns ...string) (*flow.WhatIf, []string) {
	t.Helper()
	w := loadText(t, text).WhatIf()
	if w == nil {
		return nil, nil
	}
	var rows []string
	for _, x := range w.Rows {
		row := x.Name + ", " + x.Writes + ":"
		for _, c := range columns {
			for i, r := range w.Remedies {
				if r.Name == c {
					row += fmt.Sprintf(" %v/%d", x.Effects[i].Latency, x.Effects[i].Stalls)
				}
			}
		}
		rows = append(rows, row)
	}
	return w, rows
}

func expectRows(t *testing.T, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// The server's time is the mean demand, once in a sequence: 2 x 10 ms + 200 ms + 2 ms;
// 10 x 222 ms + 3 ms.
func TestWhatIf(t *testing.T) {
	w, rows := whatIf(t, distant, "as is", "no delay", "ack frequency 1 on clients", "ack frequency 1 on servers", "filter off", "RTT 1 ms")
	expectRows(t, rows, []string{
		"search from near, 300 -> 250 + 250: 222ms/1 222ms/1 22ms/0 222ms/1 12ms/0 204ms/1",
		"search from far, 300 -> 250 + 250: 402ms/1 402ms/1 202ms/0 402ms/1 102ms/0 204ms/1",
		"rooms, 10 times 100 + 200 -> 500: 2.223s/10 123ms/0 2.223s/10 223ms/0 2.223s/10 2.043s/10",
	})
	if len(w.Remedies) != 8 { // without that on a balancer
		t.Errorf("remedies are %v", w.Remedies)
	}
	for i, x := range w.Rows {
		if len(x.Ladders) == 0 || x.Ladders[0].Stalls != 1 || x.Ladders[0].Done.Sub(0) < 220*time.Millisecond {
			t.Errorf("row %d: ladders are %+v", i, x.Ladders)
		}
	}
}

// Variants that have the same exchange share its row; one that differs in how many
// there are has no ladders of its own.
func TestWhatIfOfVariants(t *testing.T) {
	const variants = `variants:
  - {name: ten}
  - {name: slow, set: {servers.ex1.cores: 1}}
  - {name: three, set: {traffic.rooms.exchange.count: 3}}
`
	w, rows := whatIf(t, strings.Replace(distant, "far, clients: 5, rtt: 100ms", "far, clients: 5", 1)+variants, "as is")
	expectRows(t, rows, []string{
		"search, 300 -> 250 + 250: 222ms/1",
		"ten and 1 more: rooms, 10 times 100 + 200 -> 500: 2.223s/10",
		"three: rooms, 3 times 100 + 200 -> 500: 669ms/3",
	})
	if last := w.Rows[2]; last.Ladders != nil || last.Like != w.Rows[1].Name {
		t.Errorf("the last row has %d ladders, like those of %q", len(last.Ladders), last.Like)
	}
}

// Of many exchanges some are listed; one may be too long to be known; without a
// network there are none.
func TestWhatIfOfMany(t *testing.T) {
	var b strings.Builder
	b.WriteString("variants:\n")
	for i := range 20 {
		fmt.Fprintf(&b, "  - {name: v%d, set: {traffic.rooms.exchange.count: %d}}\n", i, i+1)
	}
	w, _ := whatIf(t, distant+b.String())
	if len(w.Rows)+w.Unlisted != 22 || w.Unlisted == 0 {
		t.Errorf("%d rows, %d not listed", len(w.Rows), w.Unlisted)
	}
	w, _ = whatIf(t, strings.Replace(distant, "client_writes: [100, 200], server_writes: [500], think: 2ms, count: 10",
		"client_writes: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], server_writes: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], count: 37500", 1))
	if last := w.Rows[2]; last.Missing == "" || last.Effects != nil {
		t.Errorf("the last row has %+v", last)
	}
	if w, _ = whatIf(t, strings.Replace(distant, "network:", "# network:", 1)); w != nil {
		t.Errorf("without a network: %+v", w)
	}
}
