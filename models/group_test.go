package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dag"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/transcript"
	"lbsim/models/server"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// A groupRig is a database group on a cluster: the vectors of how the one follows
// the other.
type groupRig struct {
	silent
	seed   uint64 // of the order of what happens at the same instant; 0: as scheduled
	config models.Config
	w      *models.World
	on     []string // where each database is
	all    bool     // print also what the cluster does
	out    []string
}

func newGroupRig(seed uint64) *groupRig { return &groupRig{seed: seed} }

// The vectors in testdata/group.txt.
func TestGroupTranscripts(t *testing.T) {
	transcript.Run(t, func() transcript.Rig { return newGroupRig(0) })
}

// Nothing depends on the order in which simultaneous events were scheduled: what
// fails at an instant is judged at once.
func TestGroupTranscriptsWithShuffledTies(t *testing.T) {
	transcript.Shuffled(t, func(seed uint64) transcript.Rig { return newGroupRig(seed) })
}

// Flush returns what was printed, that of an instant in order.
func (r *groupRig) Flush() []string {
	out := r.out
	r.out = nil
	for from := 0; from < len(out); {
		to := from + 1
		at, _, _ := strings.Cut(out[from], "s ")
		for to < len(out) && strings.HasPrefix(out[to], at+"s ") {
			to++
		}
		slices.Sort(out[from:to])
		from = to
	}
	return out
}

func (r *groupRig) say(format string, args ...any) {
	r.out = append(r.out, fmt.Sprintf(format, args...))
}

// Noted prints what befalls the group.
func (r *groupRig) Noted(n flow.Note) {
	d := r.config.DAG
	of := n.Actor == "dag" || n.Actor == "witness" ||
		slices.ContainsFunc(d.Members, func(m dag.Member) bool { return m.Name == n.Actor }) && n.Server < 0 ||
		slices.ContainsFunc(d.Databases, func(b dag.Database) bool { return b.Name == n.Actor })
	if of || r.all {
		r.say("%gs %s %s", n.At.Seconds(), n.Actor, n.Text)
	}
}

// Placed implements flow.PlacementObserver.
func (r *groupRig) Placed(int, int, flow.Condition, sim.Time) {}

// Mounted implements flow.PlacementObserver.
func (r *groupRig) Mounted(database, member int, _ sim.Time) {
	if r.on[database] = "-"; member >= 0 {
		r.on[database] = r.config.DAG.Members[member].Name
	}
}

// Command carries out one line:
//
//	cluster {…}    the platform and what else is not a host or a virtual machine
//	on hv1 ex1 …   a host, and servers that are its virtual machines
//	classes X ex1… a class name for virtual machines
//	dag {…}        the group, as in a scenario
//	{at: 5m, …}    an event of the timeline
//	aloud          what the cluster does is printed as well
//	until 10m      the run goes on up to then
//	show           where the databases are
//	meter          what was counted
func (r *groupRig) Command(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "cluster":
		r.config.Cluster = &cluster.Config{}
		r.config.Cluster.SetDefaults()
		return decode(rest, r.config.Cluster)
	case "dag":
		r.config.DAG = &dag.Config{}
		r.config.DAG.SetDefaults()
		return decode(rest, r.config.DAG)
	case "on":
		return r.put(strings.Fields(rest))
	case "classes":
		for i := range r.config.Cluster.VMs {
			if v := &r.config.Cluster.VMs[i]; strings.Contains(rest, v.Name) {
				v.Classes = append(v.Classes, strings.Fields(rest)[0])
			}
		}
	case "{at:":
		r.config.Timeline = append(r.config.Timeline, models.Action{})
		return decode(line, &r.config.Timeline[len(r.config.Timeline)-1])
	case "aloud":
		r.all = true
	case "until":
		d, err := strict.ParseDuration(rest)
		if err == nil && r.w == nil {
			err = r.build()
		}
		if err != nil {
			return err
		}
		return r.w.Run(d)
	case "show":
		for i, on := range r.on {
			r.say("%s on %s", r.config.DAG.Databases[i].Name, on)
		}
	case "meter":
		r.meter()
	default:
		return fmt.Errorf("no command %s", verb)
	}
	return nil
}

// put makes a host of 64 GB with virtual machines of 16 GB, which are servers and
// whose services answer four minutes after their start.
func (r *groupRig) put(names []string) error {
	c := r.config.Cluster
	if c == nil {
		return fmt.Errorf("no cluster yet")
	}
	c.Hosts = append(c.Hosts, cluster.Host{Name: names[0], Cores: 16, Memory: 64e9})
	for _, name := range names[1:] {
		v := cluster.VM{}
		v.SetDefaults()
		v.Name, v.On, v.Memory, v.Service = name, names[0], 16e9, 3*time.Minute
		c.VMs = append(c.VMs, v)
		s := server.Config{}
		s.SetDefaults()
		s.Name, s.VM = name, name
		r.config.Servers = append(r.config.Servers, s)
	}
	return nil
}

// decode reads a part of a scenario.
func decode(text string, into any) error {
	policies := strict.NewPolicies(strict.PolicyOf(place.Table, strict.PolicyOptions{}), strict.PolicyOf(dist.Table, strict.PolicyOptions{}))
	doc, found := strict.Parse("line", []byte(text))
	if doc != nil {
		found = append(found, doc.Decode(into, policies)...)
	}
	return found.Err()
}

func (r *groupRig) build() (err error) {
	r.on = make([]string, len(r.config.DAG.Databases))
	if r.w, err = models.New(r.config, 1, 0, r); err == nil {
		r.w.Engine().ShuffleTies(r.seed)
	}
	return err
}

func (r *groupRig) meter() {
	now := r.w.Engine().Now()
	g := r.w.GroupMeter(now)
	r.say("without quorum %v, lost %d, evictions %d", g.WithoutQuorum, g.Losses, g.Evictions)
	for i := range r.w.Databases() {
		m := r.w.DatabaseMeter(i, now)
		r.say("%s dismounted %v, thin %v, failovers %d, false %d, switchovers %d, returns %d, logs lost %d",
			m.Name, m.Dismounted, m.Thin.Round(time.Millisecond), m.Failovers, m.FalseFailovers, m.Switchovers, m.Returns, m.LostLogs)
	}
}
