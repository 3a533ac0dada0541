package cluster

import (
	"fmt"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
)

// Failures are what breaks by chance. Each host, machine, rack, site and datastore
// has a process of its own. The word typical stands for Typical.
type Failures struct {
	Host         *Process `yaml:"host,omitempty" doc:"of each host; where its software fails by itself, of its hardware"`
	HostSoftware *Process `yaml:"host_software,omitempty" doc:"of each host's software, with all that it has: a crash that a reboot ends"`
	VM           *Process `yaml:"vm,omitempty" doc:"of each machine's system or service"`
	Rack         *Process `yaml:"rack,omitempty" doc:"of each rack, with all its hosts"`
	Site         *Process `yaml:"site,omitempty" doc:"of each site, with all its hosts"`
	Datastore    *Process `yaml:"datastore,omitempty" doc:"of each datastore, with all machines on it"`
	Burst        *Burst   `yaml:"burst,omitempty" doc:"failures of hosts that take others along"`
	Common       []Common `yaml:"common,omitempty" doc:"causes that hosts or machines have in common"`
}

// Process is when something fails and how long it is down. What it lacks is
// exponential with the mean.
type Process struct {
	MTBF   time.Duration `yaml:"mtbf" doc:"mean time that it works until it fails"`
	MTTR   time.Duration `yaml:"mttr" doc:"mean time from a failure, or from when a crew is free, until it works again, boot included"`
	Law    dist.Spec     `yaml:"law,omitempty" doc:"law of the time until it fails, instead of mtbf; exponential without"`
	Repair dist.Spec     `yaml:"repair,omitempty" doc:"law of the time of repair, instead of mttr; exponential without"`
	// Crews is shared by all of a kind.
	Crews int `yaml:"crews" doc:"repairs of this kind at a time, in the order of failures; 0: any number"`
}

// Validate checks the times.
func (p *Process) Validate() []flow.Problem {
	var c flow.Checks
	either := func(key string, mean time.Duration, law string, spec dist.Spec) {
		switch {
		case spec == nil && mean == 0:
			c.Add(key, "must be given, or else "+law, "")
		case spec == nil:
			c.Duration(key, mean, time.Second, 10*longest)
		case mean != 0:
			c.Add(law, "excludes "+key, "")
		case len(flow.Check(spec)) == 0 && spec.Build().Mean() < 1:
			c.Add(law, "has a mean of less than a second", "")
		}
	}
	either("mtbf", p.MTBF, "law", p.Law)
	either("mttr", p.MTTR, "repair", p.Repair)
	c.Number("crews", p.Crews, 0, MaxVMs)
	return c
}

// laws returns the law of the times until failures and that of repairs.
func (p *Process) laws() (up, repair dist.Dist) {
	law := func(s dist.Spec, mean time.Duration) dist.Dist {
		if s == nil {
			s = &dist.Exponential{Mean: mean}
		}
		return s.Build()
	}
	return law(p.Law, p.MTBF), law(p.Repair, p.MTTR)
}

// Cycle is the mean time in seconds from one failure to the next where no crew is
// waited for.
func (p *Process) Cycle() float64 {
	up, repair := p.laws()
	return up.Mean() + repair.Mean()
}

// Burst is that a host's failure takes the others of its rack, or of its site if
// it has no rack, after delays that are uniform. About 37% of failures of machines
// come in bursts (Ford et al., OSDI 2010; recalled, not verified).
type Burst struct {
	Probability flow.Share    `yaml:"probability" doc:"probability that a host's own failure, and none of its software, takes the others of its rack along, or of its site; 0.1 is an assumption, 37% of failures in bursts are recalled, not verified"`
	Within      time.Duration `yaml:"within" doc:"they fail after times that are uniform up to this; an assumption"`
}

// SetDefaults makes a tenth of the failures bursts of a minute.
func (b *Burst) SetDefaults() { b.Probability, b.Within = 0.1, time.Minute }

// Validate checks the probability and the time.
func (b *Burst) Validate() []flow.Problem {
	var c flow.Checks
	c.Share("probability", b.Probability)
	c.Duration("within", b.Within, 0, 24*time.Hour)
	return c
}

// Common is a cause that takes several at once, such as a bad update: the beta
// factor of reliability engineering, where a part of the rate of failures is
// common.
type Common struct {
	Name    string   `yaml:"name" doc:"name of the cause"`
	Hosts   []string `yaml:"hosts,omitempty" doc:"hosts that it takes"`
	VMs     []string `yaml:"vms,omitempty" doc:"machines that it takes"`
	Process `yaml:",inline"`
}

// checkFailures checks that what causes have in common exists.
func (c *Config) checkFailures(hosts, vms map[string]int) (problems []flow.Problem) {
	if c.Failures == nil {
		return nil
	}
	var k flow.Checks
	for i := range c.Failures.Common {
		f, path := &c.Failures.Common[i], fmt.Sprintf("failures.common[%d]", i)
		if f.Name == "" {
			k.Add(path+".name", "must be given", "")
		}
		if len(f.Hosts)+len(f.VMs) == 0 {
			k.Add(path, "takes nothing: give hosts or vms", "")
		}
		for j, name := range f.Hosts {
			if _, ok := hosts[name]; !ok {
				k.Add(fmt.Sprintf("%s.hosts[%d]", path, j), fmt.Sprintf("%q is no host", name), "")
			}
		}
		for j, name := range f.VMs {
			if _, ok := vms[name]; !ok {
				k.Add(fmt.Sprintf("%s.vms[%d]", path, j), fmt.Sprintf("%q is no machine", name), "")
			}
		}
	}
	return k
}
