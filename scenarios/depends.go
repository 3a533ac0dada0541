package scenarios

import (
	"fmt"
	"slices"

	"lbsim/models"
)

// maxDepends bounds what all servers depend on, each counted for itself: at each
// failure all is looked at.
const maxDepends = 100_000

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
	total := 0
	for i := range c.Servers {
		at := servers.at[c.Servers[i].Name]
		if total += len(resolved[at]); total > maxDepends {
			e.bad(e.doc, at+".depends", fmt.Sprintf("the servers depend on more than %d others, all counted together", maxDepends), "")
			return
		}
		c.Servers[i].Depends = slices.Clone(resolved[at])
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
