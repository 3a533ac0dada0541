package results

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// placement is what can be read of hosts, virtual machines and databases, or what
// has happened to them in a window.
type placement struct {
	span      time.Duration
	hosts     flow.ClusterMeter
	vms       []flow.VMMeter
	classes   []flow.ClassMeter
	services  []flow.ServiceMeter
	group     flow.GroupMeter
	databases []flow.DatabaseMeter
	// kept are the parts' metrics by kind, in place of all this, in a run that was
	// kept.
	kept map[string][]part
}

// placementMeters returns what can be read of virtual machines and databases, if
// there are some.
func placementMeters(m flow.Metering, now sim.Time) flow.PlacementMetering {
	if p, ok := m.(flow.PlacementMetering); ok && (p.Databases() > 0 || p.ClusterMeter(now).Hosts > 0) {
		return p
	}
	return nil
}

// readPlacement reads all meters of virtual machines and databases, nil if there
// are none.
func (r *Recorder) readPlacement(now sim.Time) *placement {
	m := r.placed
	if m == nil {
		return nil
	}
	p := &placement{span: time.Duration(now), hosts: m.ClusterMeter(now), group: m.GroupMeter(now)}
	for v := range m.VMs() {
		p.vms = append(p.vms, m.VMMeter(v, now))
	}
	for k := range m.Classes() {
		p.classes = append(p.classes, m.ClassMeter(k, now))
	}
	for s := range r.setting.Services {
		p.services = append(p.services, m.ServiceMeter(s, now))
	}
	for d := range m.Databases() {
		p.databases = append(p.databases, m.DatabaseMeter(d, now))
	}
	return p
}

// since leaves what has happened since an earlier reading. There may be more
// classes now than there were.
func (p *placement) since(earlier *placement) {
	if p == nil {
		return
	}
	p.span -= earlier.span
	h, e := &p.hosts, &earlier.hosts
	h.HostFailures -= e.HostFailures
	h.Restarts -= e.Restarts
	h.Failovers -= e.Failovers
	h.Migrations -= e.Migrations
	h.Evicted -= e.Evicted
	h.Refused -= e.Refused
	h.Quarantines -= e.Quarantines
	h.HostsUp -= e.HostsUp
	for i := range p.vms {
		v, e := &p.vms[i], &earlier.vms[i]
		v.Up -= e.Up
		v.Stunned -= e.Stunned
		v.Ready -= e.Ready
		v.Outages -= e.Outages
		v.Restarts -= e.Restarts
		v.Failovers -= e.Failovers
		v.Migrations -= e.Migrations
	}
	for i := range min(len(p.classes), len(earlier.classes)) {
		c, e := &p.classes[i], &earlier.classes[i]
		lessTimes(c.Up, e.Up)
		c.Together -= e.Together
		c.Failovers -= e.Failovers
	}
	for i := range p.services {
		lessTimes(p.services[i].Up, earlier.services[i].Up)
	}
	p.group.WithoutQuorum -= earlier.group.WithoutQuorum
	p.group.Losses -= earlier.group.Losses
	p.group.Evictions -= earlier.group.Evictions
	for i := range p.databases {
		d, e := &p.databases[i], &earlier.databases[i]
		d.Dismounted -= e.Dismounted
		d.Thin -= e.Thin
		d.Failovers -= e.Failovers
		d.FalseFailovers -= e.FalseFailovers
		d.Switchovers -= e.Switchovers
		d.Returns -= e.Returns
		d.LostLogs -= e.LostLogs
	}
}

// lessTimes subtracts earlier times from those of a list that may have grown.
func lessTimes(times, earlier []time.Duration) {
	for k := range min(len(times), len(earlier)) {
		times[k] -= earlier[k]
	}
}

// membersUp is how many of several members have answered, and for how long.
type membersUp struct {
	mean  float64 // of their number, over time
	least int
	none  time.Duration   // in which none answered
	whole time.Duration   // that was counted
	times []time.Duration // in which so many answered, from none on
}

// membersUpOf reads for how long how many members have answered, from none on.
func membersUpOf(times []time.Duration) (p membersUp) {
	p.times = times
	area := 0.0
	for k, d := range times {
		p.whole += d
		area += float64(float64(k) * float64(d))
	}
	p.least = max(0, slices.IndexFunc(times, func(d time.Duration) bool { return d > 0 }))
	if len(times) > 0 {
		p.none = times[0]
	}
	p.mean = ratio(area, float64(p.whole))
	return p
}

// atLeast is the share of the time in which at least so many have answered.
func (p *membersUp) atLeast(members int) float64 {
	var sum time.Duration
	for _, d := range p.times[min(members, len(p.times)):] {
		sum += d
	}
	return ratio(float64(sum), float64(p.whole))
}
