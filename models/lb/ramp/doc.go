// Package ramp holds the slow ramps, a file each: how a server that has just
// come back is spared. Most scale its weight, which limits its share of the
// scheduler's decisions; some limit its connections, or their rate, instead.
// A ramp begins when the health check has confirmed the server up, or when the
// operator puts it back, and begins anew if it fails again. No server is in a
// ramp when the balancer starts. Persistent clients bypass it, but they do
// wait for a server that is at a limit of connections.
package ramp

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Table lists the ramps.
var Table = flow.Table[lb.RampPolicy]{
	{Name: "none", Doc: "full weight at once", New: func() lb.RampPolicy { return None{} }},
	{Name: "linear", Doc: "the weight grows evenly from nothing to full", New: func() lb.RampPolicy { return &Linear{Time: time.Minute, Like: noProduct} }},
	{Name: "haproxy", Doc: "the weight grows in sixteenths and the connection limit in percent, as HAProxy's slowstart", New: func() lb.RampPolicy { return &HAProxy{Time: time.Minute} }},
	{Name: "envoy", Doc: "the weight grows by a power law from a least part of it, as Envoy's slow start", New: func() lb.RampPolicy { return &Envoy{Window: time.Minute, Aggression: 1, MinWeight: 0.1} }},
	{Name: "startup-round-robin", Doc: "a number of requests goes in turn before the scheduler decides, as NetScaler's startup round robin", New: func() lb.RampPolicy { return &StartupRoundRobin{} }},
	{Name: "request-rate", Doc: "the server's share or rate of new connections grows in steps, as NetScaler's new service request rate", New: func() lb.RampPolicy { return &RequestRate{Amount: 10, Unit: Percent, Interval: 10 * time.Second} }},
	{Name: "doubling-limit", Doc: "the server's connection limit doubles in steps, as A10's slow-start", New: func() lb.RampPolicy {
		return &DoublingLimit{Initial: 128, Every: 10 * time.Second, Factor: 2, End: 4096}
	}},
}

// longest is how long any ramp may last.
const longest = 24 * time.Hour

// back reports whether a server returns for having been out of use, down, in
// maintenance or drained, and not for having had weight 0, which most products
// do not know.
func back(c lb.Cause) bool { return c == lb.CheckedUp || c == lb.Enabled || c == lb.Undrained }

// arrives is back without a drain, which some products do not take for being
// out of use.
func arrives(c lb.Cause) bool { return c == lb.CheckedUp || c == lb.Enabled }
