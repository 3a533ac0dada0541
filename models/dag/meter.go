package dag

import (
	"time"

	"lbsim/sim"
)

// DatabaseMeter is what has been counted for a database.
type DatabaseMeter struct {
	// Dismounted is how long it has not been mounted, Thin how long it had fewer
	// than two healthy copies (mounted or not; those with lag do not count).
	Dismounted, Thin time.Duration
	// Failovers are mounts of another copy after a failure, FalseFailovers those of
	// them where the member that had it was well. LossyMounts are those that have
	// lost log files, LostLogs how many.
	Failovers, FalseFailovers, LossyMounts, LostLogs int
	// Switchovers are planned moves, Returns those to the copy of preference 1 that
	// nobody has asked for.
	Switchovers, Returns int
}

// Meter is what has been counted for the group.
type Meter struct {
	// WithoutQuorum is how long it had no quorum, and Losses how often it lost it.
	WithoutQuorum time.Duration
	Losses        int
	// Evictions are members that ran, and were left out as they were not heard.
	Evictions int
}

// DatabaseMeter reads the counters of a database.
func (d *DAG) DatabaseMeter(database int, now sim.Time) DatabaseMeter {
	b := &d.databases[database]
	m := b.meter
	m.Dismounted, m.Thin = b.down.value(now), b.thin.value(now)
	return m
}

// Meter reads the counters of the group.
func (d *DAG) Meter(now sim.Time) Meter {
	return Meter{WithoutQuorum: d.without.value(now), Losses: d.losses, Evictions: d.evictions}
}

// Active returns the member where a database is mounted or was last, and whether
// it is.
func (d *DAG) Active(database int) (member int, mounted bool) {
	b := &d.databases[database]
	return d.memberOf(database, b.active), b.mounted
}

// spell is how long something is the case.
type spell struct {
	on    bool
	since sim.Time
	sum   time.Duration
}

func (s *spell) set(on bool, now sim.Time) {
	s.sum = s.value(now)
	s.on, s.since = on, now
}

func (s *spell) value(now sim.Time) time.Duration {
	if s.on {
		return s.sum + now.Sub(s.since)
	}
	return s.sum
}
