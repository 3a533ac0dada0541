package traffic

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Key is something that a balancer can read in a request: its URL, a header, a
// part of the query. It has a number of values, of which some are asked for
// more often than others.
type Key struct {
	Name string `yaml:"name" doc:"url, or the name of a header or of anything else that requests carry"`
	// Values is how many different values there are, 1 to a million.
	Values int `yaml:"values" doc:"how many different values there are"`
	// Skew is the exponent of Zipf's law: the k-th most frequent value is asked
	// for in proportion to 1/k^Skew, 0 to 5; web pages have about 0.8
	// (Breslau 1999).
	Skew float64 `yaml:"skew" doc:"how uneven: the k-th most frequent has weight 1/k^skew; 0: all alike"`
	// Per is whether a client sends the same value all the time.
	Per KeyScope `yaml:"per" doc:"request: each request draws a value; client: each client keeps its own"`
}

// KeyScope says who shares a value of a key.
type KeyScope string

// The scopes.
const (
	PerRequest KeyScope = "request"
	PerClient  KeyScope = "client"
)

// KeyScopes lists the scopes with their documentation.
var KeyScopes = flow.Table[KeyScope]{
	{Name: "request", Doc: "each request draws a value", New: func() KeyScope { return PerRequest }},
	{Name: "client", Doc: "each client keeps the value that it drew", New: func() KeyScope { return PerClient }},
}

// SetDefaults makes it a key of a thousand values that are equally frequent.
func (k *Key) SetDefaults() { k.Values, k.Per = 1000, PerRequest }

// Validate checks the key's own fields.
func (k *Key) Validate() []flow.Problem {
	var ps []flow.Problem
	if k.Name == "" {
		ps = append(ps, flow.Problem{Path: "name", Text: "the key has no name"})
	}
	if k.Values < 1 || k.Values > 1_000_000 {
		ps = append(ps, flow.Problem{Path: "values", Text: fmt.Sprintf("%d is not between 1 and 1000000", k.Values)})
	}
	if !(k.Skew >= 0 && k.Skew <= 5) {
		ps = append(ps, flow.Problem{Path: "skew", Text: fmt.Sprintf("%g is not between 0 and 5", k.Skew)})
	}
	return append(ps, flow.OneOf("per", k.Per, KeyScopes.Names()...)...)
}

// checkNames reports keys of one stream that have the same name.
func checkNames(keys []Key) (ps []flow.Problem) {
	for i := range keys {
		if slices.ContainsFunc(keys[:i], func(k Key) bool { return k.Name == keys[i].Name }) && keys[i].Name != "" {
			ps = append(ps, flow.Problem{Path: fmt.Sprintf("keys[%d].name", i), Text: fmt.Sprintf("key %q exists already", keys[i].Name)})
		}
	}
	return ps
}

// keyDraw draws the values of a stream's key.
type keyDraw struct {
	u    *sim.Stream // nil: the stream has no such key
	upTo []float64   // sums of the values' probabilities
	per  KeyScope
}

// addKeys gives numbers to the names of a stream's keys.
func (g *Generator) addKeys(st *stream, name string) {
	for _, k := range st.config.Keys {
		n := slices.Index(g.keys, k.Name)
		if n < 0 {
			n = len(g.keys)
			g.keys = append(g.keys, k.Name)
		}
		for len(st.keys) <= n {
			st.keys = append(st.keys, keyDraw{})
		}
		d := keyDraw{u: g.e.Stream(name + "/key/" + k.Name), upTo: make([]float64, k.Values), per: k.Per}
		sum := 0.0
		for i := range d.upTo {
			sum += sim.Exp(-float64(k.Skew * sim.Log(float64(i+1))))
			d.upTo[i] = sum
		}
		st.keys[n] = d
	}
	g.addRecorded(st)
}

// addRecorded takes over the values of keys that a replay has of its visits. They
// stand instead of those that would be drawn.
func (g *Generator) addRecorded(st *stream) {
	if _, replay := st.config.Arrivals.(*Replay); !replay {
		return
	}
	visits := 0
	for _, s := range st.config.Sites {
		v := g.pop.Group(s).Visits
		if v == nil {
			continue
		}
		for k, name := range v.Keys {
			n := slices.Index(g.keys, name)
			if n < 0 {
				n = len(g.keys)
				g.keys = append(g.keys, name)
			}
			for len(st.recorded) <= n {
				st.recorded = append(st.recorded, nil)
			}
			for len(st.recorded[n]) < visits { // those of other sites
				st.recorded[n] = append(st.recorded[n], -1)
			}
			st.recorded[n] = append(st.recorded[n], v.Values[k]...)
		}
		visits += len(v.List)
	}
}

// Keys returns the names of the keys that streams have, by their numbers.
func (g *Generator) Keys() []string { return g.keys }

// Key returns the number of a key that some stream has, -1 if none does.
func (g *Generator) Key(name string) int { return slices.Index(g.keys, name) }

// KeyValue returns the value that a connection's request has under a key.
func (g *Generator) KeyValue(id flow.ConnID, key int) (value uint32, ok bool) {
	c := g.fl.Conns.At(uint32(id))
	st := g.streams[c.Stream]
	if uint(key) < uint(len(st.recorded)) && int(c.Owner) < len(st.recorded[key]) {
		x := st.recorded[key][c.Owner]
		return uint32(x), x >= 0
	}
	if uint(key) >= uint(len(st.keys)) || st.keys[key].u == nil {
		return 0, false
	}
	d := &st.keys[key]
	i := uint64(c.Client)
	if d.per == PerRequest {
		i = g.occasionOf(st, c)
	}
	x := d.u.Nth(i) * d.upTo[len(d.upTo)-1]
	return uint32(min(sort.SearchFloat64s(d.upTo, math.Nextafter(x, math.Inf(1))), len(d.upTo)-1)), true
}

// KeyText returns what a value reads: /17 for the URL, name-17 for others.
func (g *Generator) KeyText(key int, value uint32) string {
	if g.keys[key] == "url" {
		return fmt.Sprintf("/%d", value)
	}
	return fmt.Sprintf("%s-%d", g.keys[key], value)
}
