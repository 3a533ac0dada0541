package scenarios

import (
	"errors"
	"fmt"

	"lbsim/scenarios/strict"
)

// A HostOf is a host and the counted servers that are on it at the start.
type HostOf struct {
	Name    string
	Servers []string
}

// Hosts returns where the platform puts the servers that the section sizing of base
// counts, in the case of it that f is: the hosts that have some, in order. The
// error says why some of them have no host.
func (f *File) Hosts(base *File) (hosts []HostOf, err error) {
	c := takeCensus(&f.Variants[0])
	laidOut, _ := c.layOut()
	start := laidOut.View()
	if why, list := hostless(start, nil); len(list) > 0 {
		return nil, fmt.Errorf("%s no host: %s", have(start, list), why)
	}
	on := map[string]int{}
	for v := range start.VMs {
		on[start.VMs[v].Name] = start.VMs[v].Host
	}
	by := make([][]string, len(start.Hosts))
	for _, name := range c.sizedServers(base) {
		if h, ok := on[c.servers[name].VM]; ok {
			by[h] = append(by[h], name)
		}
	}
	for h, list := range by {
		if len(list) > 0 {
			hosts = append(hosts, HostOf{start.Hosts[h].Name, list})
		}
	}
	return hosts, nil
}

// Counted returns the names of the servers that the section sizing of base counts, in
// the case of it that f is.
func (f *File) Counted(base *File) []string { return takeCensus(&f.Variants[0]).sizedServers(base) }

// Cores is how many cores each of these servers has.
func (f *File) Cores(base *File) int {
	c := takeCensus(&f.Variants[0])
	return c.servers[c.sizedServers(base)[0]].Cores
}

// Recorded reports whether some traffic is replayed from a log or a trace: of that
// there cannot be more.
func (f *File) Recorded() bool { return f.Scenario.recorded() }

// Mistake returns the first of the mistakes that are why a scenario could not be loaded,
// "" if the error is another.
func Mistake(err error) string {
	var found strict.Diagnostics
	if errors.As(err, &found) {
		for _, d := range found {
			if d.Severity == strict.Error {
				return d.Text
			}
		}
	}
	return ""
}
