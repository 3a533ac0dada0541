package cluster

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lbsim/models/flow"
)

// Check returns what is wrong with the books that the cluster keeps. Some platforms
// give more memory than there is.
func (c *Cluster) Check(overcommits bool) (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	starting, migrating := make([]int, len(c.hosts)), make([]int, len(c.hosts))
	for v := range c.vms {
		m, x := &c.vms[v], &c.view.VMs[v]
		has := 0
		for h := range c.view.Hosts {
			n := 0
			for _, w := range c.view.Hosts[h].VMs {
				if w == v {
					n++
				}
			}
			if want := h == x.Host || x.State == Migrating && h == m.to; n > 1 || want != (n == 1) {
				bad("%s is %d times on %s, state %v", x.Name, n, c.view.Hosts[h].Name, x.State)
			}
			has += n
		}
		if (has > 0) != x.State.Hosted() {
			bad("%s has %d hosts in state %v", x.Name, has, x.State)
		}
		if m.waits != slices.Contains(c.waiting, v) || m.waits && x.Host >= 0 {
			bad("%s waits, or does not", x.Name)
		}
		if m.serving && (x.Host < 0 || !c.hosts[x.Host].alive() || c.hosts[x.Host].cut || m.own || m.outages > 0) {
			bad("%s answers", x.Name)
		}
		if m.running && (m.stage == booting || m.stage == services || m.stage == queued || m.stage == blocked) {
			bad("%s runs and starts", x.Name)
		}
		if m.stage >= inLine != (x.State == Migrating) || (m.stage == inLine) != slices.Contains(c.moves, v) {
			bad("%s moves, or does not", x.Name)
		}
		if x.Host >= 0 && (m.stage == queued) != slices.Contains(c.hosts[x.Host].starts, v) {
			bad("%s waits to start, or does not", x.Name)
		}
		if (m.stage == booting || m.stage == services || m.stage == copying || m.stage == stunned) != c.e.IsPending(m.step) {
			bad("%s: nothing ends stage %d", x.Name, m.stage)
		}
		if x.State == Starting && m.stage == still && !m.asked && c.hosts[x.Host].alive() && !c.hosts[x.Host].ended {
			bad("%s is starting for ever", x.Name)
		}
		if x.State == Online && !m.running && !m.asked && c.hosts[x.Host].alive() && !c.hosts[x.Host].ended {
			bad("%s is thought to run", x.Name)
		}
		switch m.stage {
		case booting:
			starting[x.Host]++
		case copying, stunned:
			migrating[x.Host]++
			migrating[m.to]++
		}
	}
	for h := range c.hosts {
		x, y := &c.hosts[h], &c.view.Hosts[h]
		free, claimed, reserved := y.Memory, 0, 0.0
		for _, v := range y.VMs {
			free -= c.view.VMs[v].Memory
			claimed += c.view.VMs[v].Cores
			reserved += c.view.VMs[v].Reserved
		}
		if free != y.Free || free < 0 && !overcommits || claimed != y.Claimed || math.Abs(reserved-y.Reserved) > 1e-9 {
			bad("%s has %d free, %d claimed, %g reserved", y.Name, y.Free, y.Claimed, y.Reserved)
		}
		if x.starting != starting[h] || x.migrating != migrating[h] {
			bad("%s starts %d, not %d, and migrates %d, not %d", y.Name, x.starting, starting[h], x.migrating, migrating[h])
		}
		if !x.alive() && y.Up && !c.e.IsPending(x.notice) {
			bad("nobody will notice that %s is down", y.Name)
		}
		if x.alive() && !y.Up && !x.isolated {
			bad("nobody knows that %s is up", y.Name)
		}
		if x.outages < 0 {
			bad("%s has %d outages", y.Name, x.outages)
		}
	}
	for k := range c.classes {
		x := &c.classes[k]
		up, pairs := 0, 0
		for i, v := range x.members {
			if c.vms[v].serving {
				up++
			}
			for _, w := range x.members[:i] {
				if h := c.view.VMs[v].Host; h >= 0 && h == c.view.VMs[w].Host {
					pairs++
				}
			}
		}
		if up != x.up || pairs != x.pairs {
			bad("class %s has %d up, not %d, and %d pairs, not %d", c.view.Classes[k], x.up, up, x.pairs, pairs)
		}
	}
	return wrong
}

// AtLeast is how long at least so many members of a class have answered.
func AtLeast(m *flow.ClassMeter, members int) (d time.Duration) {
	for _, up := range m.Up[min(max(members, 0), len(m.Up)):] {
		d += up
	}
	return d
}
