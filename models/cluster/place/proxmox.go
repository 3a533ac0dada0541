package place

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Proxmox is the HA manager of Proxmox VE 9, whose services are the machines here
// (pve-ha-manager; pve-docs, ha-manager.adoc). A class is a negative resource
// affinity rule, which is strict: a service waits rather than share a node. The
// preferred hosts are a node affinity rule, each with a higher priority than the
// next; all others follow, unless the rule is strict. Only the nodes of the
// highest priority that are up are considered, and of these the one with the
// fewest services is taken, the first by name of equals: the scheduler basic.
//
// The manager works in rounds of 10 s; here services that wait are looked at when
// something changes.
type Proxmox struct {
	Strict   bool `yaml:"node_affinity_strict" doc:"a machine with preferred hosts runs on no other"`
	Failback bool `yaml:"failback" doc:"a machine goes back to a node of higher priority when that is up"`
	// CheckMemory is not what basic does: it leaves it to the start, which goes
	// well with more memory than there is as long as not all of it is used.
	CheckMemory bool `yaml:"check_memory" doc:"only nodes with enough memory are considered; Proxmox VE counts services, and looks at no memory"`
	MaxRestart  int  `yaml:"max_restart" doc:"starts of a machine that has failed on its node"`
	MaxRelocate int  `yaml:"max_relocate" doc:"starts on other nodes after that, before it is left alone"`
	Workers     int  `yaml:"max_workers" doc:"live migrations of a node at a time; recalled, not verified; 0: any number"`

	Detect time.Duration `yaml:"detect" doc:"time from a node's failure until its services are recovered: about two minutes, as documented"`
	// Watchdog is less than Detect, by the time until the node's lock is lost: it
	// must not run what is recovered elsewhere.
	Watchdog time.Duration `yaml:"watchdog" doc:"time after which a node that the others do not hear resets itself, which ends its machines: 60s"`
}

func newProxmox() *Proxmox {
	return &Proxmox{Failback: true, MaxRestart: 1, MaxRelocate: 1, Workers: 4, Detect: 2 * time.Minute, Watchdog: time.Minute}
}

// Validate implements flow.Validator.
func (p *Proxmox) Validate() []flow.Problem {
	var c flow.Checks
	c.Number("max_restart", p.MaxRestart, 0, 1e6)
	c.Number("max_relocate", p.MaxRelocate, 0, 1e6)
	c.Number("max_workers", p.Workers, 0, 1000)
	c.Duration("detect", p.Detect, 0, 30*24*time.Hour)
	c.Duration("watchdog", p.Watchdog, time.Second, 30*24*time.Hour)
	return c
}

// Timing implements cluster.Policy.
func (p *Proxmox) Timing() cluster.Timing {
	return cluster.Timing{Detect: p.Detect, Isolated: p.Watchdog, Migrations: p.Workers}
}
