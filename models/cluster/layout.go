package cluster

import (
	"cmp"
	"slices"
	"strings"

	"lbsim/models/flow"
)

// addHosts makes the platform's view of the hosts.
func (c *Cluster) addHosts() {
	c.view.Hosts = make([]HostView, len(c.hosts))
	c.view.Labels = c.config.Labels()
	var number [DomainKinds]map[string]int32
	for kind, labels := range c.view.Labels {
		c.domains[kind] = make([]int, len(labels))
		number[kind] = map[string]int32{"": -1}
		for i, name := range labels {
			number[kind][name] = int32(i)
		}
	}
	for i := range c.config.Hosts {
		h := &c.config.Hosts[i]
		memory := int64(h.Memory - h.Reserve)
		c.view.Hosts[i] = HostView{Name: h.Name, Up: true, Memory: memory, Free: memory, Cores: h.Cores,
			Domain: []int32{
				Rack:      number[Rack][h.Rack],
				Site:      number[Site][h.Site],
				Datastore: number[Datastore][h.Datastore],
			}}
	}
	for i := range c.config.VMs {
		c.vms[i].datastore = number[Datastore][c.config.VMs[i].Datastore]
	}
}

// hostNumbers returns the number of each host by its name.
func (c *Cluster) hostNumbers() map[string]int {
	hosts := make(map[string]int, len(c.hosts))
	for i := range c.config.Hosts {
		hosts[c.config.Hosts[i].Name] = i
	}
	return hosts
}

// addVMs makes the platform's view of the machines. Those that are placed together
// are by priority, highest first, then by name (a choice: no product documents how
// it breaks ties).
func (c *Cluster) addVMs() {
	hosts := c.hostNumbers()
	numbers := func(names []string) (list []int) {
		for _, name := range names {
			list = append(list, hosts[name])
		}
		return list
	}
	classes := map[string]int32{}
	order := make([]int, len(c.vms))
	c.view.VMs = make([]VMView, len(c.vms))
	for i := range c.config.VMs {
		v, m := &c.config.VMs[i], &c.vms[i]
		m.from, m.to, m.busy, m.speed, order[i] = -1, -1, v.Cores, 1, i
		c.view.VMs[i] = VMView{
			Name: v.Name, Memory: int64(v.Memory), Cores: v.Cores, Reserved: v.Reserved, Priority: int(v.Priority),
			Preferred: numbers(v.Preferred), Possible: numbers(v.Possible), Host: -1, Home: -1,
		}
		for _, name := range v.Classes {
			key := strings.ToLower(name)
			n, ok := classes[key]
			if !ok {
				n = int32(len(c.view.Classes))
				classes[key] = n
				c.view.Classes = append(c.view.Classes, name)
			}
			if !slices.Contains(c.view.VMs[i].Classes, n) {
				c.view.VMs[i].Classes = append(c.view.VMs[i].Classes, n)
			}
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		va, vb := &c.view.VMs[a], &c.view.VMs[b]
		return cmp.Or(cmp.Compare(vb.Priority, va.Priority), strings.Compare(va.Name, vb.Name))
	})
	for rank, i := range order {
		c.vms[i].rank = rank
	}
	c.countClasses()
}

// placeFirst puts the machines where they are at first: those that say where, and
// then the others as the platform decides. Nothing of that counts.
func (c *Cluster) placeFirst() {
	hosts := c.hostNumbers()
	for i := range c.config.VMs {
		if on := c.config.VMs[i].On; on != "" {
			c.put(i, hosts[on])
			c.view.VMs[i].Home = hosts[on]
			c.begin(i)
		} else {
			c.queue = append(c.queue, ask{i, Started})
		}
	}
	c.askQueue(c.begin)
	for v := range c.vms {
		m := &c.vms[v]
		m.speed, m.meter, m.cold, m.recovers = 1, vmMeter{}, false, false
	}
	c.counts = flow.ClusterMeter{Refused: c.counts.Refused}
}

// begin lets a machine run from the start.
func (c *Cluster) begin(v int) {
	c.view.VMs[v].State = Online
	m := &c.vms[v]
	m.running, m.serving = true, true
	c.count(v, true)
}
