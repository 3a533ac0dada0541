package results

import (
	"math"
	"time"

	"lbsim/models/flow"
)

// list adds what has happened to all hosts, virtual machines and databases.
func (p *placement) list(out *values) {
	if p == nil {
		return
	}
	p.listWorst(out)
	if p.hosts.Hosts > 0 {
		p.listCluster(out)
	}
	if len(p.databases) > 0 {
		p.listGroup(out)
	}
}

// listWorst adds how long and how many of those answered of whom the fewest did: of
// services; where there are none, of classes of machines; where there are none of
// these either, of the machines one by one, of which all together count as members.
func (p *placement) listWorst(out *values) {
	var groups []membersUp
	for i := range p.services {
		groups = append(groups, membersUpOf(p.services[i].Up))
	}
	for i := range p.classes {
		if len(p.services) == 0 {
			groups = append(groups, membersUpOf(p.classes[i].Up))
		}
	}
	if len(groups) == 0 {
		p.listMachines(out)
		return
	}
	worst := groups[0]
	worst.mean, worst.least = math.Inf(1), math.MaxInt
	for _, g := range groups {
		if g.none > worst.none {
			worst.none, worst.times, worst.whole = g.none, g.times, g.whole
		}
		worst.mean, worst.least = min(worst.mean, g.mean), min(worst.least, g.least)
	}
	worst.list(out)
}

// listMachines adds the same of machines that have nothing to do with each other.
func (p *placement) listMachines(out *values) {
	if len(p.vms) == 0 {
		return
	}
	sum := 0.0 // a Duration is too short for the years of thousands of machines
	least := p.span
	for i := range p.vms {
		sum += float64(p.vms[i].Up)
		least = min(least, p.vms[i].Up)
	}
	out.add("availability", "", p.share(least))
	out.add("downtime", "s", (p.span - least).Seconds())
	out.add("members_up.mean", "", ratio(sum, float64(p.span)))
}

// listCluster adds what has happened to hosts and machines.
func (p *placement) listCluster(out *values) {
	h := &p.hosts
	together := time.Duration(0)
	for i := range p.classes {
		together = max(together, p.classes[i].Together)
	}
	outages, stunned, ready := 0, time.Duration(0), time.Duration(0)
	for i := range p.vms {
		v := &p.vms[i]
		outages, stunned, ready = outages+v.Outages, stunned+v.Stunned, max(ready, v.Ready)
	}
	out.add("hosts_up.mean", "", ratio(h.HostsUp, float64(p.span)))
	out.add("host_failures", "", float64(h.HostFailures))
	out.add("outages", "", float64(outages))
	out.add("restarts", "", float64(h.Restarts))
	out.add("failovers", "", float64(h.Failovers))
	out.add("migrations", "", float64(h.Migrations))
	out.add("stun_time", "s", stunned.Seconds())
	out.add("evicted", "", float64(h.Evicted))
	out.add("starts_refused", "", float64(h.Refused))
	out.add("quarantines", "", float64(h.Quarantines))
	out.add("cpu_ready", "", p.share(ready))
	if len(p.classes) > 0 {
		out.add("colocated_time", "s", together.Seconds())
		out.add("colocated_share", "", p.share(together))
	}
}

// listGroup adds what has happened to a database group.
func (p *placement) listGroup(out *values) {
	all := 0.0
	var down, thin time.Duration
	var sum flow.DatabaseMeter
	for i := range p.databases {
		d := &p.databases[i]
		all += float64(p.span - d.Dismounted)
		down, thin = max(down, d.Dismounted), max(thin, d.Thin)
		sum.Failovers += d.Failovers
		sum.FalseFailovers += d.FalseFailovers
		sum.Switchovers += d.Switchovers
		sum.Returns += d.Returns
		sum.LostLogs += d.LostLogs
	}
	out.add("databases.availability", "", p.share(p.span-down))
	out.add("databases.downtime", "s", down.Seconds())
	out.add("databases.mounted.mean", "", ratio(all, float64(p.span)))
	out.add("databases.thin_time", "s", thin.Seconds())
	out.add("databases.failovers", "", float64(sum.Failovers))
	out.add("databases.false_failovers", "", float64(sum.FalseFailovers))
	out.add("databases.switchovers", "", float64(sum.Switchovers))
	out.add("databases.returns", "", float64(sum.Returns))
	out.add("databases.lost_logs", "", float64(sum.LostLogs))
	out.add("quorum.availability", "", p.share(p.span-p.group.WithoutQuorum))
	out.add("quorum.downtime", "s", p.group.WithoutQuorum.Seconds())
	out.add("quorum.losses", "", float64(p.group.Losses))
	out.add("quorum.evictions", "", float64(p.group.Evictions))
}
