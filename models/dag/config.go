package dag

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
)

// MaxMembers is the number of members that a group can have.
const MaxMembers = 16

// MaxDatabases is the number of databases that are accepted. Servers have at most
// 100 copies, which makes 1600 of 16.
const MaxDatabases = 1600

// Config describes a database availability group.
type Config struct {
	// Members are 1 to 16, numbered in this order.
	Members []Member `yaml:"members" doc:"the servers of the group, each named as a server or a virtual machine, also as in ex[1-4]"`
	// Witness is where the file share witness is; who builds the group knows what
	// the name means. None and Outside are not names.
	Witness string `yaml:"witness" doc:"host or machine of the file share witness, with which it fails; outside: it does not fail with any; none: there is none"`
	// Quorum is how the votes of those that are gone are counted.
	Quorum QuorumMode `yaml:"quorum" doc:"static: a majority of all votes there are (2008 R2); dynamic: of the votes of those that were there last (2012 and later), where of an even number without a witness the last in the list has no vote (a choice)"`
	// WitnessVote is when the witness has a vote.
	WitnessVote WitnessVote `yaml:"witness_vote" doc:"auto: with an even number of members (2012 R2 and later: of those with a vote); always; never"`
	// DAC is datacenter activation coordination mode.
	DAC bool `yaml:"dac" doc:"a member that has started mounts nothing until another one that may says it may, or until it sees all members, which is recalled, not verified: DatacenterActivationMode"`

	Heartbeat time.Duration `yaml:"heartbeat" doc:"time between two heartbeats of a member"`
	Missed    int           `yaml:"missed" doc:"heartbeats that are missed before a member counts as lost: 10 (2012 R2 on Hyper-V, 2016 and later), 5 before, 20 across subnets"`
	Decide    time.Duration `yaml:"decide" doc:"time from the notice of a failure to the choice of a copy; a choice, not documented"`
	Mount     time.Duration `yaml:"mount" doc:"time to mount a database elsewhere; chosen so that detection, decision and this are 30s"`
	Remount   time.Duration `yaml:"remount" doc:"time to mount a database where it was before; 0s, a choice: it is part of the member's start"`
	Parallel  int           `yaml:"parallel" doc:"databases that a member mounts at a time; a choice, not documented; 0: any number"`
	PAMMove   time.Duration `yaml:"pam_move" doc:"additional time if the primary active manager was lost; a choice, not documented"`
	// Switchover is the documented estimate for a planned move of a database.
	Switchover time.Duration `yaml:"switchover" doc:"time that a database is dismounted in a planned move"`
	// PreferenceMove is PreferenceMoveFrequency.
	PreferenceMove time.Duration `yaml:"preference_move" doc:"time between two looks for databases to move back to the copy of preference 1: 1h (2016 and later); 0s: they stay (2010, 2013)"`
	// HungIO is what makes a member restart that hangs, of which the group itself
	// hears as of any failure. The same document has other times: 41 s for a single long input or output, 30 s without an entry in the
	// crimson channel, 120 s for the system's disk, 302 s in which no thread runs.
	HungIO     time.Duration `yaml:"hung_io" doc:"time that a member's server hangs until it restarts itself: 240s of hung input and output (2013 and later); 0s: never"`
	Restart    time.Duration `yaml:"restart" doc:"how long such a restart takes, services included; an assumption: 60s to boot and 180s for Exchange"`
	CopyRate   flow.Rate     `yaml:"copy_rate" doc:"log files that a copy gets which has missed some; a choice, not documented"`
	ReplayRate flow.Rate     `yaml:"replay_rate" doc:"log files that a lagged copy replays before it mounts: at least 2 are to be planned for"`

	Databases []Database `yaml:"databases" doc:"the databases and their copies"`
}

// The values of Witness that are not names.
const (
	None    = "none"
	Outside = "outside"
)

// Member is a server of the group.
type Member struct {
	Name      string `yaml:"name" doc:"name of the server"`
	Dial      Dial   `yaml:"dial" doc:"how many log files a database may lose to be mounted here by itself: lossless (0), good-availability (6) or best-availability (12): AutoDatabaseMountDial"`
	MaxActive int    `yaml:"max_active" doc:"databases that may be mounted here; 0: any number: MaximumActiveDatabases"`
	Blocked   bool   `yaml:"blocked" doc:"no database is mounted here by itself: DatabaseCopyAutoActivationPolicy"`
}

// FromScalar lets a name alone stand for a member.
func (m *Member) FromScalar(name string) error {
	m.Name = name
	return nil
}

// SetDefaults makes it a member with the mount dial of an installation.
func (m *Member) SetDefaults() { m.Dial = GoodAvailability }

// Validate checks the member's own fields.
func (m *Member) Validate() []flow.Problem {
	var c flow.Checks
	if m.Name == "" {
		c.Add("name", "the member has no name", "")
	}
	c = append(c, flow.OneOf("dial", string(m.Dial), Dials.Names()...)...)
	c.Number("max_active", m.MaxActive, 0, MaxDatabases)
	return c
}

// Detect is how long a member is silent before it counts as lost.
func (c *Config) Detect() time.Duration { return time.Duration(c.Missed) * c.Heartbeat }

// SetDefaults makes it a group of Exchange 2016 or later with a witness outside,
// without members.
func (c *Config) SetDefaults() {
	*c = Config{
		Witness: Outside, Quorum: Dynamic, WitnessVote: VoteAuto,
		Heartbeat: time.Second, Missed: 10, Decide: time.Second, Mount: 19 * time.Second,
		PAMMove: 3 * time.Second, Switchover: 30 * time.Second, PreferenceMove: time.Hour,
		HungIO: 4 * time.Minute, Restart: 4 * time.Minute,
		CopyRate: 20, ReplayRate: 2,
	}
}

// Validate checks the group's own fields.
func (c *Config) Validate() []flow.Problem {
	var k flow.Checks
	if len(c.Members) == 0 {
		k.Add("members", "there are no members", "name the servers of the group, as in members: [\"ex[1-4]\"]")
		return k
	}
	if len(c.Members) > MaxMembers {
		k.Add("members", fmt.Sprintf("%d members are not 1 to %d", len(c.Members), MaxMembers), "")
		return k
	}
	if c.Witness == "" {
		k.Add("witness", "the witness has no name", "")
	}
	k = append(k, flow.OneOf("quorum", string(c.Quorum), QuorumModes.Names()...)...)
	k = append(k, flow.OneOf("witness_vote", string(c.WitnessVote), WitnessVotes.Names()...)...)
	k.Duration("heartbeat", c.Heartbeat, 10*time.Millisecond, time.Minute)
	k.Number("missed", c.Missed, 1, 1000)
	k.Duration("decide", c.Decide, 0, time.Hour)
	k.Duration("mount", c.Mount, 0, 24*time.Hour)
	k.Duration("remount", c.Remount, 0, 24*time.Hour)
	k.Number("parallel", c.Parallel, 0, MaxDatabases)
	k.Duration("pam_move", c.PAMMove, 0, time.Hour)
	k.Duration("switchover", c.Switchover, 0, 24*time.Hour)
	if c.PreferenceMove != 0 {
		k.Duration("preference_move", c.PreferenceMove, time.Second, 30*24*time.Hour)
	}
	k.Duration("hung_io", c.HungIO, 0, 24*time.Hour)
	k.Duration("restart", c.Restart, 0, 24*time.Hour)
	k.Float("copy_rate", float64(c.CopyRate), 0.001, 1e6)
	k.Float("replay_rate", float64(c.ReplayRate), 0.001, 1e6)
	if len(c.Databases) > MaxDatabases {
		k.Add("databases", fmt.Sprintf("%d databases are more than %d", len(c.Databases), MaxDatabases), "")
	}
	return k
}

// CheckNames returns what is wrong with names, of which each must stand for one
// thing by now, and with what they lead to.
func (c *Config) CheckNames() []flow.Problem {
	var k flow.Checks
	if len(c.Members) > MaxMembers || len(c.Databases) > MaxDatabases {
		return nil // said so
	}
	names := make([]string, len(c.Members))
	for i := range c.Members {
		names[i] = c.Members[i].Name
		once(&k, fmt.Sprintf("members[%d].name", i), names[:i], names[i])
	}
	databases := make([]string, len(c.Databases))
	for i := range c.Databases {
		d := &c.Databases[i]
		databases[i] = d.Name
		once(&k, fmt.Sprintf("databases[%d].name", i), databases[:i], d.Name)
		for j := range d.Copies {
			if on := d.Copies[j].On; on != "" {
				path := fmt.Sprintf("databases[%d].copies[%d].on", i, j)
				k = append(k, flow.OneOf(path, on, names...)...)
			}
		}
	}
	return k
}

func once(c *flow.Checks, path string, earlier []string, name string) {
	if name != "" && slices.Contains(earlier, name) {
		c.Add(path, fmt.Sprintf("%q is there twice", name), "")
	}
}
