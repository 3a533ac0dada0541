package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// maxPlaces bounds the hosts that machines prefer or may be on, each machine's
// counted for itself.
const maxPlaces = 2_000_000

// cluster turns the hosts and virtual machines of a scenario into single ones, and
// finds the machine that each server is.
func (e *expander) cluster(c *models.Config, servers *names) (hosts, vms *names) {
	hosts, vms = e.newNames("host", "hosts", "cluster.hosts", cluster.MaxHosts), e.newNames("virtual machine", "virtual machines", "cluster.vms", cluster.MaxVMs)
	if s := e.scenario.Cluster; s != nil {
		out := *s
		out.Hosts, out.VMs = nil, nil
		for i := range s.Hosts {
			one := s.Hosts[i]
			for _, one.Name = range hosts.define(fmt.Sprintf("cluster.hosts[%d]", i), one.Name, one.Names) {
				one.Names = ""
				out.Hosts = append(out.Hosts, one)
			}
		}
		places := 0
		for i := range s.VMs {
			list := e.machines(fmt.Sprintf("cluster.vms[%d]", i), s.VMs[i], hosts, vms)
			for k := range list {
				places += len(list[k].Preferred) + len(list[k].Possible)
			}
			if out.VMs = append(out.VMs, list...); places > maxPlaces {
				e.bad(e.doc, "cluster.vms", fmt.Sprintf("the machines name more than %d hosts that they prefer or may be on, all counted together", maxPlaces), "leave possible out where all hosts may have a machine")
				break
			}
		}
		e.common(&out, hosts, vms)
		if namer, ok := s.Platform.(cluster.HostNamer); ok {
			out.Platform = namer.WithHosts(func(path, pattern string) []string { return hosts.resolve("cluster.platform."+path, pattern) })
		}
		e.checkCluster(&out, hosts, vms)
		c.Cluster = &out
	}
	e.guests(c, servers, vms)
	return hosts, vms
}

// machines returns the virtual machines that one of the file stands for. Several
// that begin on several hosts do so one by one, or in turn.
func (e *expander) machines(at string, v cluster.VM, hosts, vms *names) (out []cluster.VM) {
	list := vms.define(at, v.Name, v.Names)
	on := hosts.resolve(at+".on", v.On)
	if len(on) > 0 && len(list) > 0 && len(list)%len(on) != 0 {
		e.bad(e.doc, at+".on", fmt.Sprintf("%d machines cannot be spread evenly over %d hosts", len(list), len(on)), "name as many hosts, or let the platform choose: leave on out")
		return nil
	}
	all := func(key string, patterns []string) (names []string) {
		for k, pattern := range patterns {
			names = append(names, hosts.resolve(fmt.Sprintf("%s.%s[%d]", at, key, k), pattern)...)
		}
		return names
	}
	one := v
	one.Names, one.Preferred, one.Possible = "", all("preferred", v.Preferred), all("possible", v.Possible)
	if v.Possible != nil && len(v.Possible) == 0 {
		e.bad(e.doc, at+".possible", "no host may have it", "leave possible out if all may")
	}
	for i, name := range list {
		if one.Name = name; len(on) > 0 {
			one.On = on[i%len(on)]
		}
		out = append(out, one)
	}
	return out
}

// common turns what has causes of failures in common into single names.
func (e *expander) common(c *cluster.Config, hosts, vms *names) {
	if c.Failures == nil || c.Failures.Common == nil {
		return
	}
	failures := *c.Failures
	failures.Common = slices.Clone(failures.Common)
	for i := range failures.Common {
		f, at := &failures.Common[i], fmt.Sprintf("cluster.failures.common[%d]", i)
		resolve := func(of *names, key string, patterns []string) (list []string) {
			for k, pattern := range patterns {
				list = append(list, of.resolve(fmt.Sprintf("%s.%s[%d]", at, key, k), pattern)...)
			}
			return list
		}
		f.Hosts, f.VMs = resolve(hosts, "hosts", f.Hosts), resolve(vms, "vms", f.VMs)
	}
	c.Failures = &failures
}

// checkCluster reports what is wrong with a cluster whose names exist, at the place
// in the file of what each host and machine is one of.
func (e *expander) checkCluster(c *cluster.Config, hosts, vms *names) {
	if e.found.Err() != nil || c.Platform == nil {
		return
	}
	for _, p := range c.CheckNames() {
		path := "cluster." + p.Path
		for _, of := range []*names{hosts, vms} {
			var i int
			rest, ok := strings.CutPrefix(path, of.list+"[")
			if !ok {
				continue
			}
			index, rest, _ := strings.Cut(rest, "]")
			if _, err := fmt.Sscan(index, &i); err == nil && i < len(of.order) {
				path = of.at[of.order[i]] + rest
			}
		}
		e.found = append(e.found, e.doc.Problem(flow.Problem{Path: path, Text: p.Text, Hint: p.Hint}))
	}
}

// sameVM as the vm of servers stands for the machines that are called as they are.
const sameVM = "same"

// guests finds the machine that each server is.
func (e *expander) guests(c *models.Config, servers, vms *names) {
	taken, next := map[string]string{}, 0
	for i := range e.scenario.Servers {
		at, pattern := fmt.Sprintf("servers[%d]", i), e.scenario.Servers[i].VM
		first := next
		for next < len(c.Servers) && servers.at[c.Servers[next].Name] == at {
			next++
		}
		if pattern == "" {
			continue
		}
		of := c.Servers[first:next]
		if at += ".vm"; c.Cluster == nil {
			if !vms.incomplete && !e.unread.Hide("cluster") {
				e.bad(e.doc, at, "there are no virtual machines", "write a section cluster with hosts and vms")
			}
			continue
		}
		var list []string
		if pattern != sameVM {
			list = vms.resolve(at, pattern)
		} else {
			for k := range of {
				if list = append(list, vms.resolve(at, of[k].Name)...); len(list) <= k {
					break
				}
			}
		}
		switch {
		case len(list) == 0 || len(of) == 0 || len(list) < len(of) && pattern == sameVM:
			continue // reported
		case len(list) != len(of):
			e.bad(e.doc, at, fmt.Sprintf("%s cannot be %s", count(len(of), "server"), count(len(list), "virtual machine")), "name as many, or write vm: same if each is called as its server")
			continue
		}
		for k, name := range list {
			if other, twice := taken[name]; twice {
				e.bad(e.doc, at, fmt.Sprintf("%s is server %s already", name, other), "each server needs a machine of its own")
				break
			}
			taken[name], of[k].VM = of[k].Name, name
		}
	}
}

// count writes a number of things.
func count(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
