package tcp

import "time"

// A Remedy is something that could be done about an exchange that takes long.
type Remedy struct {
	Name, Doc string
	change    func(*Config)
}

// Remedies are the columns of a table of what could be done. The first changes
// nothing.
var Remedies = []Remedy{
	{"as is", "as it is", func(*Config) {}},
	{"no delay", "applications at all ends ask for TCP_NODELAY", func(c *Config) {
		c.eachEnd(func(e *End) { e.Nodelay = true })
	}},
	{"client acks", "TcpAckFrequency 1 on the clients", func(c *Config) { c.Client.AckFrequency = 1 }},
	{"server acks", "TcpAckFrequency 1 on the servers", func(c *Config) { c.Server.AckFrequency = 1 }},
	{"balancer acks", "TcpAckFrequency 1 on a balancer that ends connections", func(c *Config) {
		if c.Inner != nil {
			inner := *c.Inner
			inner.Balancer.AckFrequency = 1
			c.Inner = &inner
		}
	}},
	{"filter off", "the filter in the virtual machines is removed", func(c *Config) {
		c.Introspection.Kind, c.Introspection.Latency = NoIntrospection, 0
	}},
	{"1 ms away", "as it is, for clients with a round trip of 1 ms", func(c *Config) { c.RTT = 1 * ms }},
	{"10 ms away", "of 10 ms", func(c *Config) { c.RTT = 10 * ms }},
	{"100 ms away", "of 100 ms", func(c *Config) { c.RTT = 100 * ms }},
}

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
type Effect struct {
	Latency   time.Duration
	Stalls    int
	StallTime time.Duration
	Packets   int
}

// WhatIf returns a row for each exchange, with an Effect for each of Remedies. The
// connection is Idle at first, and nothing is lost.
func WhatIf(c *Config, exchanges []Exchange) ([][]Effect, error) {
	rows := make([][]Effect, len(exchanges))
	for i := range exchanges {
		rows[i] = make([]Effect, len(Remedies))
		for j, r := range Remedies {
			changed := *c
			r.change(&changed)
			t, err := Simulate(&changed, &exchanges[i], Options{})
			if err != nil {
				return nil, err
			}
			rows[i][j] = Effect{t.Latency, t.Stalls, t.StallTime, len(t.Packets)}
		}
	}
	return rows, nil
}
