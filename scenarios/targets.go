package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// targets returns the names of that to which an event of the timeline happens:
// servers, or what else can break.
func (e *expander) targets(at, key, pattern string, servers, services, sites *names) []string {
	if list := e.breakable(at, key, pattern, servers, services); list != nil {
		return list
	}
	breaks, site := key == "fail" || key == "recover", sites.at[pattern] != "" && servers.at[pattern] == ""
	switch {
	case site && breaks:
		return []string{pattern}
	case site:
		e.bad(e.doc, at, fmt.Sprintf("%s is a site", pattern), "a site fails and recovers")
		return nil
	}
	if breaks && servers.at[pattern] == "" && !servers.incomplete && !strings.Contains(pattern, "[") {
		others := slices.Concat(services.order, sites.order, []string{"balancer"})
		if near := e.nearest(pattern, others); near != "" && e.nearest(pattern, servers.order) == "" {
			e.bad(e.doc, at, fmt.Sprintf("%q does not exist", pattern), "did you mean "+near+"?")
			return nil
		}
	}
	return servers.resolve(at, pattern)
}

// breakable returns the names of what an event of the timeline breaks or repairs
// if that is no server: the balancer, services, or services of servers as
// in ex[1-2]/rpc. It returns nil if it is something else.
func (e *expander) breakable(at, key, pattern string, servers, services *names) []string {
	if pattern == "balancer" && servers.at[pattern] == "" && key != "drain" {
		return []string{pattern}
	}
	if key != "fail" && key != "recover" || len(pattern) > maxName {
		return nil
	}
	if _, ok := services.at[pattern]; ok && servers.at[pattern] == "" {
		return []string{pattern}
	}
	before, after, found := strings.Cut(pattern, "/")
	if !found {
		return nil
	}
	if _, ok := services.at[after]; !ok && !services.incomplete {
		services.resolve(at, after) // which reports it
		return []string{}
	}
	list := servers.resolve(at, before)
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = name + "/" + after
	}
	return out
}
