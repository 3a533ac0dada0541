package dag

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Database is a mailbox database.
type Database struct {
	Name  string `yaml:"name,omitempty" doc:"name of the database"`
	Names string `yaml:"names,omitempty" doc:"names of several databases that are alike, as in db[1-20]"`
	// Logs is how fast it fills log files (1 MiB each, recalled) while mounted.
	Logs   flow.Rate `yaml:"logs" doc:"log files that it fills, while it is mounted; a choice, not documented"`
	Copies []Copy    `yaml:"copies" doc:"its copies, at most one on each member"`
	// Rotate spreads the active copies of several databases over their members:
	// see Rotated.
	Rotate bool `yaml:"rotate" doc:"of names: each further database prefers the next of the copies first; once all had their turn, the next of the others second"`
	// Each is for databases that have not a copy on every member.
	Each int `yaml:"each" doc:"with rotate: how many of the copies each database has, those that it prefers; 0: all"`
}

// Copy is a copy of a database.
type Copy struct {
	On string `yaml:"on" doc:"the member that has the copy, or several as in ex[1-4]"`
	// Preference is 1 for the copy that is preferred to all others, up to the
	// number of copies; 0 in all copies of a database: in the order of the list.
	Preference int `yaml:"preference" doc:"activation preference, from 1 (most preferred); 0: its place in the list"`
	// Lag is how old a log file is when the copy replays it, up to 14 days.
	Lag     time.Duration `yaml:"lag" doc:"how long it holds log files back before it replays them, up to 336h: ReplayLagTime"`
	Blocked bool          `yaml:"blocked" doc:"it is never mounted by itself, as is usual for a copy with lag"`
	// CopyQueue and ReplayQueue are how far the copy is behind in normal times.
	CopyQueue   int        `yaml:"copy_queue" doc:"log files that it usually has yet to get"`
	ReplayQueue int        `yaml:"replay_queue" doc:"log files that it usually has yet to replay, besides those of its lag"`
	Index       IndexState `yaml:"index" doc:"state of its content index: healthy, crawling or failed"`
}

// Rotated returns the copies of database i, counted from 0, of several that are
// alike, by rising preference. What n databases in turn prefer first are the n
// copies; the second preference moves on after each round, and what one member
// leaves behind is spread over the others.
func (d *Database) Rotated(i int) []Copy {
	n := len(d.Copies)
	first, round := i%n, i/n
	out := []Copy{d.Copies[first]}
	for k := range n - 1 {
		out = append(out, d.Copies[(first+1+(k+round)%(n-1))%n])
	}
	if d.Each > 0 {
		out = out[:d.Each]
	}
	return out
}

// FromScalar lets the name of a member alone stand for a copy.
func (c *Copy) FromScalar(member string) error {
	c.On = member
	return nil
}

// SetDefaults makes it a copy that is not behind.
func (c *Copy) SetDefaults() { c.Index = IndexHealthy }

// SetDefaults makes it a database that fills a log file each second.
func (d *Database) SetDefaults() { d.Logs = 1 }

// Validate checks the copy's own fields.
func (c *Copy) Validate() []flow.Problem {
	var k flow.Checks
	if c.On == "" {
		k.Add("on", "the copy is on no member", "")
	}
	k.Number("preference", c.Preference, 0, MaxMembers)
	k.Duration("lag", c.Lag, 0, 14*24*time.Hour)
	k.Number("copy_queue", c.CopyQueue, 0, 1e6)
	k.Number("replay_queue", c.ReplayQueue, 0, 1e6)
	k = append(k, flow.OneOf("index", string(c.Index), IndexStates.Names()...)...)
	return k
}

// Validate checks the database's own fields, and that its copies fit together.
func (d *Database) Validate() []flow.Problem {
	var k flow.Checks
	if (d.Name == "") == (d.Names == "") {
		k.Add("", "a database needs either name or names", "")
	}
	k.Float("logs", float64(d.Logs), 0, 1e6)
	if len(d.Copies) == 0 {
		k.Add("copies", "the database has no copies", "name the members that have one, as in copies: [\"ex[1-4]\"]")
		return k
	}
	if len(d.Copies) > MaxMembers {
		k.Add("copies", fmt.Sprintf("%d copies are not 1 to %d", len(d.Copies), MaxMembers), "")
		return k
	}
	switch {
	case d.Each != 0 && !d.Rotate:
		k.Add("each", "belongs to rotate", "")
	case d.Rotate && d.Names == "":
		k.Add("rotate", "belongs to names", "write names: \"db[1-20]\"")
	}
	k.Number("each", d.Each, 0, MaxMembers)
	var on []string
	seen := map[int]bool{}
	for i := range d.Copies {
		c := &d.Copies[i]
		once(&k, fmt.Sprintf("copies[%d].on", i), on, c.On)
		on = append(on, c.On)
		path := fmt.Sprintf("copies[%d].preference", i)
		switch p := c.Preference; {
		case (p == 0) != (d.Copies[0].Preference == 0):
			k.Add(path, "some copies have a preference and others do not", "")
		case p == 0:
		case d.Rotate:
			k.Add(path, "rotate decides what is preferred", "leave preference out")
		case p > len(d.Copies):
			k.Add(path, fmt.Sprintf("%d is more than there are copies", p), "")
		case seen[p]:
			k.Add(path, fmt.Sprintf("another copy has preference %d", p), "")
		}
		seen[c.Preference] = true
	}
	return k
}

// preference returns the activation preference of a copy.
func (d *Database) preference(copy int) int {
	if p := d.Copies[copy].Preference; p > 0 {
		return p
	}
	return copy + 1
}

// Dial is AutoDatabaseMountDial.
type Dial string

// The settings of the dial.
const (
	Lossless         Dial = "lossless"
	GoodAvailability Dial = "good-availability"
	BestAvailability Dial = "best-availability"
)

// Dials lists the settings with their documentation.
var Dials = flow.Table[Dial]{
	{Name: "lossless", Doc: "nothing may be lost", New: func() Dial { return Lossless }},
	{Name: "good-availability", Doc: "up to 6 log files", New: func() Dial { return GoodAvailability }},
	{Name: "best-availability", Doc: "up to 12 log files", New: func() Dial { return BestAvailability }},
}

// Logs is how many log files may be lost (managing DAGs, Exchange documentation).
func (d Dial) Logs() int {
	switch d {
	case Lossless:
		return 0
	case BestAvailability:
		return 12
	}
	return 6
}

// IndexState is the state of a content index.
type IndexState string

// The states of a content index.
const (
	IndexHealthy  IndexState = "healthy"
	IndexCrawling IndexState = "crawling"
	IndexFailed   IndexState = "failed"
)

// IndexStates lists the states with their documentation.
var IndexStates = flow.Table[IndexState]{
	{Name: "healthy", Doc: "the index is complete", New: func() IndexState { return IndexHealthy }},
	{Name: "crawling", Doc: "the index is being built", New: func() IndexState { return IndexCrawling }},
	{Name: "failed", Doc: "there is no index", New: func() IndexState { return IndexFailed }},
}
