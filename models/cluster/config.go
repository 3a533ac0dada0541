package cluster

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// The most hosts and machines that are accepted.
const (
	MaxHosts = 10_000
	MaxVMs   = 100_000
)

// longest bounds all times that are given: ten years; maxMemory all memory, so that
// sums over all machines are numbers, and slowest how slowly it is copied.
const (
	longest             = 10 * 8766 * time.Hour
	maxMemory flow.Size = 1e13
	slowest   flow.Size = 1e6
)

// Config describes hosts, the machines on them and the platform that places them.
type Config struct {
	Platform Policy `yaml:"platform" doc:"who places machines and restarts them"`
	Hosts    []Host `yaml:"hosts" doc:"the hosts, in the order in which they joined"`
	VMs      []VM   `yaml:"vms" doc:"the virtual machines"`

	Migration Transfer  `yaml:"migration" doc:"how long it takes a machine to change its host"`
	Failures  *Failures `yaml:"failures,omitempty" doc:"failures by chance, beside those of the timeline; the word typical stands for assumptions"`

	Maintenance *Maintenance `yaml:"maintenance,omitempty" doc:"rounds in which each host is emptied, rebooted and put back"`
}

// Host is a physical machine. Those of one rack, site or datastore fail together
// when that does.
type Host struct {
	Name    string    `yaml:"name,omitempty" doc:"name of the host"`
	Names   string    `yaml:"names,omitempty" doc:"names of several hosts that are alike, as in hv[1-4]"`
	Cores   int       `yaml:"cores" doc:"processor cores"`
	Memory  flow.Size `yaml:"memory" doc:"memory"`
	Reserve flow.Size `yaml:"reserve" doc:"memory that the host keeps for itself"`

	Rack      string `yaml:"rack,omitempty" doc:"rack or power supply"`
	Site      string `yaml:"site,omitempty" doc:"data centre"`
	Datastore string `yaml:"datastore,omitempty" doc:"where the disks of its machines are, unless they say otherwise, such as an iSCSI target"`
}

// Validate checks the host's own fields.
func (h *Host) Validate() []flow.Problem {
	var c flow.Checks
	if (h.Name == "") == (h.Names == "") {
		c.Add("", "a host needs either name or names", "")
	}
	c.Number("cores", h.Cores, 1, 100_000)
	if h.Memory <= 0 || h.Memory > maxMemory {
		c.Add("memory", "must be given and at most 10TB, for example 256GB", "")
	}
	if h.Reserve < 0 || h.Reserve > max(h.Memory, 0) {
		c.Add("reserve", "is not between 0 and the host's memory", "")
	}
	return c
}

// VM is a virtual machine.
type VM struct {
	Name     string    `yaml:"name,omitempty" doc:"name of the machine"`
	Names    string    `yaml:"names,omitempty" doc:"names of several machines that are alike, as in ex[1-4]"`
	Cores    int       `yaml:"cores" doc:"virtual processors"`
	Memory   flow.Size `yaml:"memory" doc:"memory"`
	Reserved float64   `yaml:"reserved" doc:"processor time that it is promised, in cores"`
	// On is empty where the platform chooses.
	On        string   `yaml:"on,omitempty" doc:"the host that has it at first; for several machines also as many hosts, one by one, or fewer in turn, as in hv[1-4]; the platform chooses if it is not given"`
	Classes   []string `yaml:"classes,omitempty" doc:"machines that have one of these names in common are kept apart, where case does not matter (a choice): AntiAffinityClassNames"`
	Preferred []string `yaml:"preferred,omitempty" doc:"hosts in the order of preference, also as in hv[1-4]"`
	Possible  []string `yaml:"possible,omitempty" doc:"hosts that may have it, also as in hv[1-4]; all if it is not given"`
	// Priority is Medium in a scenario that does not say. In Go, 0 is NoAutoStart:
	// SetDefaults makes it Medium.
	Priority  Priority `yaml:"priority" doc:"machines of higher priority are placed first: high (3000), medium (2000), low (1000), no-auto-start (0: what has failed is not started again) or any other number"`
	Datastore string   `yaml:"datastore,omitempty" doc:"where its disks are; that of its host if it is not given"`

	Boot    time.Duration `yaml:"boot" doc:"time from the start to the network; an assumption"`
	Service time.Duration `yaml:"service" doc:"time from then until its services answer, such as 180s for Exchange; an assumption"`
}

// SetDefaults makes it a machine of medium priority that boots in a minute.
func (v *VM) SetDefaults() { v.Cores, v.Priority, v.Boot = 1, Medium, time.Minute }

// Validate checks the machine's own fields.
func (v *VM) Validate() []flow.Problem {
	var c flow.Checks
	if (v.Name == "") == (v.Names == "") {
		c.Add("", "a machine needs either name or names", "")
	}
	c.Number("cores", v.Cores, 1, 10_000)
	if v.Memory < 0 || v.Memory > maxMemory {
		c.Add("memory", "is not between 0 and 10TB", "")
	}
	if !(v.Reserved >= 0 && v.Reserved <= float64(v.Cores)) {
		c.Add("reserved", fmt.Sprintf("%g is not between 0 and the machine's cores", v.Reserved), "")
	}
	c.Number("priority", int(v.Priority), 0, maxPriority)
	c.Duration("boot", v.Boot, 0, longest)
	c.Duration("service", v.Service, 0, longest)
	return c
}

// Transfer is how long it takes a machine to change its host.
type Transfer struct {
	// Live is what a second moves, with what has changed meanwhile.
	Live flow.Size     `yaml:"live_rate" doc:"memory of a machine that live migration moves in a second; an assumption"`
	Stun time.Duration `yaml:"stun" doc:"how long a machine stands still at the end of a live migration; an assumption"`
	Disk flow.Size     `yaml:"disk_rate" doc:"memory that is saved or read in a second in quick migration; an assumption"`
}

// Validate checks the rates.
func (t *Transfer) Validate() []flow.Problem {
	var c flow.Checks
	if t.Live < slowest {
		c.Add("live_rate", "must be at least 1MB a second", "")
	}
	if t.Disk < slowest {
		c.Add("disk_rate", "must be at least 1MB a second", "")
	}
	c.Duration("stun", t.Stun, 0, time.Hour)
	return c
}

// Labels returns the names of the racks, sites and datastores, by kind, in the
// order in which they are first named.
func (c *Config) Labels() (labels [DomainKinds][]string) {
	seen := [DomainKinds]map[string]bool{{}, {}, {}}
	add := func(kind int, name string) {
		if name != "" && !seen[kind][name] {
			seen[kind][name] = true
			labels[kind] = append(labels[kind], name)
		}
	}
	for i := range c.Hosts {
		add(Rack, c.Hosts[i].Rack)
		add(Site, c.Hosts[i].Site)
		add(Datastore, c.Hosts[i].Datastore)
	}
	for i := range c.VMs {
		add(Datastore, c.VMs[i].Datastore)
	}
	return labels
}

// SetDefaults gives migrations 1 GB/s, which is a link of 10 Gbit/s, 400 MB/s to
// disk and half a second of standing still.
func (c *Config) SetDefaults() {
	c.Migration = Transfer{Live: 1e9, Stun: 500 * time.Millisecond, Disk: 400e6}
}

// Validate checks what does not depend on names, which may be patterns.
func (c *Config) Validate() []flow.Problem {
	var k flow.Checks
	if len(c.Hosts) == 0 {
		k.Add("hosts", "there are no hosts", "write hosts: [{names: \"hv[1-4]\", cores: 32, memory: 256GB}]")
	}
	k.Number("hosts", len(c.Hosts), 0, MaxHosts)
	k.Number("vms", len(c.VMs), 0, MaxVMs)
	if c.Platform == nil {
		k.Add("platform", "must be given", "write platform: wsfc, vsphere or another one; none restarts nothing")
	}
	if c.Failures != nil && c.Failures.Burst != nil && c.Failures.Host == nil {
		k.Add("failures.burst", "needs failures of hosts, of which they are a part", "")
	}
	return k
}
