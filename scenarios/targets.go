package scenarios

import "strings"

// breakable returns the names of what an event of the timeline breaks or repairs
// if that is no server: the balancer, services, or services of servers as in
// ex[1-2]/rpc. It
// returns nil if it is something else.
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

// isSite reports whether an event of the timeline cuts a site off, or ends that.
func isSite(key, name string, servers, sites *names) bool {
	return (key == "fail" || key == "recover") && servers.at[name] == "" && sites.at[name] != ""
}
