package cluster

import (
	"fmt"
	"slices"

	"lbsim/models/flow"
)

// CheckNames returns what is wrong with names, of which each must stand for one
// thing by now, and with what they lead to.
func (c *Config) CheckNames() []flow.Problem {
	var k flow.Checks
	hosts, vms := map[string]int{}, map[string]int{}
	for i := range c.Hosts {
		once(&k, fmt.Sprintf("hosts[%d].name", i), hosts, c.Hosts[i].Name, i)
	}
	known := func(path, name string) {
		if _, ok := hosts[name]; !ok {
			names := make([]string, len(c.Hosts))
			for i := range c.Hosts {
				names[i] = c.Hosts[i].Name
			}
			k = append(k, flow.OneOf(path, name, names[:min(len(names), 20)]...)...)
		}
	}
	left := make([]flow.Size, len(c.Hosts))
	for i := range c.Hosts {
		left[i] = c.Hosts[i].Memory - c.Hosts[i].Reserve
	}
	for i := range c.VMs {
		v, path := &c.VMs[i], fmt.Sprintf("vms[%d]", i)
		once(&k, path+".name", vms, v.Name, i)
		for j, name := range v.Preferred {
			known(fmt.Sprintf("%s.preferred[%d]", path, j), name)
		}
		for j, name := range v.Possible {
			known(fmt.Sprintf("%s.possible[%d]", path, j), name)
		}
		if v.On == "" {
			continue
		}
		known(path+".on", v.On)
		if h, ok := hosts[v.On]; ok {
			if left[h] -= v.Memory; left[h] < 0 && left[h]+v.Memory >= 0 {
				k.Add(path+".on", fmt.Sprintf("%s has not the memory for its machines", v.On),
					fmt.Sprintf("it has %.4g GB for them, and those up to %s need %.4g GB", gigabytes(c.Hosts[h].Memory-c.Hosts[h].Reserve), v.Name, gigabytes(c.Hosts[h].Memory-c.Hosts[h].Reserve-left[h])))
			}
			if v.Possible != nil && !slices.Contains(v.Possible, v.On) {
				k.Add(path+".on", v.On+" is not among the possible hosts", "")
			}
		}
	}
	if namer, ok := c.Platform.(HostNamer); ok {
		names, paths := namer.HostNames()
		for i, name := range names {
			known("platform."+paths[i], name)
		}
	}
	return append(k, c.checkFailures(hosts, vms)...)
}

func gigabytes(s flow.Size) float64 { return float64(s) / 1e9 }

func once(c *flow.Checks, path string, seen map[string]int, name string, number int) {
	if _, twice := seen[name]; twice && name != "" {
		c.Add(path, fmt.Sprintf("%q is there twice", name), "")
	}
	seen[name] = number
}
