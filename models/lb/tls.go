package lb

import (
	"fmt"

	"lbsim/models/flow"
)

// TLS is the part of the balancer that does TLS handshakes for the services that
// are offloaded, first come first served. A connection is given to its server
// before its handshake and not after it (a simplification: whom it is given to
// would differ only while handshakes wait).
type TLS struct {
	// Cores is how many processors do handshakes, 1 to 4096. Of an appliance that
	// is sold by handshakes a second it is that number times the CPU time of one.
	Cores int `yaml:"cores" doc:"processor cores of the balancer that do TLS handshakes"`
	// Queue is how many handshakes may wait; Unlimited for no limit.
	Queue int `yaml:"queue" doc:"handshakes that may wait for a core; -1: no limit"`
}

// SetDefaults makes it one core, which turns nobody away.
func (t *TLS) SetDefaults() { t.Cores, t.Queue = 1, Unlimited }

// Validate checks the fields.
func (t *TLS) Validate() []flow.Problem {
	var ps []flow.Problem
	if t.Cores < 1 || t.Cores > 4096 {
		ps = append(ps, flow.Problem{Path: "cores", Text: fmt.Sprintf("%d is not between 1 and 4096", t.Cores)})
	}
	if t.Queue < Unlimited {
		ps = append(ps, flow.Problem{Path: "queue", Text: fmt.Sprintf("%d is negative", t.Queue), Hint: "-1 means no limit"})
	}
	return ps
}

// Validate checks what concerns several parts of the balancer.
func (c *Config) Validate() []flow.Problem {
	for i := range c.Services {
		if c.Services[i].Offload && c.TLS == nil {
			return []flow.Problem{{Path: fmt.Sprintf("services[%d].offload", i), Text: "the balancer has no cores for handshakes", Hint: "write balancer: {tls: {cores: 4}}"}}
		}
	}
	return nil
}
