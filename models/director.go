package models

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/nlb"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// director is what gives connections to servers, as the world sees it.
type director interface {
	traffic.Balancer
	// Answered tells it that a request was answered.
	Answered(r *flow.Request)
	// Checked ends a check that it has sent to a server.
	Checked(number uint64, took time.Duration, ok bool)
	// Restarted tells it that a server has come back, empty.
	Restarted(server int32)

	Drain(server int32)
	Disable(server int32)
	Enable(server int32)
	Add(server int32)
	Remove(server int32)
	SetWeight(service int, server int32, weight int)
	SetLimit(service int, server int32, limit int)

	Meter(service, member int, now sim.Time) flow.Meter
	QueueMeter(service int, now sim.Time) flow.QueueMeter
	ResetPeaks()
	// Refused returns how many connection attempts were sent to dead servers.
	Refused() uint64
}

var (
	_ director = (*lb.Balancer)(nil)
	_ director = (*nlb.Cluster)(nil)
)
