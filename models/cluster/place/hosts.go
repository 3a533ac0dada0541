package place

import (
	"slices"

	"lbsim/models/cluster"
)

// topologies are what machines may be spread over, hosts first and then the kinds
// of domains in their order.
var topologies = []string{"host", "rack", "site", "datastore"}

// A topology divides the hosts into zones: each is one of its own, or those with
// the same label are one.
type topology int

// topologyOf returns the topology of a name among topologies.
func topologyOf(name string) topology {
	for kind, t := range topologies {
		if t == name {
			return topology(kind - 1)
		}
	}
	return -1
}

// zone is the number of a host's zone, -1 if the host has no label of the kind.
func (t topology) zone(view *cluster.View, host int) int {
	if t < 0 {
		return host
	}
	return int(view.Hosts[host].In(int(t)))
}

// zones is the number of zones.
func (t topology) zones(view *cluster.View) int {
	if t < 0 {
		return len(view.Hosts)
	}
	n := len(view.Labels[t])
	for h := range view.Hosts {
		n = max(n, int(view.Hosts[h].In(int(t)))+1)
	}
	return n
}

// name is the name of a host's zone.
func (t topology) name(view *cluster.View, host int) string {
	zone := t.zone(view, host)
	switch {
	case t < 0:
		return view.Hosts[host].Name
	case zone < 0 || zone >= len(view.Labels[t]):
		return ""
	}
	return view.Labels[t][zone]
}

// filter lists the hosts that may have the machine, have room for it and are
// allowed by a rule of the platform. If there are none, why says what is lacking.
func filter(list []int, view *cluster.View, q cluster.Query, room, rule func(host int) bool) (hosts []int, why cluster.Reason) {
	why = cluster.NoHost
	for h := range view.Hosts {
		if !view.Hosts[h].Usable() || !view.May(h, q.VM) || q.Cause == cluster.Planned && h == q.From {
			continue
		}
		if why == cluster.NoHost {
			why = cluster.WaitRetry
		}
		if !room(h) {
			continue
		}
		why = cluster.Conflict
		if rule(h) {
			list = append(list, h)
		}
	}
	return list, why
}

// hasRoom reports whether a host has the memory and the processor time, of what
// it has not promised to others, that the machine needs.
func hasRoom(view *cluster.View, host, vm int) bool {
	h := &view.Hosts[host]
	return view.Fits(host, vm) && float64(h.Cores)-h.Reserved+rounding >= view.VMs[vm].Reserved
}

// inPlace reports whether a machine that has failed may start where it was; its
// host has not, and gives it the memory that it had.
func inPlace(view *cluster.View, q cluster.Query) bool {
	return q.Cause == cluster.MachineFailed && q.From >= 0 && view.Hosts[q.From].Usable() && view.May(q.From, q.VM)
}

// members is how many machines on a host have a class in common with this one.
func members(view *cluster.View, host, vm int) (n int) {
	if len(view.VMs[vm].Classes) == 0 {
		return 0
	}
	for _, other := range view.Hosts[host].VMs {
		if view.Apart(vm, other) {
			n++
		}
	}
	return n
}

// chosen is the decision for a host that a soft rule has chosen among hosts: it
// says whether the rule holds and, if not, whether it could have.
func chosen(view *cluster.View, host, vm int, hosts []int) cluster.Decision {
	d := cluster.Decision{Host: host}
	if view.Clean(host, vm) {
		return d
	}
	d.Reason = cluster.LastResort
	if slices.ContainsFunc(hosts, func(h int) bool { return view.Clean(h, vm) }) {
		d.Reason = cluster.Outweighed
	}
	return d
}
