package ramp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// RequestRate is NetScaler's slow start of a virtual server (parameters
// newServiceRequest, newServiceRequestUnit and newServiceRequestIncrementInterval
// of "set lb vserver"): a service that is new, came up or was enabled may be
// given an amount of requests, which grows by the same amount after each
// interval until the service gets as many as the others; then the ramp is over.
// Up to the amount the configured method decides. It does not act with hashes.
//
// The amount is requests per second, or percent of the load of an existing
// service; x percent of that among n others is x/(100 n + x) of all. How many
// others there are and how many requests come is taken from when the last
// server returned; NetScaler looks at the load at the time.
type RequestRate struct {
	Amount float64 `yaml:"amount" doc:"requests per second, or percent of another server's load, that the server may be given, and by which that grows"`
	Unit   string  `yaml:"unit" doc:"per-second or percent"`
	// Interval 0 is NetScaler's manual slow start: the amount stays until an
	// operator raises it. Nobody does here, so it stays to the end of the run.
	Interval time.Duration `yaml:"interval" doc:"time between two increments; 0s: there are none, the amount stays to the end of the run"`
}

// The units.
const (
	PerSecond = "per-second"
	Percent   = "percent"
)

// Validate checks the parameters.
func (p *RequestRate) Validate() []flow.Problem {
	var ps []flow.Problem
	switch p.Unit {
	case PerSecond:
		if !(p.Amount >= 0.001 && p.Amount <= 1e9) {
			ps = append(ps, flow.Problem{Path: "amount", Text: fmt.Sprintf("%v is not between 0.001 and 1e9 requests per second", p.Amount)})
		}
	case Percent:
		if !(p.Amount >= 0.01 && p.Amount <= 100) {
			ps = append(ps, flow.Problem{Path: "amount", Text: fmt.Sprintf("%v is not between 0.01 and 100 percent", p.Amount), Hint: "write 10 for 10 %"})
		}
	default:
		ps = append(ps, flow.OneOf("unit", p.Unit, string(PerSecond), string(Percent))...)
	}
	if p.Interval != 0 && (p.Interval < time.Millisecond || p.Interval > longest) {
		ps = append(ps, flow.Problem{Path: "interval", Text: fmt.Sprintf("%v is neither 0s nor between 1ms and 24h", p.Interval)})
	}
	return ps
}

// NewRamp implements lb.RampPolicy.
func (p *RequestRate) NewRamp(with lb.Basis) lb.Ramp {
	switch {
	case with == lb.ByHash || with == lb.ByOrder:
		return nil
	case p.Interval == 0:
		return &manualRate{p: *p}
	}
	return &requestRate{manualRate{p: *p}}
}

// manualRate is a ramp that stays at its first stage.
type manualRate struct {
	p      RequestRate
	others float64 // servers that were in use when the last one returned
	fair   float64 // requests per second of a server then, if all had the same
}

// Begins implements lb.Ramp. A server that is alone has nobody's load to reach.
func (r *manualRate) Begins(from lb.Return) bool {
	r.others, r.fair = float64(from.Others), from.Rate/float64(from.Others+1)
	return back(from.Cause) && from.Others > 0
}

// At implements lb.Ramp.
func (r *manualRate) At(sim.Time, int32) lb.Stage { return r.stage(1) }

// stage is what the server may be given after so many amounts.
func (r *manualRate) stage(amounts float64) lb.Stage {
	x := r.p.Amount * amounts
	if r.p.Unit == PerSecond {
		return lb.Stage{Weight: 1, Rate: x}
	}
	return lb.Stage{Weight: 1, Share: x / (float64(100*r.others) + x)}
}

// requestRate is one that goes on.
type requestRate struct{ manualRate }

// Step implements lb.Stepped.
func (r *requestRate) Step() time.Duration { return r.p.Interval }

// At implements lb.Ramp.
func (r *requestRate) At(up sim.Time, _ int32) lb.Stage {
	amounts := float64(1 + up/sim.Time(r.p.Interval))
	full := 100.0
	if r.p.Unit == PerSecond {
		full = r.fair
	}
	if r.p.Amount*amounts >= full {
		return lb.Stage{Over: true}
	}
	return r.stage(amounts)
}
