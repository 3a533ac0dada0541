package dag

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// databaseMeter is what has been counted for a database.
type databaseMeter struct {
	flow.DatabaseMeter
	lossyMounts int // mounts that have lost log files
}

// DatabaseMeter reads the counters of a database.
func (d *DAG) DatabaseMeter(database int, now sim.Time) flow.DatabaseMeter {
	b := &d.databases[database]
	m := b.meter.DatabaseMeter
	m.Name = d.config.Databases[database].Name
	m.Dismounted, m.Thin = b.down.value(now), b.thin.value(now)
	return m
}

// Meter reads the counters of the group.
func (d *DAG) Meter(now sim.Time) flow.GroupMeter {
	return flow.GroupMeter{WithoutQuorum: d.without.value(now), Losses: d.losses, Evictions: d.evictions}
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
