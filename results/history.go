package results

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// Placement is where virtual machines were and where databases were mounted.
type Placement struct {
	Names
	Stays  []Stay  // in the order of their beginnings
	Mounts []Mount // likewise
}

// Condition is what a virtual machine is doing.
type Condition = flow.Condition

// The conditions, for those who draw results.
const (
	Off     = flow.Off
	Pending = flow.Pending
	Booting = flow.Booting
	Serving = flow.Serving
	Moving  = flow.Moving
	Stopped = flow.Stopped
)

// Stay is a time in which a virtual machine had a host and did one thing.
type Stay struct {
	VM, Host int // Host is -1 where no host had it
	Is       Condition
	From, To float64 // seconds
}

// Mount is a time in which a member of a group had a database mounted.
type Mount struct {
	Database, Member int // Member is -1 where it was not mounted
	From, To         float64
}

// More hosts, machines or databases than these have no history: nobody could make
// it out in a picture. Nor has a run in which more happens.
const (
	hostsMost     = 16
	vmsMost       = 48
	databasesMost = 48
	staysMost     = 5_000
)

// history follows virtual machines and databases.
type history struct {
	Placement
	keepStays, keepMounts bool  // machines, and databases, are few enough
	at                    []int // by machine: its stay, -1: none yet
	mounted               []int // by database: its mount, -1: none yet
	is                    []flow.Condition

	answering level   // machines that answer
	active    []level // by member: databases that it has mounted
}

// level is a number that changes, and its integral over time.
type level struct {
	flow.Area
	now int
}

func (l *level) change(by int, now sim.Time) {
	l.now += by
	l.Set(float64(l.now), now)
}

// newHistory returns what follows the machines and databases of these names, nil if
// there are none.
func newHistory(n *Names) *history {
	if len(n.Hosts) == 0 && len(n.Databases) == 0 {
		return nil
	}
	h := &history{
		Placement: Placement{Names: *n},
		at:        make([]int, len(n.VMs)), mounted: make([]int, len(n.Databases)), is: make([]flow.Condition, len(n.VMs)),
		active: make([]level, len(n.Members)),
	}
	h.keepStays = len(n.Hosts) <= hostsMost && len(n.VMs) <= vmsMost
	h.keepMounts = len(n.Databases) <= databasesMost
	for v := range h.at {
		h.at[v] = -1
	}
	for d := range h.mounted {
		h.mounted[d] = -1
	}
	return h
}

// answers reports whether a machine of a condition does.
func answers(c flow.Condition) bool { return c == flow.Serving || c == flow.Moving }

// Placed implements flow.PlacementObserver.
func (r *Recorder) Placed(vm, host int, is flow.Condition, now sim.Time) {
	h := r.history
	if h == nil {
		return
	}
	switch was := answers(h.is[vm]); {
	case !was && answers(is):
		h.answering.change(+1, now)
	case was && !answers(is):
		h.answering.change(-1, now)
	}
	h.is[vm] = is
	if !h.keepStays {
		return
	}
	next := Stay{VM: vm, Host: host, Is: is, From: now.Seconds()}
	if k := h.at[vm]; k >= 0 {
		s := &h.Stays[k]
		switch {
		case s.Host == host && s.Is == is:
			return
		case s.From == next.From: // what lasts no time is not shown
			*s = next
			return
		}
		s.To = next.From
	}
	if h.at[vm] = len(h.Stays); len(h.Stays) == staysMost {
		h.keepStays, h.Stays = false, nil
		return
	}
	h.Stays = append(h.Stays, next)
}

// Mounted implements flow.PlacementObserver.
func (r *Recorder) Mounted(database, member int, now sim.Time) {
	h := r.history
	if h == nil {
		return
	}
	next := Mount{Database: database, Member: member, From: now.Seconds()}
	k := h.mounted[database]
	if k >= 0 && h.Mounts[k].Member >= 0 {
		h.active[h.Mounts[k].Member].change(-1, now)
	}
	if member >= 0 {
		h.active[member].change(+1, now)
	}
	switch {
	case k < 0:
	case h.Mounts[k].From == next.From, !h.keepMounts: // only the last one matters
		h.Mounts[k] = next
		return
	default:
		h.Mounts[k].To = next.From
	}
	h.mounted[database] = len(h.Mounts)
	h.Mounts = append(h.Mounts, next)
	h.keepMounts = h.keepMounts && len(h.Mounts) < staysMost
}

// finish returns the history up to the end of the run, nil if there is none to be
// shown.
func (h *history) finish(now sim.Time) *Placement {
	if h == nil {
		return nil
	}
	p := h.Placement
	for _, k := range h.at {
		if k >= 0 && k < len(p.Stays) {
			p.Stays[k].To = now.Seconds()
		}
	}
	for _, k := range h.mounted {
		if k >= 0 {
			p.Mounts[k].To = now.Seconds()
		}
	}
	if !h.keepMounts {
		p.Mounts = nil
	}
	return &p
}
