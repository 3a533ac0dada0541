package ramp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// HAProxy is HAProxy 3.5's slowstart: each second the server's weight is set
// to 1 + 16 t/S sixteenths (src/server.c, server_recalc_eweight), and its
// connection limit to t/S of max_connections in whole percent, at least 1
// (src/queue.c, srv_dynamic_maxconn). The weight is full a sixteenth of the
// time before the end. The manual says that weights change at every health
// check, and a comment in the source that they do in steps of 5 %; the code
// does neither.
//
// It acts after checks have found the server up and when it leaves
// maintenance, but not when the balancer starts, after a drain or when a
// weight of 0 is raised. static-round-robin and hash tables of type map read
// the configured weight, so that only the limit acts with them, as in HAProxy.
//
// HAProxy counts whole seconds of its clock, so that its limit is up to a
// second ahead of this one. Left out are minconn and fullconn, which let the
// limit follow the connections of the whole service, in a ramp or not.
type HAProxy struct {
	Time time.Duration `yaml:"time" doc:"how long the ramp lasts, in whole seconds, rounded up"`
}

// Validate checks the parameters.
func (p *HAProxy) Validate() []flow.Problem {
	if p.Time < time.Millisecond || p.Time > longest {
		return []flow.Problem{{Path: "time", Text: fmt.Sprintf("%v is not between 1ms and 24h", p.Time), Hint: "slow_start: none switches the ramp off"}}
	}
	return nil
}

// NewRamp implements lb.RampPolicy.
func (p *HAProxy) NewRamp(lb.Basis) lb.Ramp {
	return haproxy((p.Time + time.Second - 1) / time.Second)
}

// haproxy is the length of the ramp in seconds.
type haproxy int64

// Begins implements lb.Ramp.
func (haproxy) Begins(r lb.Return) bool { return arrives(r.Cause) }

// Step implements lb.Stepped. HAProxy's is a second or a twentieth of the
// ramp, whichever is longer; but it takes the seconds of the ramp for
// milliseconds there, so that a second is always longer.
func (haproxy) Step() time.Duration { return time.Second }

// At implements lb.Ramp.
func (s haproxy) At(up sim.Time, limit int32) lb.Stage {
	length, t := int64(s), int64(up/sim.Time(time.Second))
	if t >= length {
		return lb.Stage{Over: true}
	}
	stage := lb.Stage{Weight: float64((16*t+length)/length) / 16}
	if limit > 0 {
		stage.Limit = int32(max(1, int64(limit)*(100*t/length)/100))
	}
	return stage
}
