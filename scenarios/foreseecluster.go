package scenarios

import (
	"fmt"
	"time"

	"lbsim/models/cluster"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// Bounds on what is tried out before a run: hosts times machines of a cluster that
// is laid out once, and of one whose hosts fail one after the other.
const (
	maxLaidOut = 1_000_000
	maxBroken  = 10_000
)

// warnCluster reports what a careful engineer would say of hosts and machines. What
// a platform does at the start, and when one host fails, is tried out.
func (l *loader) warnCluster(doc *strict.Document, c *census) {
	l.warnCores(doc, c)
	l.warnSaved(doc, c)
	if m, n := c.Config.Cluster.Maintenance, len(c.Config.Cluster.Hosts); m != nil && m.Takes >= m.Every/time.Duration(n) {
		l.warning(doc, "cluster.maintenance", fmt.Sprintf("a round of %s takes more than %s, %s for each, and the next one begins after %s", count(n, "host"),
			strict.FormatDuration(time.Duration(n)*m.Takes), strict.FormatDuration(m.Takes), strict.FormatDuration(m.Every)), "rounds that are due meanwhile are left out")
	}
	size := len(c.Config.Cluster.Hosts) * max(1, len(c.Config.Cluster.VMs))
	if l.laidOut += size; l.laidOut > maxLaidOut {
		return
	}
	laidOut, _ := c.layOut()
	start := laidOut.View()
	l.warnClasses(doc, c, start)
	l.warnPromised(doc, start)
	l.warnWide(doc, start)
	l.warnVoters(doc, c, start)
	if !c.breaksHosts() || len(start.Hosts) < 2 || waits(c.Config.Cluster.Platform) {
		return
	}
	if size <= maxBroken {
		l.tryFailures(doc, c, start)
	} else {
		l.warnRoom(doc, start)
	}
}

// layOut returns the cluster of a variant as it is at the start of its first
// replication.
func (c *census) layOut() (*cluster.Cluster, *sim.Engine) {
	config := *c.Config.Cluster
	config.Failures, config.Maintenance = nil, nil
	e := sim.New(c.Scenario.Seed, 0)
	return cluster.New(e, &config, cluster.Options{}), e
}

// warnCores compares servers with the machines that they are.
func (l *loader) warnCores(doc *strict.Document, c *census) {
	cores := map[string]int{}
	for i := range c.Config.Cluster.VMs {
		cores[c.Config.Cluster.VMs[i].Name] = c.Config.Cluster.VMs[i].Cores
	}
	for i := range c.Config.Servers {
		s := &c.Config.Servers[i]
		if _, called := cores[s.Name]; called && s.VM == "" {
			l.warning(doc, fmt.Sprintf("servers[%d]", c.listed[i]), fmt.Sprintf("server %s is a machine of its own, and no virtual one, though one is called so", s.Name), "write vm: same")
			return
		}
		if n := cores[s.VM]; s.VM != "" && n != s.Cores {
			l.warning(doc, fmt.Sprintf("servers[%d].vm", c.listed[i]), fmt.Sprintf("server %s has %s, its virtual machine %d", s.Name, count(s.Cores, "core"), n), "give both the same cores")
			return
		}
	}
}

// warnClasses reports machines that have no host at the start, and those that share
// one though they should not.
func (l *loader) warnClasses(doc *strict.Document, c *census, start *cluster.View) {
	if why, list := hostless(start, nil); len(list) > 0 {
		l.warning(doc, "cluster.vms", fmt.Sprintf("%s no host at the start: %s", have(start, list), why), "")
	}
	of := make([][]int, len(start.Classes))
	for v := range start.VMs {
		for _, k := range start.VMs[v].Classes {
			of[k] = append(of[k], v)
		}
	}
	for k, list := range of {
		if len(list) > len(start.Hosts) {
			l.warning(doc, "cluster.vms", fmt.Sprintf("class %s has %d machines to be kept apart, and there are %s", start.Classes[k], len(list), count(len(start.Hosts), "host")), "")
			continue
		}
		on := map[int]int{}
		for _, v := range list {
			h := start.VMs[v].Host
			if other, shared := on[h]; shared && h >= 0 {
				l.warning(doc, "cluster.vms", fmt.Sprintf("%s and %s of class %s both begin on %s", start.VMs[other].Name, start.VMs[v].Name, start.Classes[k], start.Hosts[h].Name), "")
				break
			}
			on[h] = v
		}
	}
}

// warnWide reports machines with more processors than any host has cores, which
// many hypervisors do not start.
func (l *loader) warnWide(doc *strict.Document, start *cluster.View) {
	most := 0
	for h := range start.Hosts {
		most = max(most, start.Hosts[h].Cores)
	}
	var wide []int
	for v := range start.VMs {
		if start.VMs[v].Cores > most {
			wide = append(wide, v)
		}
	}
	if len(wide) > 0 {
		l.warning(doc, "cluster.vms", fmt.Sprintf("%s more processors than any host has cores, %d", have(start, wide), most),
			"many hypervisors do not start such a machine (recalled, not verified); here its processors share the cores")
	}
}

// warnPromised reports hosts that have promised more processors than they have.
func (l *loader) warnPromised(doc *strict.Document, start *cluster.View) {
	worst, most, n := -1, 1.0, 0
	for h := range start.Hosts {
		ratio := float64(start.Hosts[h].Claimed) / float64(start.Hosts[h].Cores)
		if ratio > 1 {
			n++
		}
		if ratio > most {
			worst, most = h, ratio
		}
	}
	if worst < 0 {
		return
	}
	x := &start.Hosts[worst]
	text := fmt.Sprintf("%s has %d virtual processors on %s at the start, %.3g:1", x.Name, x.Claimed, count(x.Cores, "core"), most)
	if n > 1 {
		text += fmt.Sprintf(", the most of %d hosts with more than 1:1", n)
	}
	l.warning(doc, "cluster.hosts", text, "machines wait for each other's processors when all are busy; for Exchange 1:1 is advised and 2:1 the most")
}
