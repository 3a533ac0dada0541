// Package ramp holds the slow ramps, a file each: how the weight of a server
// that has just come back grows to its full value. A ramp begins when the
// health check has confirmed the server up and begins anew if it fails again.
// Persistent clients bypass it.
package ramp

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Table lists the ramps.
var Table = flow.Table[lb.RampPolicy]{
	{Name: "none", Doc: "full weight at once", New: func() lb.RampPolicy { return None{} }},
	{Name: "linear", Doc: "the weight grows evenly from nothing to full", New: func() lb.RampPolicy { return &Linear{Time: time.Minute} }},
}
