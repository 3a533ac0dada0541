package place

import (
	"fmt"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// VSphere is a vSphere cluster: HA restarts machines of hosts that have failed,
// DRS moves those that run, admission control keeps room for the restarts.
//
// Machines with a class in common have a VM-VM rule that separates them. Possible
// hosts are a VM-Host rule that must hold, preferred ones a rule that should, in
// no order. What a machine needs is its memory, as if all of it were reserved, and
// its reserved processor time.
//
// HA takes the host with the most unreserved capacity (older documents of HA), by
// the share of the memory, then of the processors, then by name. It waits for
// capacity if there is none (vSphere 6.0 Availability). Defaults are those of
// vSphere 7.0 and later.
type VSphere struct {
	// Respect is das.respectVmVmAntiAffinityRules.
	Respect bool `yaml:"respect_anti_affinity" doc:"HA rather leaves a machine off than put it where another one of its class is; false up to 6.0, true in newer releases, which is recalled, not verified"`
	// Datastores is whether hosts have heartbeats by datastores: the primary
	// then waits for these, too.
	Datastores    bool          `yaml:"heartbeat_datastores" doc:"hosts have heartbeats by datastores: a dead host is known after 18s; without, as in 4.x, after 15s"`
	DetectPrimary time.Duration `yaml:"detect_primary" doc:"time until restarts begin when the primary host has died; recalled, not verified"`
	Isolation     string        `yaml:"isolation_response" doc:"what becomes of the machines of an isolated host: leave-powered-on, or power-off, and restarted elsewhere"`
	Isolated      time.Duration `yaml:"isolated" doc:"time until a host knows that it is isolated: 30s from 5.0 on, 12s in 4.x"`
	// IsolatedPrimary is shorter, as there is no election to wait for. What it
	// had starts elsewhere when there is a new primary: DetectPrimary.
	IsolatedPrimary time.Duration `yaml:"isolated_primary" doc:"the same of the primary host: 5s"`
	// Retries are das.maxvmrestartcount tries, of which the first is at once.
	Retries []time.Duration `yaml:"retries" doc:"times after the failure at which a restart without room is tried again, unless room is found before; recalled, not verified"`
	Starts  int             `yaml:"starts" doc:"machines that a host starts at a time; recalled, not verified; 0: any number"`

	DRS       VSphereDRS       `yaml:"drs" doc:"machines that run are moved as rules have it"`
	Admission VSphereAdmission `yaml:"admission" doc:"machines that are not started, so that there is room for those of hosts that fail"`
}

func newVSphere() *VSphere {
	return &VSphere{
		Respect: true, Datastores: true, DetectPrimary: 35 * time.Second, Isolation: "leave-powered-on",
		Isolated: 30 * time.Second, IsolatedPrimary: 5 * time.Second,
		Retries: []time.Duration{2 * time.Minute, 6 * time.Minute, 14 * time.Minute, 30 * time.Minute}, Starts: 32,
		DRS: VSphereDRS{Enabled: true, Every: time.Minute, Migrations: 8},
		Admission: VSphereAdmission{
			Policy: "none", Tolerate: 1, DefaultCPU: 0.0128, CPU: 0.25, Memory: 0.25,
		},
	}
}

// Validate implements flow.Validator.
func (p *VSphere) Validate() []flow.Problem {
	var c flow.Checks
	c.Duration("detect_primary", p.DetectPrimary, 0, time.Hour)
	c.Word("isolation_response", p.Isolation, "leave-powered-on", "power-off")
	c.Duration("isolated", p.Isolated, time.Second, time.Hour)
	c.Duration("isolated_primary", p.IsolatedPrimary, time.Second, time.Hour)
	c.Number("starts", p.Starts, 0, 100000)
	if len(p.Retries) > 1000 {
		c.Add("retries", "are more than 1000", "")
		return c
	}
	for i, d := range p.Retries {
		path := fmt.Sprintf("retries[%d]", i)
		c.Duration(path, d, time.Second, 30*24*time.Hour)
		if i > 0 && d <= p.Retries[i-1] {
			c.Add(path, "is not after the one before", "")
		}
	}
	return c
}

// Timing implements cluster.Policy. A secondary host that dies is watched by its
// datastores from 3 s on for 15 s, and is out of reach of the network after 10 s
// and of pings after 15 s (vSphere Clustering Deepdive); one that is isolated
// says so after 30 s, the primary after 5 s (KB 322784).
func (p *VSphere) Timing() cluster.Timing {
	t := cluster.Timing{
		Detect: 15 * time.Second, DetectManager: p.DetectPrimary,
		Starts: p.Starts, Migrations: p.DRS.Migrations,
	}
	if p.Datastores {
		t.Detect = 18 * time.Second
	}
	if p.Isolation == "power-off" {
		t.Isolated, t.IsolatedManager = p.Isolated, p.IsolatedPrimary
	}
	if p.DRS.Enabled {
		t.Pass = p.DRS.Every
	}
	return t
}

// HostNames implements cluster.HostNamer.
func (p *VSphere) HostNames() (names, paths []string) {
	for i, name := range p.Admission.Hosts {
		names, paths = append(names, name), append(paths, fmt.Sprintf("admission.hosts[%d]", i))
	}
	return names, paths
}

// WithHosts implements cluster.HostNamer.
func (p *VSphere) WithHosts(list func(path, pattern string) []string) cluster.Policy {
	q := *p
	q.Admission.Hosts = nil
	for i, pattern := range p.Admission.Hosts {
		q.Admission.Hosts = append(q.Admission.Hosts, list(fmt.Sprintf("admission.hosts[%d]", i), pattern)...)
	}
	return &q
}
