package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

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
