package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/scenarios/strict"
)

// targetState is what the timeline has made of a host, a machine or what they have in
// common so far.
type targetState struct {
	down, away, off bool // failed; being emptied, or emptied; shut down
	since           time.Duration
	classes         []string
}

// followCluster goes through the timeline of a scenario with a cluster or a database
// group, and reports what changes nothing there.
func (l *loader) followCluster(doc *strict.Document, c *census) {
	if c.Config.Cluster == nil && c.Config.DAG == nil || len(c.Config.Timeline) == 0 {
		return
	}
	f := clusterFollower{loader: l, doc: doc, names: c.Config.Names(), states: map[string]*targetState{}}
	if k := c.Config.Cluster; k != nil {
		f.chance = k.Failures != nil
		for i := range k.VMs {
			f.state("virtual machine", k.VMs[i].Name).classes = k.VMs[i].Classes
		}
	}
	order := make([]int, len(c.Config.Timeline))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.Config.Timeline[a].At, c.Config.Timeline[b].At) })
	for _, i := range order {
		a := &c.Config.Timeline[i]
		f.path, f.at = fmt.Sprintf("timeline[%d].%s", i, a.TargetPath()), a.At
		f.failed = f.failed || a.Fail != ""
		if len(a.Split) > 0 {
			f.state("network", "").down = true
		}
		for _, name := range a.Targets() {
			if kind, plain := f.names.What(a, name); kind != "" && kind != "server" {
				f.follow(a, kind, plain)
			}
		}
	}
}

// clusterFollower goes through the timeline in the order of time.
type clusterFollower struct {
	*loader
	doc    *strict.Document
	names  *models.Names
	states map[string]*targetState
	chance bool // hosts and machines fail by chance, too
	failed bool // something has: machines may wait for a host, or be left off
	path   string
	at     time.Duration
}

func (f *clusterFollower) state(kind, name string) *targetState {
	x := f.states[kind+" "+name]
	if x == nil {
		x = &targetState{}
		f.states[kind+" "+name] = x
	}
	return x
}

func (f *clusterFollower) nothing(format string, args ...any) {
	f.warning(f.doc, f.path, fmt.Sprintf(format, args...)+": this changes nothing", "")
}

// follow follows what happens to one target.
func (f *clusterFollower) follow(a *models.Action, kind, name string) {
	if kind == "network" || kind == "witness" {
		name = ""
	}
	x, now := f.state(kind, name), strict.FormatDuration(f.at)
	if name == "" {
		name = "the " + kind
	}
	switch {
	case kind == "service" || kind == "site" || kind == "balancer" || kind == "database" || kind == "copy" || kind == "group":
	case kind == "virtual machine":
		f.followVM(a, name, x)
	case a.Fail != "" && x.down:
		f.nothing("%s has been down since %s", name, strict.FormatDuration(x.since))
	case a.Fail != "":
		x.down, x.since = true, f.at
	case a.Recover != "" && !x.down && !f.chance:
		f.nothing("%s is up at %s", name, now)
	case a.Recover != "":
		x.down = false
	case a.Drain != "" && x.away:
		f.nothing("%s is in maintenance at %s", name, now)
	case a.Drain != "":
		x.away = true
	case a.Enable != "" && !x.away:
		f.nothing("%s is not in maintenance at %s", name, now)
	case a.Enable != "":
		x.away = false
	}
}

// followVM follows what happens to a virtual machine.
func (f *clusterFollower) followVM(a *models.Action, name string, x *targetState) {
	now := strict.FormatDuration(f.at)
	switch {
	case a.Fail != "": // its platform starts it again
		if x.down = true; x.off {
			f.nothing("%s is shut down at %s", name, now)
		}
	case a.Stop != "" && x.off:
		f.nothing("%s has been shut down since %s", name, strict.FormatDuration(x.since))
	case a.Stop != "":
		x.off, x.since = true, f.at
	case a.Start != "" && !x.off && !f.failed && !f.chance:
		f.nothing("%s has not been shut down at %s", name, now)
	case a.Start != "":
		x.off = false
	case a.Migrate != "" && x.off:
		f.nothing("%s is shut down at %s", name, now)
	case a.Classes == nil:
	case a.Classes.Clear && len(x.classes) == 0:
		f.nothing("%s has no classes at %s", name, now)
	case a.Classes.Clear:
		x.classes = cluster.ClearClasses(x.classes)
	case a.Classes.Overwrite != "":
		x.classes = cluster.OverwriteClasses(x.classes, a.Classes.Overwrite)
	default:
		if slices.Contains(x.classes, a.Classes.Add) {
			f.nothing("%s has the class %s at %s", name, a.Classes.Add, now)
		}
		x.classes = cluster.AddClass(x.classes, a.Classes.Add)
	}
}
