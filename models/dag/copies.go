package dag

import (
	"math"
	"slices"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// database is where a database and its copies are.
type database struct {
	copies  []copyState
	on      []int // the members that have them
	active  int   // the copy that is mounted, or was last
	mounted bool  // and whether it is
	clean   bool  // the other copies have all that the last active one has logged
	stunned bool  // it was lost because its member stood still
	stuck   bool  // no copy could be mounted, and that was noted

	target  int // the copy that is to be mounted; -1: none
	how     mounting
	failed  int         // the member that was lost while it was to mount it; -1: none
	lost    int         // log files that are lost with it
	began   bool        // it is being mounted, and does not wait for its turn
	pending sim.Pending // of the decision, or of the end of the mount
	due     sim.Time    // of the decision

	logs   float64  // log files that there are
	logsAt sim.Time // at this time, if it is mounted

	meter databaseMeter
	down  spell // not mounted
	thin  spell // fewer than two healthy copies
}

// copyState is a copy's own state, whether or not its member is there.
type copyState struct {
	state  CopyState
	has    float64     // log files that it has, if it is resynchronizing
	since  sim.Time    // when it began to get those that it lacks
	finish sim.Pending // when it has them
}

// CopyState is the state of a copy.
type CopyState uint8

// The states.
const (
	Active          CopyState = iota // it is mounted, or was last
	Healthy                          // it follows the active copy
	Resynchronizing                  // it was away and lacks log files
	Failed                           // it is broken
	Lagged                           // it follows the active copy, and holds log files back
	Away                             // its member is not there
)

// String returns the state's name.
func (s CopyState) String() string {
	return [...]string{"active", "healthy", "resynchronizing", "failed", "lagged", "away"}[s]
}

// newDatabase returns a database that is mounted where it is preferred.
func newDatabase(config *Config, c *Database) database {
	b := database{copies: make([]copyState, len(c.Copies)), on: make([]int, len(c.Copies)), target: -1, failed: -1, due: sim.Never}
	for j := range c.Copies {
		b.copies[j].state = Healthy
		b.on[j] = slices.IndexFunc(config.Members, func(m Member) bool { return m.Name == c.Copies[j].On })
		if c.preference(j) < c.preference(b.active) {
			b.active = j
		}
	}
	b.copies[b.active].state, b.mounted = Active, true
	return b
}

// memberOf returns the member that has a copy.
func (d *DAG) memberOf(database, copy int) int { return d.databases[database].on[copy] }

// State returns the state of a copy.
func (d *DAG) State(database, copy int) CopyState {
	s := d.databases[database].copies[copy].state
	switch {
	case !d.members[d.memberOf(database, copy)].takesPart():
		return Away
	case s == Healthy && d.config.Databases[database].Copies[copy].Lag > 0:
		return Lagged
	}
	return s
}

// settle counts the log files up to now.
func (d *DAG) settle(i int) {
	b := &d.databases[i]
	now := d.e.Now()
	if b.mounted {
		b.logs += float64(float64(d.config.Databases[i].Logs) * now.Sub(b.logsAt).Seconds())
	}
	b.logsAt = now
}

// queue returns how many log files a copy lacks.
func (d *DAG) queue(i, copy int) int {
	b := &d.databases[i]
	d.settle(i)
	c := &b.copies[copy]
	switch c.state {
	case Active:
		return 0
	case Healthy:
		return d.config.Databases[i].Copies[copy].CopyQueue
	}
	return int(math.Ceil(max(0, b.logs-d.owned(c))))
}

// owned returns how many log files a copy has that is resynchronizing.
func (d *DAG) owned(c *copyState) float64 {
	if !d.e.IsPending(c.finish) {
		return c.has
	}
	return c.has + float64(float64(d.config.CopyRate)*d.e.Now().Sub(c.since).Seconds())
}

// replayQueue returns how many log files a copy has yet to replay.
func (d *DAG) replayQueue(i, copy int) int {
	c := &d.config.Databases[i].Copies[copy]
	lag := math.Ceil(float64(float64(d.config.Databases[i].Logs) * c.Lag.Seconds()))
	return c.ReplayQueue + int(min(lag, 1e9))
}

// leave is what becomes of a copy whose member goes.
func (d *DAG) leave(i, copy int) {
	b := &d.databases[i]
	d.settle(i)
	c := &b.copies[copy]
	switch c.state {
	case Active:
		c.has = b.logs
	case Healthy:
		c.state, c.has = Resynchronizing, max(0, b.logs-float64(d.queue(i, copy)))
	case Resynchronizing:
		d.pause(c)
	}
}

// pause interrupts a resynchronization.
func (d *DAG) pause(c *copyState) {
	c.has = d.owned(c)
	d.e.Cancel(c.finish)
}

// resync lets the copies that lack log files get them, if their database is
// mounted.
func (d *DAG) resync(i int) {
	b := &d.databases[i]
	for j := range b.copies {
		c := &b.copies[j]
		if c.state != Resynchronizing {
			continue
		}
		runs := d.e.IsPending(c.finish)
		can := b.mounted && d.joined(d.memberOf(i, j))
		if runs && !can {
			d.pause(c)
		}
		if can && !runs {
			d.settle(i)
			c.since = d.e.Now()
			c.finish = d.caughtUp.Set(logTime(max(0, b.logs-c.has), d.config.CopyRate), uint32(i*MaxMembers+j))
		}
	}
}

// logTime is how long it takes to copy or replay so many log files, up to a
// century.
func logTime(logs float64, rate flow.Rate) time.Duration {
	return min(dist.Seconds(logs/float64(rate)), 100*365*24*time.Hour)
}

// onCaughtUp ends a resynchronization.
func (d *DAG) onCaughtUp(arg uint32) {
	i, j := int(arg/MaxMembers), int(arg%MaxMembers)
	d.databases[i].copies[j].state = Healthy
	d.count(i)
	d.ask()
}

// count notices how many healthy copies there are.
func (d *DAG) count(i int) {
	d.databases[i].thin.set(d.healthyCopies(i) < 2, d.e.Now())
}

// healthyCopies counts the copies that are complete and replayed, mounted or not.
func (d *DAG) healthyCopies(i int) int {
	b, n := &d.databases[i], 0
	for j := range b.copies {
		s := b.copies[j].state
		lagged := d.config.Databases[i].Copies[j].Lag > 0
		if d.members[d.memberOf(i, j)].takesPart() && (s == Active || s == Healthy && !lagged) {
			n++
		}
	}
	return n
}
