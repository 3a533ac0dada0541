package sim

import (
	"math"
	"time"
)

// Time is an instant: nanoseconds since the start of the run.
type Time int64

// Never lies after every instant that a run reaches.
const Never Time = math.MaxInt64

// Seconds returns t in seconds, for output only: models compute in integers.
func (t Time) Seconds() float64 { return float64(t) / 1e9 }

// Add returns t+d, or Never where the sum would overflow. It panics on a
// negative d: an event cannot be scheduled into the past.
func (t Time) Add(d time.Duration) Time {
	s := t + Time(d)
	if d < 0 || s < t {
		return beyond(d)
	}
	return s
}

// beyond is apart from Add so that Add can be inlined.
func beyond(d time.Duration) Time {
	if d < 0 {
		panic("sim: negative delay " + d.String())
	}
	return Never
}

// Sub returns the time from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// String formats t as a duration, for panics and traces.
func (t Time) String() string { return time.Duration(t).String() }

// Phase orders the events of one instant; see the package comment.
type Phase uint8

// The phases of an instant, first to last.
const (
	Fault   Phase = iota // something breaks, is repaired or is switched by an operator
	Depart               // work completes, a connection closes
	Expire               // a time-out or a timer of a model runs out
	Arrive               // new work, a probe, a reconnection
	Observe              // measurement; changes no model
)
