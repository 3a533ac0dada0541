package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dag"
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

// waits reports whether machines of a host that has failed wait for it by design.
func waits(p cluster.Policy) bool {
	switch p := p.(type) {
	case *place.None:
		return true
	case *place.Nova:
		return !p.Evacuate
	}
	return false
}

// breaksHosts reports whether a host can fail in the scenario.
func (c *census) breaksHosts() bool {
	f := c.Config.Cluster.Failures
	if c.Config.Cluster.Maintenance != nil {
		return true
	}
	if f != nil && (f.Host != nil || f.HostSoftware != nil || f.Rack != nil || f.Site != nil || f.Common != nil) {
		return true
	}
	targets := c.Config.Names()
	for i := range c.Config.Timeline {
		a := &c.Config.Timeline[i]
		for _, name := range a.Targets() {
			switch kind, _ := targets.What(a, name); {
			case a.Fail == "" && a.Drain == "":
			case kind == "host", kind == "rack", kind == "data centre":
				return true
			}
		}
	}
	return false
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

// hostless lists the machines without a host that had one before, or of all if
// before is nil, with why the first of them has none.
func hostless(view, before *cluster.View) (why string, list []int) {
	reasons := map[cluster.State]string{
		cluster.OfflineConflict: "each host left has a machine of the same class",
		cluster.FailedWaitRetry: "there is no room",
		cluster.PendingNoHost:   "no host that may have it is up",
	}
	for v := range view.VMs {
		if view.VMs[v].Host >= 0 || before != nil && before.VMs[v].Host < 0 || view.VMs[v].State == cluster.Offline {
			continue
		}
		if len(list) == 0 {
			why = reasons[view.VMs[v].State]
		}
		list = append(list, v)
	}
	return why, list
}

// have names a few machines as the subject of a sentence.
func have(view *cluster.View, list []int) string {
	const most = 3
	var names []string
	for _, v := range list {
		names = append(names, view.VMs[v].Name)
	}
	switch n := len(names); {
	case n == 1:
		return names[0] + " has"
	case n > most:
		return fmt.Sprintf("%s and %d other machines have", strings.Join(names[:most-1], ", "), n-most+1)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " have"
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

// warnVoters reports hosts that take several votes of the database group along.
func (l *loader) warnVoters(doc *strict.Document, c *census, start *cluster.View) {
	g := c.Config.DAG
	if g == nil {
		return
	}
	vms, hosts := map[string]int{}, map[string]int{} // where machines and servers are, and hosts by name
	for v := range start.VMs {
		vms[start.VMs[v].Name] = start.VMs[v].Host
	}
	for h := range start.Hosts {
		hosts[start.Hosts[h].Name] = h
	}
	for i := range c.Config.Servers {
		if s := &c.Config.Servers[i]; s.VM != "" {
			vms[s.Name] = vms[s.VM]
		} else {
			delete(vms, s.Name)
		}
	}
	on, votes := make([][]string, len(start.Hosts)), len(g.Members)
	add := func(h int, what string) {
		if h >= 0 {
			on[h] = append(on[h], what)
		}
	}
	for i := range g.Members {
		if h, ok := vms[g.Members[i].Name]; ok {
			add(h, g.Members[i].Name)
		}
	}
	if g.Witness != dag.None && (g.WitnessVote == dag.VoteAlways || g.WitnessVote == dag.VoteAuto && votes%2 == 0) {
		votes++
		if h, ok := hosts[g.Witness]; ok {
			add(h, "the witness")
		} else if h, ok := vms[g.Witness]; ok {
			add(h, "the witness")
		}
	}
	worst := 0
	for h := range on {
		if len(on[h]) > len(on[worst]) {
			worst = h
		}
	}
	if len(on[worst]) < 2 {
		return
	}
	l.warning(doc, "dag.members", fmt.Sprintf("%s has %s at the start: with it go %d of %d votes", start.Hosts[worst].Name, strings.Join(on[worst], ", "), len(on[worst]), votes),
		"keep them apart with classes, and put the witness elsewhere")
}

// tryFailures breaks each host and reports the one whose machines fare worst.
func (l *loader) tryFailures(doc *strict.Document, c *census, start *cluster.View) {
	timing := c.Config.Cluster.Platform.Timing()
	until := sim.Time(max(timing.Detect, timing.DetectManager) + time.Minute)
	worst, why := []int(nil), ""
	var host string
	for h := range start.Hosts {
		x, e := c.layOut()
		x.FailHost(h)
		e.Run(until)
		if reason, list := hostless(x.View(), start); len(list) > len(worst) {
			worst, why, host = list, reason, start.Hosts[h].Name
		}
	}
	if len(worst) > 0 {
		l.warning(doc, "cluster.hosts", fmt.Sprintf("when %s fails, %s no host: %s", host, have(start, worst), why), "add a host or memory, or expect it")
	}
}

// warnRoom reports a host whose machines would not have room on the others.
func (l *loader) warnRoom(doc *strict.Document, start *cluster.View) {
	left := int64(0)
	for h := range start.Hosts {
		left += start.Hosts[h].Free
	}
	fullest := slices.MaxFunc(start.Hosts, func(a, b cluster.HostView) int {
		return cmp.Compare(a.Memory-a.Free, b.Memory-b.Free)
	})
	if used := fullest.Memory - fullest.Free; used > left-fullest.Free {
		l.warning(doc, "cluster.hosts", fmt.Sprintf("when %s fails, its machines do not fit on the others: they need %.0f GB, and %.0f GB are left", fullest.Name, float64(used)/1e9, float64(left-fullest.Free)/1e9), "add a host or memory, or expect it")
	}
}
