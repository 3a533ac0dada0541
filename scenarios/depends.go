package scenarios

import (
	"fmt"
	"slices"

	"lbsim/models"
)

// depends turns what servers depend on, as in dc[1-2] or db1/sql, into names that
// exist.
func (e *expander) depends(c *models.Config, servers, services *names) {
	resolved := map[string][]string{} // by where servers are defined
	for i := range e.scenario.Servers {
		at := fmt.Sprintf("servers[%d]", i)
		for k, pattern := range e.scenario.Servers[i].Depends {
			where := fmt.Sprintf("%s.depends[%d]", at, k)
			list := e.breakable(where, "fail", pattern, servers, services)
			if list == nil {
				list = servers.resolve(where, pattern)
			}
			resolved[at] = append(resolved[at], list...)
		}
	}
	if len(resolved) == 0 {
		return
	}
	for i := range c.Servers {
		c.Servers[i].Depends = slices.Clone(resolved[servers.at[c.Servers[i].Name]])
	}
	if e.found.Err() != nil {
		return
	}
	if circle := c.Circle(); circle != nil {
		at := servers.at[circle[0]]
		if at == "" { // a service
			at = servers.at[circle[1]]
		}
		e.bad(e.doc, at+".depends", models.Circular(circle), "a server that depends on itself could never start")
	}
}
