package scenarios

import (
	"fmt"

	"lbsim/models/cluster"
	"lbsim/scenarios/strict"
)

// spread puts the machines that the counted servers are on hosts in turn, as who buys
// them would: on those that the scenario has them on, that they may be on, or all.
// Machines that prefer hosts, or are all on one, stay with what the scenario says.
func (b *caseBuilder) spread(n int) {
	k := b.file.machines()
	if k < 0 {
		return
	}
	s := b.file.Scenario
	hosts := hostsFor(s.Cluster, &s.Cluster.VMs[k])
	pattern, err := strict.Resize(s.Cluster.VMs[k].Names, n)
	if err != nil || len(hosts) < 2 {
		return
	}
	names, err := strict.ExpandNames(pattern, maxCounted)
	if err != nil {
		return
	}
	for i, name := range names {
		b.set(fmt.Sprintf("cluster.vms.%s.on", name), hosts[i%len(hosts)])
	}
}

// machines is the number of the element of the virtual machines that the counted
// servers are, -1 if they are none, or several elements.
func (f *File) machines() int {
	s := f.Scenario
	vm := s.Servers[s.counted()].VM
	if vm == sameVM {
		vm = s.Servers[s.counted()].Names
	}
	if s.Cluster != nil && vm != "" {
		for k := range s.Cluster.VMs {
			if s.Cluster.VMs[k].Names == vm {
				return k
			}
		}
	}
	return -1
}

// hostsFor returns the hosts over which machines are spread; none if they are not.
func hostsFor(c *cluster.Config, v *cluster.VM) (hosts []string) {
	patterns := v.Possible
	switch {
	case v.On != "":
		patterns = []string{v.On}
	case len(v.Preferred) > 0:
		return nil
	case len(patterns) == 0:
		for i := range c.Hosts {
			patterns = append(patterns, c.Hosts[i].Name+c.Hosts[i].Names)
		}
	}
	for _, p := range patterns {
		if list, err := strict.ExpandNames(p, cluster.MaxHosts); err == nil {
			hosts = append(hosts, list...)
		}
	}
	return hosts
}
