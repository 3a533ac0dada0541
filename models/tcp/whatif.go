package tcp

import (
	"reflect"
	"slices"
	"strings"

	"lbsim/models/flow"
)

// A Remedy is something that could be done about an exchange that takes long, or
// another distance.
type Remedy struct {
	flow.Remedy
	change func(*Config)
	// applies reports whether a network has what it is about; nil: each has.
	applies func(*Config) bool
}

// Remedies are the columns of a table of what could be done. The first changes
// nothing.
var Remedies = []Remedy{
	{flow.Remedy{Name: "as is", Doc: "nothing is changed"}, func(*Config) {}, nil},
	{flow.Remedy{Name: "no delay", Doc: "applications at all ends ask for TCP_NODELAY"}, func(c *Config) {
		c.eachEnd(func(e *End) { e.Nodelay = true })
	}, nil},
	{flow.Remedy{Name: "ack frequency 1 on clients", Doc: "the clients acknowledge each segment at once: TcpAckFrequency 1"}, func(c *Config) {
		c.Client.AckFrequency = 1
	}, nil},
	{flow.Remedy{Name: "ack frequency 1 on servers", Doc: "the servers do"}, func(c *Config) {
		c.Server.AckFrequency = 1
	}, nil},
	{flow.Remedy{Name: "ack frequency 1 on balancer", Doc: "a balancer that ends connections does"}, func(c *Config) {
		if c.Inner != nil {
			inner := *c.Inner
			inner.Balancer.AckFrequency = 1
			c.Inner = &inner
		}
	}, func(c *Config) bool { return c.Inner != nil }},
	{flow.Remedy{Name: "filter off", Doc: "the filter in the virtual machines is removed"}, func(c *Config) {
		c.Introspection.Kind, c.Introspection.Latency = NoIntrospection, 0
	}, func(c *Config) bool { return c.Introspection.Kind != NoIntrospection }},
	{flow.Remedy{Name: "RTT 1 ms", Doc: "as it is, for clients with a round trip of 1 ms"}, func(c *Config) { c.RTT = 1 * ms }, nil},
	{flow.Remedy{Name: "RTT 10 ms", Doc: "as it is, for clients with a round trip of 10 ms"}, func(c *Config) { c.RTT = 10 * ms }, nil},
	{flow.Remedy{Name: "RTT 100 ms", Doc: "as it is, for clients with a round trip of 100 ms"}, func(c *Config) { c.RTT = 100 * ms }, nil},
}

// Applies reports whether a network has what the remedy is about.
func (r *Remedy) Applies(c *Config) bool { return r.applies == nil || r.applies(c) }

// eachEnd calls f for each end.
func (c *Config) eachEnd(f func(*End)) {
	f(&c.Client)
	f(&c.Server)
	if c.Inner != nil {
		inner := *c.Inner
		f(&inner.Balancer)
		c.Inner = &inner
	}
}

// Effect is what an exchange takes with a remedy.
type Effect = flow.Effect

// of returns a network with the remedy.
func (r *Remedy) of(c *Config) Config {
	changed := *c
	r.change(&changed)
	return changed
}

// effect simulates an exchange without keeping the packets.
func effect(c *Config, x *Exchange) (Effect, error) {
	if err := flow.Join(append(flow.Check(c), flow.Check(x)...)); err != nil {
		return Effect{}, err
	}
	var m simulation
	m.prepare(c, x, nil, &Options{})
	m.start()
	if err := m.run(true); err != nil {
		return Effect{}, err
	}
	m.trace.sum()
	return Effect{Latency: m.trace.Latency, Stalls: m.trace.Stalls, StallTime: m.trace.StallTime, Packets: m.count}, nil
}

// WhatIf returns a row for each exchange, with an Effect for each of Remedies. The
// connection is Idle at first, and nothing is lost.
func WhatIf(c *Config, exchanges []Exchange) ([][]Effect, error) {
	rows := make([][]Effect, len(exchanges))
	for i := range exchanges {
		rows[i] = make([]Effect, len(Remedies))
		for j := range Remedies {
			changed := Remedies[j].of(c)
			var err error
			if rows[i][j], err = effect(&changed, &exchanges[i]); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// Cases returns what passes in an exchange with each of Remedies that applies.
// Those with which the same passes have one ladder, of which the title names all.
// A last one is that of a new connection, as it is, which the client closes at the
// end. Of several exchanges that follow each other each ladder has one, among the
// first thousand.
func Cases(c *Config, x *Exchange) (ladders []flow.Ladder, err error) {
	const most = 1000
	several, one := *x, *x
	several.Count, one.Count = min(x.Count, most), 1
	var names [][]string
	add := func(name string, t *Trace) {
		l := t.Ladder()
		k := slices.IndexFunc(ladders, func(other flow.Ladder) bool { return reflect.DeepEqual(l, other) })
		if k < 0 {
			k, ladders, names = len(ladders), append(ladders, l), append(names, nil)
		}
		names[k] = append(names[k], name)
	}
	for i := range Remedies {
		if r := &Remedies[i]; r.Applies(c) {
			changed := r.of(c)
			t, err := Simulate(&changed, &several, Options{})
			if err != nil {
				return nil, err
			}
			add(r.Name, t)
		}
	}
	t, err := Simulate(c, &one, Options{State: Fresh, Close: true})
	if err != nil {
		return nil, err
	}
	add("as is, on a new connection", t)
	for k := range ladders {
		ladders[k].Title = strings.Join(names[k], "; ")
	}
	return ladders, nil
}
