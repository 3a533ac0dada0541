package scenarios

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
)

// exchangesMost is how many exchanges have a row in WhatIf, and laddersMost how many
// of them may have ladders.
const (
	exchangesMost = 8
	laddersMost   = 4
)

// A pattern is an exchange over a network, and whose it is.
type pattern struct {
	tcp.Pattern
	stream   string
	demand   time.Duration // of the server, in the mean
	variants []string
	sites    []string // of the first variant; nil: all of the stream's
}

// WhatIf returns how long the exchanges of all variants take by themselves, with
// each remedy that applies to one of them, and what passes then. Exchanges that are
// alike have one row; of many the first are shown. It returns nil if no stream has
// an exchange that goes over a network.
//
// The server takes the mean demand of a request, once in exchanges that follow each
// other. Of those that differ in nothing but how many they are one has ladders.
func (f *File) WhatIf() *flow.WhatIf {
	var patterns []*pattern
	for i := range f.Variants {
		patterns = addPatterns(patterns, f.Variants[i].Name, &f.Variants[i].Config)
	}
	if len(patterns) == 0 {
		return nil
	}
	w := &flow.WhatIf{Unlisted: max(0, len(patterns)-exchangesMost)}
	patterns = patterns[:len(patterns)-w.Unlisted]
	var columns []int
	for i := range tcp.Remedies {
		if r := &tcp.Remedies[i]; slices.ContainsFunc(patterns, func(p *pattern) bool { return r.Applies(&p.Network) }) {
			columns, w.Remedies = append(columns, i), append(w.Remedies, r.Remedy)
		}
	}
	for i, p := range patterns {
		w.Rows = append(w.Rows, p.row(len(f.Variants), columns))
		if i < laddersMost {
			p.climb(w.Rows)
		}
	}
	return w
}

// addPatterns adds the patterns of a variant to those of earlier ones.
func addPatterns(known []*pattern, variant string, c *models.Config) []*pattern {
	if c.Network == nil {
		return known
	}
	rtt := map[string]time.Duration{}
	for i := range c.Sites {
		rtt[c.Sites[i].Name] = cmp.Or(c.Sites[i].RTT, c.Network.RTT)
	}
	for i := range c.Traffic {
		t := &c.Traffic[i]
		if t.Exchange == nil {
			continue
		}
		for _, p := range atDistances(t, c.Network, rtt) {
			k := slices.IndexFunc(known, p.like)
			if k < 0 {
				k, known = len(known), append(known, p)
			}
			if v := &known[k].variants; !slices.Contains(*v, variant) {
				*v = append(*v, variant)
			}
		}
	}
	return known
}

// atDistances returns the patterns of a stream, one for each distance at which it has
// clients.
func atDistances(t *traffic.Stream, network *tcp.Config, rtt map[string]time.Duration) (list []*pattern) {
	of := map[time.Duration]*pattern{}
	for _, site := range t.From {
		d := rtt[site]
		p := of[d]
		if p == nil {
			p = &pattern{Pattern: tcp.Pattern{Network: network.At(d), Exchange: *t.Exchange}, stream: t.Name, demand: meanDemand(t)}
			of[d], list = p, append(list, p)
		}
		p.sites = append(p.sites, site)
	}
	if len(list) == 1 {
		list[0].sites = nil
	}
	return list
}

// like reports whether two variants have a pattern in common.
func (p *pattern) like(other *pattern) bool {
	return p.stream == other.stream && p.demand == other.demand && p.Network.RTT == other.Network.RTT && reflect.DeepEqual(p.Pattern, other.Pattern)
}

// meanDemand is how long a server works on a request of a stream if it has nothing
// else to do.
func meanDemand(t *traffic.Stream) time.Duration {
	demand := t.Demand
	if t.Requests != nil {
		demand = t.Requests.Demand
	}
	if demand == nil {
		return 0
	}
	return dist.Seconds(demand.Build().Mean())
}

// row says what the exchange takes with each of the remedies in columns.
func (p *pattern) row(variants int, columns []int) flow.WhatIfRow {
	row := flow.WhatIfRow{Name: p.name(variants), Writes: writesOf(&p.Exchange)}
	effects, err := tcp.WhatIf(&p.Network, []tcp.Exchange{p.Exchange})
	if err != nil {
		row.Missing = err.Error()
		return row
	}
	for _, k := range columns {
		e := effects[0][k]
		e.Latency += p.demand
		row.Effects = append(row.Effects, e)
	}
	return row
}

// climb gives the last row its ladders, unless an earlier one has the same.
func (p *pattern) climb(rows []flow.WhatIfRow) {
	last := &rows[len(rows)-1]
	x := p.Exchange
	if x.Count == 1 {
		x.Turns = slices.Clone(x.Legs())
		x.ClientWrites, x.ServerWrites, x.Think = nil, nil, 0
		x.Turns[len(x.Turns)-1].Think += p.demand
	}
	ladders, err := tcp.Cases(&p.Network, &x)
	if err != nil { // row has said so
		return
	}
	for i := range rows {
		if reflect.DeepEqual(rows[i].Ladders, ladders) {
			last.Like = rows[i].Name
			return
		}
	}
	last.Ladders = ladders
}

// name says whose exchange it is.
func (p *pattern) name(variants int) string {
	name := p.stream
	if p.sites != nil {
		name += " from " + several(p.sites)
	}
	if len(p.variants) < variants {
		name = several(p.variants) + ": " + name
	}
	return name
}

// several names the first of a list, and how many there are.
func several(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

// writesOf says what is written in an exchange.
func writesOf(x *tcp.Exchange) string {
	const most = 3
	var turns []string
	legs := x.Legs()
	for _, t := range legs[:min(len(legs), most)] {
		turns = append(turns, sizes(t.ClientWrites)+" -> "+sizes(t.ServerWrites))
	}
	words := strings.Join(turns, ", ")
	if n := len(legs) - most; n > 0 {
		words += fmt.Sprintf(" and %d more turns", n)
	}
	if x.Count > 1 {
		words = fmt.Sprintf("%d times %s", x.Count, words)
	}
	return words
}

// sizes lists what is written, or says how much if that is in many parts.
func sizes(writes []int) string {
	const most = 4
	total := 0
	words := make([]string, len(writes))
	for i, n := range writes {
		total += n
		words[i] = strconv.Itoa(n)
	}
	if len(writes) > most {
		return fmt.Sprintf("%d in %d writes", total, len(writes))
	}
	return strings.Join(words, " + ")
}
