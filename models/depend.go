package models

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/server"
)

// need is something without which a server's services hang: a server, a service
// of a server, or a service of whose servers one is enough.
type need struct {
	name    string
	server  int32 // flow.NoServer where a service is meant
	service int   // -1 where a server is meant
}

// resolveDepends turns what servers depend on into numbers. It also finds the
// order in which servers are to be looked at, so that what one depends on comes
// before it; there must be one.
func (r *resolved) resolveDepends(servers, services map[string]int) (problems []flow.Problem) {
	if !slices.ContainsFunc(r.Servers, func(c server.Config) bool { return len(c.Depends) > 0 }) {
		return nil
	}
	r.needs = make([][]need, len(r.Servers))
	for i := range r.Servers {
		for k, name := range r.Servers[i].Depends {
			x, ok := target(name, failing, servers, services)
			if !ok || x.server == flow.NoServer && x.service < 0 {
				problems = append(problems, flow.Problem{Path: fmt.Sprintf("servers[%d].depends[%d]", i, k), Text: fmt.Sprintf("server %q does not exist", name)})
				continue
			}
			r.needs[i] = append(r.needs[i], need{name, x.server, x.service})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return r.orderDepends()
}

// orderDepends sorts the servers (depth-first, Tarjan 1976). Services are nodes of
// the graph as well, numbered after the servers: the edges would else be as many
// as pairs of servers.
func (r *resolved) orderDepends() []flow.Problem {
	n := len(r.Servers)
	const (
		unseen = iota
		under
		done
	)
	state := make([]uint8, n+len(r.Balancer.Services))
	var path []string
	var visit func(v int) bool
	visit = func(v int) bool {
		path = append(path, r.node(v))
		if state[v] != unseen {
			return state[v] == done
		}
		state[v] = under
		here := len(path)
		for _, to := range r.below(v) {
			if path = path[:here]; !visit(to) {
				return false
			}
		}
		if v < n {
			r.settling = append(r.settling, int32(v))
		}
		state[v] = done
		return true
	}
	for v := range n {
		if path = path[:0]; !visit(v) {
			r.circle = path[slices.Index(path, path[len(path)-1]):]
			return []flow.Problem{{Path: fmt.Sprintf("servers[%d].depends", v), Text: Circular(r.circle)}}
		}
	}
	return nil
}

// Circular says what is wrong with a circle of servers and services.
func Circular(circle []string) string {
	return fmt.Sprintf("%s depends on itself: %s", circle[0], strings.Join(circle, " -> "))
}

// Circle returns the names of servers, and of services between them, of which
// each depends on the next and the last is the first; nil if there are none.
func (c Config) Circle() []string {
	r, _ := c.resolve()
	return r.circle
}

// below returns the nodes on which one depends.
func (r *resolved) below(v int) (to []int) {
	n := len(r.Servers)
	if v >= n {
		for _, m := range r.Balancer.Services[v-n].Servers {
			to = append(to, int(m.Server))
		}
		return to
	}
	for _, x := range r.needs[v] {
		if x.server == flow.NoServer {
			to = append(to, n+x.service)
		} else {
			to = append(to, int(x.server))
		}
	}
	return to
}

// node names a node of the graph.
func (r *resolved) node(v int) string {
	if n := len(r.Servers); v >= n {
		return r.Balancer.Services[v-n].Name
	}
	return r.Servers[v].Name
}

// settle lets the services of those servers hang that depend on something that
// does not work, and ends that for the others.
func (w *World) settle() {
	for _, s := range w.config.settling {
		if !w.alive(s) {
			continue
		}
		missing := slices.IndexFunc(w.config.needs[s], func(x need) bool { return !w.met(x) })
		switch blocked := missing >= 0; {
		case blocked == w.servers.Blocked(s):
		case blocked:
			w.noteServer(flow.Failed, s, fmt.Sprintf("hangs: it depends on %s, which does not work", w.config.needs[s][missing].name))
			w.servers.Block(s, true)
		default:
			w.noteServer(flow.Recovered, s, "goes on: all that it depends on works")
			w.servers.Block(s, false)
		}
	}
	w.recount()
}

// met reports whether something that servers depend on works.
func (w *World) met(x need) bool {
	switch {
	case x.server != flow.NoServer && x.service >= 0:
		return w.works(x.server, x.service)
	case x.server != flow.NoServer:
		return w.worksAtAll(x.server)
	}
	return slices.ContainsFunc(w.config.Balancer.Services[x.service].Servers, func(m lb.MemberConfig) bool { return w.works(m.Server, x.service) })
}

// works reports whether a service of a server answers.
func (w *World) works(s int32, service int) bool {
	return w.servers.State(s, service) == flow.Accepts && !w.servers.Hangs(s, service)
}

// worksAtAll reports whether any service of a server answers; of a server that
// belongs to none, whether it would.
func (w *World) worksAtAll(s int32) bool {
	belongs := false
	for k := range w.config.Balancer.Services {
		if slices.ContainsFunc(w.config.Balancer.Services[k].Servers, func(m lb.MemberConfig) bool { return m.Server == s }) {
			if belongs = true; w.works(s, k) {
				return true
			}
		}
	}
	return !belongs && w.works(s, 0)
}
