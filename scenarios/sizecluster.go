package scenarios

import (
	"fmt"

	"lbsim/models/cluster"
)

// Measured sizes in bytes, of what a run has for each.
const (
	bytesPerHost = 1500
	bytesPerVM   = 1500
	bytesPerCopy = 400 // of a database
)

// failureEvents estimates the events of what fails by chance and of a platform's looks
// for improvements. Each machine that is placed costs a look at all hosts, of which
// an event's time is enough for about twenty.
func (c *census) failureEvents() (sum parts) {
	add := func(path string, p *cluster.Process, n, each float64) {
		if p != nil && n > 0 {
			sum = append(sum, part{path, "", n * c.seconds / max(1e-9, p.Cycle()) * each})
		}
	}
	if f := c.Config.Failures; f != nil {
		members := 0
		for i := range c.Config.Balancer.Services {
			members += len(c.Config.Balancer.Services[i].Servers)
		}
		if f.Server != nil {
			add("failures.server", &f.Server.Process, float64(len(c.Config.Servers)), 10)
		}
		if f.Service != nil {
			add("failures.service", &f.Service.Process, float64(members), 10)
		}
		add("failures.balancer", f.Balancer, 2, 10)
		add("failures.balancer_software", f.BalancerSoftware, 2, 10)
	}
	k := c.Config.Cluster
	if k == nil {
		return sum
	}
	if pass := k.Platform.Timing().Pass; pass > 0 {
		sum = append(sum, part{"cluster.platform", "", c.seconds / pass.Seconds()})
	}
	hosts, vms, labels := float64(len(k.Hosts)), float64(len(k.VMs)), k.Labels()
	place := 4 + hosts/20
	each := 4 + vms/hosts*place // of a host's failure
	if m := k.Maintenance; m != nil {
		sum = append(sum, part{"cluster.maintenance", "", c.seconds / m.Every.Seconds() * hosts * each})
	}
	f := k.Failures
	if f == nil {
		return sum
	}
	if f.Burst != nil {
		each *= 1 + float64(f.Burst.Probability)*hosts/max(1, float64(len(labels[cluster.Rack])))
	}
	add("cluster.failures.host", f.Host, hosts, each)
	add("cluster.failures.host_software", f.HostSoftware, hosts, each)
	add("cluster.failures.vm", f.VM, vms, place)
	add("cluster.failures.rack", f.Rack, float64(len(labels[cluster.Rack])), each*hosts)
	add("cluster.failures.site", f.Site, float64(len(labels[cluster.Site])), each*hosts)
	add("cluster.failures.datastore", f.Datastore, float64(len(labels[cluster.Datastore])), 4+vms)
	for i := range f.Common {
		x := &f.Common[i]
		add(fmt.Sprintf("cluster.failures.common[%d]", i), &x.Process, 1, 4+each*float64(len(x.Hosts))+place*float64(len(x.VMs)))
	}
	return sum
}

// measuredReturns estimates how often a service gets a server back, by the timeline
// or by chance. No more than so many are measured.
func (c *census) measuredReturns() float64 {
	n, servers := float64(c.returns()), float64(len(c.Config.Servers))
	add := func(p *cluster.Process) {
		if p != nil {
			n += servers * c.seconds / max(1e-9, p.Cycle())
		}
	}
	if f := c.Config.Failures; f != nil && f.Server != nil {
		add(&f.Server.Process)
	}
	if k := c.Config.Cluster; k != nil && k.Failures != nil {
		for _, p := range []*cluster.Process{k.Failures.Host, k.Failures.HostSoftware, k.Failures.VM, k.Failures.Rack, k.Failures.Site, k.Failures.Datastore} {
			add(p)
		}
	}
	return min(n, maxReturns)
}

// clusterBytes estimates the bytes that hosts, machines and databases take.
func (c *census) clusterBytes() (n float64) {
	if k := c.Config.Cluster; k != nil {
		n += bytesPerHost*float64(len(k.Hosts)) + bytesPerVM*float64(len(k.VMs))
		for i := range k.VMs {
			n += 8 * float64(len(k.VMs[i].Preferred)+len(k.VMs[i].Possible))
		}
	}
	if g := c.Config.DAG; g != nil {
		for i := range g.Databases {
			n += bytesPerCopy * float64(1+len(g.Databases[i].Copies))
		}
	}
	return n
}

// The metrics of a virtual machine, a class or a database, at most; a class has one
// more for each number of members up to that many.
const (
	metricsPerPart = 12
	mostAtLeast    = 32
)

// partMetrics counts the metrics of virtual machines, classes and databases.
func (c *census) partMetrics() (n int) {
	if k := c.Config.Cluster; k != nil {
		n += metricsPerPart * len(k.VMs)
		members := map[string]int{}
		for i := range k.VMs {
			for _, name := range k.VMs[i].Classes {
				members[name]++
			}
		}
		for _, m := range members {
			n += metricsPerPart
			if m <= mostAtLeast {
				n += m
			}
		}
	}
	if g := c.Config.DAG; g != nil {
		n += metricsPerPart * len(g.Databases)
	}
	return n
}
