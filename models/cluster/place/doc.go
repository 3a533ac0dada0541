// Package place holds the platforms that place machines, a file each. A platform
// sees the cluster's View and nothing else: not what will fail, not the event
// queue.
package place

import (
	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Table lists the platforms.
var Table = flow.Table[cluster.Policy]{
	{Name: "wsfc", Doc: "Windows failover cluster: preferred owners, anti-affinity by class names with a last resort", New: func() cluster.Policy { return newWSFC() }},
	{Name: "vsphere", Doc: "VMware vSphere: HA restarts machines, DRS moves them as rules have it, admission control", New: func() cluster.Policy { return newVSphere() }},
	{Name: "nova", Doc: "OpenStack Nova: server groups, weighers for free memory and processors; restarts nothing by itself", New: func() cluster.Policy { return newNova() }},
	{Name: "kubernetes", Doc: "Kubernetes: pod anti-affinity and topology spread, required or preferred; lost pods are replaced after minutes", New: func() cluster.Policy { return newKubernetes() }},
	{Name: "nomad", Doc: "HashiCorp Nomad: bin packing against anti-affinity and spread, among nodes drawn at random", New: func() cluster.Policy { return newNomad() }},
	{Name: "proxmox", Doc: "Proxmox VE HA: the node with the fewest services, strict anti-affinity, failback", New: func() cluster.Policy { return newProxmox() }},
	{Name: "random", Doc: "any host with room, drawn at random", New: func() cluster.Policy { return &Random{newNaive()} }},
	{Name: "most-free", Doc: "the host with the most memory left", New: func() cluster.Policy { return &MostFree{newNaive()} }},
	{Name: "first-fit", Doc: "the first host with room", New: func() cluster.Policy { return &FirstFit{newNaive()} }},
	{Name: "none", Doc: "no platform: a machine waits for the host that it was on", New: func() cluster.Policy { return newNone() }},
}
