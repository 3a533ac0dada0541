package cluster

// View is what a platform knows of its cluster.
type View struct {
	Hosts []HostView
	VMs   []VMView
	// Classes are the names by which machines are kept apart, by number.
	Classes []string
	// Labels are the names of the racks, sites and datastores, by kind and number.
	Labels [DomainKinds][]string
	// Changes counts what has changed in hosts, machines and classes: a platform
	// whose last look found nothing to do need not look again at the same count.
	// 0: nobody counts.
	Changes uint64
	// Edits counts how often classes of machines have been edited.
	Edits uint64
}

// The kinds of domains that hosts share.
const (
	Rack = iota
	Site
	Datastore
	DomainKinds // their number
)

// HostView is a host as its platform sees it.
type HostView struct {
	Name string
	// Up is whether it takes machines, as far as the platform knows.
	Up bool
	// Leaving is whether it is being emptied for maintenance, Quarantined whether
	// it has failed too often to be trusted.
	Leaving, Quarantined bool
	// Memory is what machines can have, in bytes, and Free what they have left.
	Memory, Free int64
	// Cores is the number of processor cores, Claimed how many cores its machines
	// have together; that may be more.
	Cores   int
	Claimed int
	// Reserved is the processor time promised to its machines, in cores.
	Reserved float64
	// Domain is the host's rack, site and datastore, in the order of the kinds, by
	// the number of the label in View.Labels; -1, or no entry: none.
	Domain []int32
	// VMs are the machines that it has: that run, start, or move to it.
	VMs []int
}

// In returns the number of the host's domain of a kind, -1 if it has none.
func (h *HostView) In(kind int) int32 {
	if kind < len(h.Domain) {
		return h.Domain[kind]
	}
	return -1
}

// Usable reports whether the platform may put a machine on the host.
func (h *HostView) Usable() bool { return h.Up && !h.Leaving && !h.Quarantined }

// VMView is a machine as its platform sees it.
type VMView struct {
	Name     string
	Memory   int64   // bytes
	Cores    int     // virtual processors
	Reserved float64 // processor time that it is promised, in cores
	Priority int     // higher ones are placed first; see NoAutoStart
	// Classes are the numbers of the names that it has: two machines that have
	// one in common are to be kept apart.
	Classes []int32
	// Preferred are hosts in the order of preference, Possible those that may run
	// it; nil: all.
	Preferred, Possible []int
	// Host is the one that has it, -1 if none.
	Host int
	// Home is the host to which it was last put on purpose, and Displaced whether
	// it is where it is as a last resort.
	Home      int
	Displaced bool
	State     State
}

// State is where a machine is in its life.
type State uint8

// The states.
const (
	Offline State = iota
	Starting
	Online
	Migrating
	OfflineConflict
	FailedWaitRetry
	PendingNoHost
)

var stateNames = [...]string{"offline", "starting", "online", "migrating", "offline_conflict", "failed_wait_retry", "pending_no_host"}

// String returns the state's name in the timeline.
func (s State) String() string { return stateNames[s] }

// Hosted reports whether a host has the machine: one that is offline repels
// nobody.
func (s State) Hosted() bool { return s == Starting || s == Online || s == Migrating }

// Apart reports whether two machines are to be kept apart: one name in common is
// enough (AntiAffinityClassNames, Win32 reference of failover clusters).
func (v *View) Apart(a, b int) bool {
	for _, x := range v.VMs[a].Classes {
		for _, y := range v.VMs[b].Classes {
			if x == y {
				return a != b
			}
		}
	}
	return false
}

// Clean reports whether a host has no machine from which vm is to be kept apart.
func (v *View) Clean(host, vm int) bool {
	for _, other := range v.Hosts[host].VMs {
		if v.Apart(vm, other) {
			return false
		}
	}
	return true
}

// May reports whether a host is among those that may run the machine.
func (v *View) May(host, vm int) bool {
	possible := v.VMs[vm].Possible
	if possible == nil {
		return true
	}
	for _, h := range possible {
		if h == host {
			return true
		}
	}
	return false
}

// Fits reports whether a host has the memory that the machine needs.
func (v *View) Fits(host, vm int) bool { return v.Hosts[host].Free >= v.VMs[vm].Memory }
