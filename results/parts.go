package results

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Part is the outcome of a virtual machine, of a class of them or of a database.
type Part struct {
	Name    string
	Metrics Metrics
}

// The kinds of what has metrics of its own beside a run, as they are called in
// paths and in summary.json.
const (
	serviceParts  = "services"
	vmParts       = "vms"
	classParts    = "classes"
	databaseParts = "databases"
)

// PartKind is a kind of parts, and what one and several of it are called.
type PartKind struct {
	Kind, One, Several string
	metrics            []string // that a terminal shows of each
}

// PartKinds are those besides services, in reading order.
var PartKinds = []PartKind{
	{classParts, "class", "classes of virtual machines", []string{"availability", "downtime", "members_up.mean", "members_up.min", "colocated_time", "failovers"}},
	{vmParts, "machine", "virtual machines", []string{"availability", "downtime", "outages", "failovers", "migrations", "stun_time", "cpu_ready"}},
	{databaseParts, "database", "databases", []string{"availability", "downtime", "thin_time", "failovers", "false_failovers", "switchovers", "returns", "lost_logs"}},
}

// part is what one replication measures of a part.
type part struct {
	name    string
	metrics values
}

// mostAtLeast is the number of members up to which each number of those that answer
// has a metric.
const mostAtLeast = 32

// parts returns the parts of a kind, without those services that only traffic
// tells of.
func (p *placement) parts(kind string, services []ServiceSetting) (out []part) {
	if p == nil {
		return nil
	}
	if p.kept != nil {
		return p.kept[kind]
	}
	switch kind {
	case serviceParts:
		for i := range p.services {
			x := part{name: services[i].Name}
			p.listService(&x.metrics, i)
			out = append(out, x)
		}
	case vmParts:
		for i := range p.vms {
			out = append(out, part{p.vms[i].Name, p.listVM(&p.vms[i])})
		}
	case classParts:
		for i := range p.classes {
			out = append(out, part{p.classes[i].Name, listClass(&p.classes[i])})
		}
	case databaseParts:
		for i := range p.databases {
			out = append(out, part{p.databases[i].Name, p.listDatabase(&p.databases[i])})
		}
	}
	return out
}

// listService adds for how long a service's servers have worked.
func (p *placement) listService(out *values, service int) {
	if p != nil {
		up := membersUpOf(p.services[service].Up)
		up.list(out)
	}
}

// list adds the time in which somebody answered, and how many did.
func (p *membersUp) list(out *values) {
	out.add("availability", "", p.atLeast(1))
	out.add("downtime", "s", p.none.Seconds())
	out.add("members_up.mean", "", p.mean)
	out.add("members_up.min", "", float64(p.least))
}

func (p *placement) listVM(v *flow.VMMeter) (out values) {
	out.add("availability", "", p.share(v.Up))
	out.add("downtime", "s", (p.span - v.Up).Seconds())
	out.add("outages", "", float64(v.Outages))
	out.add("restarts", "", float64(v.Restarts))
	out.add("failovers", "", float64(v.Failovers))
	out.add("migrations", "", float64(v.Migrations))
	out.add("stun_time", "s", v.Stunned.Seconds())
	out.add("cpu_ready", "", p.share(v.Ready))
	return out
}

func listClass(c *flow.ClassMeter) (out values) {
	up := membersUpOf(c.Up)
	up.list(&out)
	if c.Members <= mostAtLeast {
		for k := range c.Members {
			out.add(fmt.Sprintf("members_up.at_least.%d", k+1), "", up.atLeast(k+1))
		}
	}
	out.add("colocated_time", "s", c.Together.Seconds())
	out.add("colocated_share", "", ratio(float64(c.Together), float64(up.whole)))
	out.add("failovers", "", float64(c.Failovers))
	return out
}

func (p *placement) listDatabase(d *flow.DatabaseMeter) (out values) {
	out.add("availability", "", p.share(p.span-d.Dismounted))
	out.add("downtime", "s", d.Dismounted.Seconds())
	out.add("thin_time", "s", d.Thin.Seconds())
	out.add("failovers", "", float64(d.Failovers))
	out.add("false_failovers", "", float64(d.FalseFailovers))
	out.add("switchovers", "", float64(d.Switchovers))
	out.add("returns", "", float64(d.Returns))
	out.add("lost_logs", "", float64(d.LostLogs))
	return out
}

// share is a time over that of the window.
func (p *placement) share(d time.Duration) float64 { return ratio(float64(d), float64(p.span)) }

// Parts returns the parts of a kind: services, vms, classes or databases.
func (v *Variant) Parts(kind string) (list []Part) {
	switch kind {
	case serviceParts:
		for i := range v.Services {
			list = append(list, Part{v.Services[i].Name, v.Services[i].Metrics})
		}
	case vmParts:
		return v.VMs
	case classParts:
		return v.Classes
	case databaseParts:
		return v.Databases
	}
	return list
}

// gatherParts makes the outcomes of the parts of a kind.
func gatherParts(kind string, runs []*Run) (out []Part) {
	all := make([][]part, len(runs))
	for k, r := range runs {
		all[k] = r.placement.parts(kind, r.setting)
	}
	for i, x := range all[0] {
		lists := make([]values, len(runs))
		for k := range all {
			lists[k] = all[k][i].metrics
		}
		out = append(out, Part{x.name, mergeLists(lists)})
	}
	return out
}
