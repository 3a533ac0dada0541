package place

import (
	"time"

	"lbsim/sim"
)

// restarts are those of a machine on its node within an interval, which begins with
// the first.
type restarts struct {
	since sim.Time
	count int
}

// another counts a failure and reports whether the machine is restarted for it on its
// node: so many are within an interval.
func (r *restarts) another(now sim.Time, most int, within time.Duration) bool {
	if r.count == 0 || now.Sub(r.since) > within {
		*r = restarts{since: now}
	}
	r.count++
	return r.count <= most
}
