package scenarios

import (
	"fmt"
	"time"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/models/dag"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/nlb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// Scenario is a scenario file. Each mapping of the file is a struct, each key a
// field, in the order in which `lbsim show` prints them.
type Scenario struct {
	Name  string `yaml:"name" doc:"name of the scenario, and of its output folder"`
	About string `yaml:"about,omitempty" doc:"the question that the scenario answers"`
	// Seed is the number from which all random numbers are derived.
	Seed uint64 `yaml:"seed" doc:"number from which all random numbers are derived"`
	// Duration is the simulated time of a replication. It may be left out where
	// recorded traffic is replayed, and is then as long as that.
	Duration time.Duration `yaml:"duration" doc:"simulated time of a replication; left out: as long as the replayed log or trace"`
	// Warmup is the time at the start that is not measured.
	Warmup Warmup `yaml:"warmup" doc:"time at the start that is not measured; auto: found by pilot runs (MSER-5)"`
	// Replications is how many independent repetitions there are.
	Replications Replications `yaml:"replications" doc:"independent repetitions, whose spread gives the intervals: a number, or {until: 5%, of: response_time.p95, max: 200} for as many as it takes"`
	// Batches is how many parts of equal length the measured time of the only
	// replication is cut into, from 5 to 40, for intervals of their means; 0: none.
	Batches int `yaml:"batches,omitempty" doc:"parts of one long run whose spread gives the intervals, in place of replications: 20 are usual"`

	Sites   []snat.Site      `yaml:"sites,omitempty" doc:"where clients sit, and which addresses the balancer sees of them"`
	Traffic []traffic.Stream `yaml:"traffic,omitempty" doc:"who asks, when and for how much; may be left out where there is a cluster or a dag"`
	// Network is what lies between clients and servers; nil: nothing takes time there.
	Network  *tcp.Config `yaml:"network,omitempty" doc:"what connections go over, packet by packet: distance, TCP at both ends, TLS; left out: no time is spent on the wire"`
	Balancer lb.Config   `yaml:"balancer" doc:"the balancer; left out: one service of all servers, round robin"`
	// NLB is for balancer.product windows-nlb; nil with other products.
	NLB     *nlb.Config     `yaml:"nlb,omitempty" doc:"Windows NLB in place of a balancer, for balancer: {product: windows-nlb}"`
	Servers []server.Config `yaml:"servers,omitempty" doc:"what the machines can do; may be left out where there is a cluster, and no traffic"`
	Cluster *cluster.Config `yaml:"cluster,omitempty" doc:"hosts and virtual machines, and the platform that places them; left out: servers are machines of their own"`
	DAG     *dag.Config     `yaml:"dag,omitempty" doc:"a database availability group: members, witness, databases and their copies"`
	// Failures are those of what is neither a host nor a virtual machine.
	Failures *models.Breakdowns `yaml:"failures,omitempty" doc:"servers, services and balancers that fail by chance; hosts and virtual machines do in the cluster; the word typical stands for assumptions"`
	Timeline []models.Action    `yaml:"timeline,omitempty" doc:"what happens when"`
	Storm    Storm              `yaml:"storm" doc:"how a rejoin storm is measured"`
	Session  Session            `yaml:"session" doc:"what counts as one session of a client"`
	Variants Variants           `yaml:"variants,omitempty" doc:"versions of the scenario, compared on the same clients and arrivals: a list, or a grid, {axis: [...], axis: [...]}, of which every combination is run"`
	// Sizing is for lbsim size; runs do not read it.
	Sizing *Sizing       `yaml:"sizing,omitempty" doc:"what could be bought, and what is asked of it, for lbsim size"`
	Expect []Expectation `yaml:"expect,omitempty" doc:"limits; a miss is exit status 1"`
	// Tables are the metrics that a grid is shown in.
	Tables []string `yaml:"tables,omitempty" doc:"metrics that a grid of variants is shown in, each as a table; left out: imbalance and broken sessions"`
	Plots  []string `yaml:"plots,omitempty" doc:"figures to draw"`
}

// Storm says how a rejoin storm is measured.
type Storm struct {
	// Window is the length of the spans whose highest rate is the peak.
	Window time.Duration `yaml:"window" doc:"length of the spans whose highest rate is the peak; short ones measure noise"`
}

// Session says what counts as one session of a client.
type Session struct {
	// Idle is how long a client may be without a connection, from a microsecond
	// to 10 years, before its next one begins a new session. Where the balancer
	// decides for each request, each counts as a connection.
	Idle time.Duration `yaml:"idle" doc:"how long a client may be without a connection (mode http: a request) before it begins a new session"`
}

// Variant is a version of a scenario, or a value on an axis of a grid of them.
type Variant struct {
	Name string `yaml:"name" doc:"name of the variant"`
	// Against names the earlier variant that this one is compared with, or is
	// none; left out, it is the first. In a grid it names a value of the first
	// axis: variants are compared where the other values are the same.
	Against string `yaml:"against,omitempty" doc:"earlier variant to compare with, or none; left out: the first"`
	// Set maps paths to values that replace those of the scenario.
	Set strict.Node `yaml:"set,omitempty" doc:"paths and the values that replace those of the scenario"`
}

// Expectation is a limit that a metric has to keep.
type Expectation struct {
	Metric string `yaml:"metric" doc:"name of a metric"`
	Below  *Limit `yaml:"below,omitempty" doc:"what the metric must be below"`
	Above  *Limit `yaml:"above,omitempty" doc:"what the metric must be above"`
	// Between limits what is measured to a span of simulated time.
	Between []time.Duration `yaml:"between,omitempty" doc:"from and to: only this span is measured"`
	// In names the variants that are held to it; all if it is empty.
	In []string `yaml:"in,omitempty" doc:"variants that are held to it, or values of axes; left out: all"`
}

// MaxReplications bounds the replications of a run.
const MaxReplications = 100_000

// SetDefaults makes it a scenario of one replication with seed 1.
func (s *Scenario) SetDefaults() {
	s.Seed, s.Storm.Window, s.Session.Idle = 1, 5*time.Second, 30*time.Minute
}

// Validate checks the fields that belong to no model.
func (s *Scenario) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, hint, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
	}
	switch {
	case s.Name == "":
		bad("name", "write name: my-scenario", "the scenario has no name")
	case len(s.Name) > maxName:
		bad("name", "it names the output folder", "the name is longer than %d characters", maxName)
	case !isFolderName(s.Name):
		bad("name", "use letters, digits, - and _; it names the output folder", "%q cannot name a folder", s.Name)
	}
	switch {
	case s.Duration == 0 && s.replays():
	case s.Duration == 0:
		bad("duration", "write duration: 20m", "how long is simulated?")
	case s.Duration > maxDuration:
		bad("duration", "", "%s is more than 10 years", strict.FormatDuration(s.Duration))
	case s.Warmup.Time >= s.Duration:
		bad("warmup", "", "%s leaves nothing of the duration (%s) to measure", strict.FormatDuration(s.Warmup.Time), strict.FormatDuration(s.Duration))
	}
	s.Replications.check(bad)
	s.checkBatches(bad)
	// What hosts and databases do can be watched alone.
	alone := s.Cluster != nil || s.DAG != nil
	if len(s.Traffic) == 0 && !alone {
		bad("traffic", "write traffic: [{name: web, arrivals: {kind: poisson, rate: 100/s}, demand: 5ms}]", "there is no traffic")
	}
	if len(s.Servers) == 0 && (len(s.Traffic) > 0 || !alone) {
		bad("servers", "write servers: [{names: \"ex[1-4]\", cores: 4}]", "there are no servers")
	}
	if s.Storm.Window < time.Millisecond || s.Storm.Window > maxDuration {
		bad("storm.window", "", "%s is not between 1ms and 10 years", strict.FormatDuration(s.Storm.Window))
	}
	if s.Session.Idle < time.Microsecond || s.Session.Idle > maxDuration {
		bad("session.idle", "", "%s is not between 1us and 10 years", strict.FormatDuration(s.Session.Idle))
	}
	for i, t := range s.Traffic {
		if t.Peak != nil && t.Peak.At >= s.Duration && s.Duration > 0 {
			bad(fmt.Sprintf("traffic[%d].peak.at", i), "", "%s is not before the end (%s)", strict.FormatDuration(t.Peak.At), strict.FormatDuration(s.Duration))
		}
	}
	for i, a := range s.Timeline {
		if a.At > s.Duration && s.Duration > 0 {
			bad(fmt.Sprintf("timeline[%d].at", i), "", "%s is after the end (%s)", strict.FormatDuration(a.At), strict.FormatDuration(s.Duration))
		}
	}
	return ps
}

// maxDuration is ten years, leap days included.
const maxDuration = 10 * 8766 * time.Hour

// maxName is the length of a scenario's name; file systems allow more.
const maxName = 100

func isFolderName(s string) bool {
	if s[0] == '.' || s[0] == '-' {
		return false
	}
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// Validate checks the expectation's own fields.
func (e *Expectation) Validate() []flow.Problem {
	var ps []flow.Problem
	if e.Metric == "" {
		ps = append(ps, flow.Problem{Path: "metric", Text: "the metric is missing"})
	}
	if e.Below == nil && e.Above == nil {
		ps = append(ps, flow.Problem{Text: "an expectation needs below or above"})
	}
	if e.Below != nil && e.Above != nil && e.Above.Value >= e.Below.Value {
		ps = append(ps, flow.Problem{Text: fmt.Sprintf("nothing is above %s and below %s", e.Above.text, e.Below.text)})
	}
	if n := len(e.Between); n != 0 && (n != 2 || e.Between[0] >= e.Between[1]) {
		ps = append(ps, flow.Problem{Path: "between", Text: "a start and a later end are expected", Hint: "write between: [20m, 30m]"})
	}
	return ps
}
