package experiment

import (
	"lbsim/models"
	"lbsim/results"
)

// namesOf tells the recorder what hosts, virtual machines and databases are called.
func namesOf(c *models.Config) (n results.Names) {
	if k := c.Cluster; k != nil {
		for i := range k.Hosts {
			n.Hosts = append(n.Hosts, k.Hosts[i].Name)
		}
		for i := range k.VMs {
			n.VMs = append(n.VMs, k.VMs[i].Name)
			n.Classes = append(n.Classes, k.VMs[i].Classes)
		}
	}
	if g := c.DAG; g != nil {
		for i := range g.Members {
			n.Members = append(n.Members, g.Members[i].Name)
		}
		for i := range g.Databases {
			n.Databases = append(n.Databases, g.Databases[i].Name)
		}
	}
	return n
}
