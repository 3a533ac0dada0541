package scenarios

import (
	"fmt"
	"strings"

	"lbsim/models/cluster"
	"lbsim/models/dag"
	"lbsim/scenarios/strict"
)

// warnVoters reports hosts that take several votes of the database group along.
func (l *loader) warnVoters(doc *strict.Document, c *census, start *cluster.View) {
	g := c.Config.DAG
	if g == nil {
		return
	}
	vms, hosts := map[string]int{}, map[string]int{} // where machines and servers are, and hosts by name
	for v := range start.VMs {
		vms[start.VMs[v].Name] = start.VMs[v].Host
	}
	for h := range start.Hosts {
		hosts[start.Hosts[h].Name] = h
	}
	for i := range c.Config.Servers {
		if s := &c.Config.Servers[i]; s.VM != "" {
			vms[s.Name] = vms[s.VM]
		} else {
			delete(vms, s.Name)
		}
	}
	on, votes := make([][]string, len(start.Hosts)), len(g.Members)
	add := func(h int, what string) {
		if h >= 0 {
			on[h] = append(on[h], what)
		}
	}
	for i := range g.Members {
		if h, ok := vms[g.Members[i].Name]; ok {
			add(h, g.Members[i].Name)
		}
	}
	if g.Witness != dag.None && (g.WitnessVote == dag.VoteAlways || g.WitnessVote == dag.VoteAuto && votes%2 == 0) {
		votes++
		if h, ok := hosts[g.Witness]; ok {
			add(h, "the witness")
		} else if h, ok := vms[g.Witness]; ok {
			add(h, "the witness")
		}
	}
	worst := 0
	for h := range on {
		if len(on[h]) > len(on[worst]) {
			worst = h
		}
	}
	if len(on[worst]) < 2 {
		return
	}
	l.warning(doc, "dag.members", fmt.Sprintf("%s has %s at the start: with it go %d of %d votes", start.Hosts[worst].Name, strings.Join(on[worst], ", "), len(on[worst]), votes),
		"keep them apart with classes, and put the witness elsewhere")
}
