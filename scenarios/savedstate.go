package scenarios

import (
	"fmt"

	"lbsim/models/cluster/place"
	"lbsim/scenarios/strict"
)

// checkSaved reports members of the database group that would be saved to disk and
// resumed, which is not supported: their copies would be those of another time.
func (l *loader) checkSaved(doc *strict.Document, p *Plan) {
	c := &p.Config
	if c.DAG == nil || c.Cluster == nil {
		return
	}
	member := map[string]string{} // by virtual machine
	for i := range c.DAG.Members {
		member[c.DAG.Members[i].Name] = c.DAG.Members[i].Name
	}
	for i := range c.Servers {
		s := &c.Servers[i]
		if name, ok := member[s.Name]; ok && s.VM != "" {
			member[s.VM] = name
		}
	}
	names := c.Names()
	for i := range c.Timeline {
		a := &c.Timeline[i]
		if a.Migrate == "" || a.Migration != "quick" {
			continue
		}
		for _, target := range a.Targets() {
			_, vm := names.What(a, target)
			if name, ok := member[vm]; ok {
				l.bad(doc, fmt.Sprintf("timeline[%d].migration", i), fmt.Sprintf("%s is a member of the database group, which must not be saved and resumed", name), "write live or cold; saved state is not supported for it")
				break
			}
		}
	}
}

// warnSaved reports a platform that moves members of the database group by saving
// and resuming them.
func (l *loader) warnSaved(doc *strict.Document, c *census) {
	if w, ok := c.Config.Cluster.Platform.(*place.WSFC); ok && c.Config.DAG != nil && w.Failback.By == "quick" {
		l.warning(doc, "cluster.platform.failback.by", "machines that go back are saved and resumed, which is not supported for members of a database group", "write live")
	}
}
