package lab

import "time"

// clock is the time of a run: what has passed since it began. It is of the
// computer's monotonic clock, which nobody sets.
type clock struct{ began time.Time }

func newClock() *clock { return &clock{time.Now()} }

func (c *clock) now() time.Duration { return time.Since(c.began) }

// at is when a moment of the run is for the system.
func (c *clock) at(d time.Duration) time.Time { return c.began.Add(d) }
