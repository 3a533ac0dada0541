package place

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// WSFC is a Windows failover cluster with virtual machines (Hyper-V), whose
// groups are the machines here. Hosts are nodes, numbered from 1 in the order of
// the cluster's list, which is that in which they joined.
//
// A machine's nodes are its preferred owners in their order, then all others by
// number; preferred owners only put nodes in order, possible owners restrict
// them. After a failure the walk starts behind the failed node and wraps, in a
// planned move it starts at the top (KB 299631; "Preferred Owners in a Cluster",
// cluster team, 2008). Nodes that have no machine with a class name in common go
// first, before any order of preference (AntiAffinityClassNames; the cluster
// validation report). If there are none, the others follow as a last resort,
// unless ClusterEnforcedAntiAffinity is set (2012 and later).
//
// What the defaults describe is Windows Server 2016 and later, but for the choice
// where nobody prefers a node: it is said only that it has regard to memory
// since 2012. Before, it was random, and in 2008 R2 the node with the fewest
// groups ("Understanding Hyper-V Virtual Machine (VM) Failover Policies", cluster
// team, 2010, which also has the 32 machines that a node starts at a time).
type WSFC struct {
	AppendOthers   bool          `yaml:"append_non_preferred" doc:"the nodes that are not preferred follow the preferred ones; if not, nobody goes there"`
	PreferredEmpty string        `yaml:"preferred_empty" doc:"who is next after a node's failure where no node is preferred: ring (by number; a choice), random (2003 to 2008), fewest-groups (2008 R2) or free-memory (2012 and later; not verified)"`
	Enforced       bool          `yaml:"enforced_anti_affinity" doc:"a machine rather stays off than go where another one of its class is: ClusterEnforcedAntiAffinity, 2012 and later"`
	Memory         string        `yaml:"memory" doc:"check-first: only nodes with enough memory are tried (2012 and later); start-and-see: the start fails, and the next node is tried (2008)"`
	Retry          time.Duration `yaml:"retry" doc:"time until nodes are tried again, with start-and-see, when no start has succeeded"`
	Preemption     bool          `yaml:"preemption" doc:"machines of lower priority are taken down for one that has no room: 2012 and later, with check-first"`
	// Threshold is how many failovers of a machine there may be in a Period;
	// -1, which is the documented 0xFFFFFFFF: one less than there are nodes.
	Threshold int           `yaml:"failover_threshold" doc:"failovers of a machine within the period, after which it is left off; -1: one less than there are nodes"`
	Period    time.Duration `yaml:"failover_period" doc:"the period in which failovers count, up to 1193h"`
	// Counts is by default what the documents say: FailoverThreshold is the number
	// of attempts at failover, and the service attempts one when the node becomes
	// inactive, too (Windows cluster reference, FailoverThreshold and Failover).
	// Their examples are of resources that fail, and nothing was found on a node's
	// failure as such. On two nodes with the default threshold it decides whether
	// the second loss of a node in six hours leaves machines off.
	Counts string `yaml:"threshold_counts" doc:"what counts towards the threshold: failovers (as documented, of which a node's failure causes one) or machine-failures (only those of the machine itself); which of them holds for a node's failure is not verified"`
	// Restarts is recalled as 1: the restart policy of a resource, RestartThreshold
	// within RestartPeriod. It is 0 by default, as FailoverThreshold is explained by
	// failures of a group that are failovers each: with one restart in 15 minutes,
	// those that are further apart would never count.
	Restarts int           `yaml:"restart_attempts" doc:"restarts of a machine that has failed on its node, within the interval, before it fails over; Windows is recalled to try 1, not verified; 0, the default: each failure of a machine is a failover, which is how failover_threshold is explained"`
	Interval time.Duration `yaml:"restart_interval" doc:"the time in which restarts count; recalled, not verified"`

	Failback WSFCFailback `yaml:"failback" doc:"machines that go back"`
	Balance  WSFCBalance  `yaml:"balance" doc:"machines that leave nodes with little memory left: 2016 and later"`

	Heartbeat  time.Duration  `yaml:"heartbeat" doc:"time between two heartbeats"`
	Missed     int            `yaml:"missed" doc:"heartbeats that are missed before a node counts as down: 10 (2012 R2 with Hyper-V and later), 5 before, 20 across sites"`
	Isolated   time.Duration  `yaml:"isolated" doc:"how long machines of an isolated node go on before they fail over, 2016 and later; 240s is recalled, not verified"`
	StartFail  time.Duration  `yaml:"start_fail" doc:"time that a start takes which fails; a choice, not documented"`
	Starts     int            `yaml:"starts" doc:"machines that a node starts at a time, the others wait: 32 (2008 R2; taken for later ones, too); 0: any number"`
	Migrations int            `yaml:"migrations" doc:"live migrations of a node at a time; recalled, not verified; 0: any number"`
	Quarantine WSFCQuarantine `yaml:"quarantine" doc:"nodes that fail often are left out: 2016 and later"`
}

// WSFCFailback is when machines go back.
type WSFCFailback struct {
	Allow bool `yaml:"allow" doc:"a machine goes back to a node that it prefers when that is up again: AutoFailbackType"`
	// Start and End are hours of the day, of which the first begins with the
	// run; -1: any time. Start after End, or the same, passes midnight.
	Start int    `yaml:"window_start" doc:"hour of the day, 0 to 23, from which machines go back, where the run begins at midnight; -1: at any time"`
	End   int    `yaml:"window_end" doc:"hour of the day, 0 to 23, up to which they do; -1: at any time"`
	Apart bool   `yaml:"anti_affinity" doc:"machines of one class on one node are moved apart when there is a node for one of them, whatever is allowed otherwise; concluded from a line of a log, not documented"`
	By    string `yaml:"by" doc:"live (migration, 2012 and later) or quick (saved to disk and resumed, 2008 R2)"`
}

// WSFCBalance is VM Load Balancing. It looks at memory alone here, and moves a
// node's smallest machines to the node with the largest share of memory left; the
// documents say less about how it chooses.
type WSFCBalance struct {
	When  string        `yaml:"when" doc:"never, join (when a node joins) or always (in each pass, too): AutoBalancerMode"`
	Every time.Duration `yaml:"every" doc:"time between two passes"`
	Above flow.Share    `yaml:"above" doc:"share of a node's memory above which machines leave it: AutoBalancerLevel, recalled as 80% (low) and 70% (medium)"`
}

// WSFCQuarantine keeps nodes out that fail often.
type WSFCQuarantine struct {
	Failures int           `yaml:"failures" doc:"failures of a node within the time after which it is left out; 0: never"`
	Within   time.Duration `yaml:"within" doc:"the time in which failures count"`
	For      time.Duration `yaml:"for" doc:"how long a node is left out"`
	AtMost   flow.Share    `yaml:"at_most" doc:"share of the nodes that may be left out at a time"`
}

func newWSFC() *WSFC {
	return &WSFC{
		AppendOthers: true, PreferredEmpty: "ring", Memory: "check-first", Retry: time.Hour, Preemption: true,
		Threshold: -1, Period: 6 * time.Hour, Counts: "failovers", Interval: 15 * time.Minute,
		Failback:  WSFCFailback{Start: -1, End: -1, Apart: true, By: "live"},
		Balance:   WSFCBalance{When: "always", Every: 30 * time.Minute, Above: 0.8},
		Heartbeat: time.Second, Missed: 10, Isolated: 4 * time.Minute, StartFail: 10 * time.Second, Starts: 32, Migrations: 2,
		Quarantine: WSFCQuarantine{Failures: 3, Within: time.Hour, For: 2 * time.Hour, AtMost: 0.25},
	}
}

// Validate implements flow.Validator.
func (p *WSFC) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("preferred_empty", p.PreferredEmpty, "ring", "random", "fewest-groups", "free-memory")
	c.Word("memory", p.Memory, "check-first", "start-and-see")
	c.Duration("retry", p.Retry, time.Second, 30*24*time.Hour)
	c.Number("failover_threshold", p.Threshold, -1, 1e6)
	c.Duration("failover_period", p.Period, time.Second, 1193*time.Hour)
	c.Word("threshold_counts", p.Counts, "failovers", "machine-failures")
	c.Number("restart_attempts", p.Restarts, 0, 1e6)
	c.Duration("restart_interval", p.Interval, time.Second, 30*24*time.Hour)
	c.Duration("heartbeat", p.Heartbeat, time.Millisecond, time.Minute)
	c.Number("missed", p.Missed, 1, 1000)
	c.Duration("isolated", p.Isolated, 0, 30*24*time.Hour)
	c.Duration("start_fail", p.StartFail, 0, time.Hour)
	c.Number("starts", p.Starts, 0, 100000)
	c.Number("migrations", p.Migrations, 0, 1000)
	return c
}

// Validate implements flow.Validator.
func (p *WSFCFailback) Validate() []flow.Problem {
	var c flow.Checks
	c.Number("window_start", p.Start, -1, 23)
	c.Number("window_end", p.End, -1, 23)
	if len(c) == 0 && (p.Start < 0) != (p.End < 0) {
		c.Add("", "has a window with one end", "set both window_start and window_end, or neither")
	}
	c.Word("by", p.By, "live", "quick")
	return c
}

// Validate implements flow.Validator.
func (p *WSFCBalance) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("when", p.When, "never", "join", "always")
	c.Duration("every", p.Every, time.Second, 30*24*time.Hour)
	c.Share("above", p.Above)
	return c
}

// Validate implements flow.Validator.
func (p *WSFCQuarantine) Validate() []flow.Problem {
	var c flow.Checks
	c.Number("failures", p.Failures, 0, 1000)
	c.Duration("within", p.Within, time.Second, 30*24*time.Hour)
	c.Duration("for", p.For, time.Second, 30*24*time.Hour)
	c.Share("at_most", p.AtMost)
	return c
}

// Timing implements cluster.Policy. Where there is a window for failback but no
// balancing, somebody has to look whether it has opened, each hour.
func (p *WSFC) Timing() cluster.Timing {
	t := cluster.Timing{
		Detect: time.Duration(p.Missed) * p.Heartbeat, StartFail: p.StartFail, Starts: p.Starts, Migrations: p.Migrations,
		Quarantine: cluster.Quarantine{
			Failures: p.Quarantine.Failures, Within: p.Quarantine.Within, For: p.Quarantine.For, AtMost: float64(p.Quarantine.AtMost),
		},
	}
	t.Isolated = t.Detect + p.Isolated
	switch {
	case p.Balance.When == "always":
		t.Pass = p.Balance.Every
	case p.Failback.Allow && p.Failback.Start >= 0:
		t.Pass = time.Hour
	}
	return t
}
