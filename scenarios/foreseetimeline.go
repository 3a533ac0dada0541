package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/scenarios/strict"
)

// comeback is an event of the timeline after which a server of a service takes
// connections again.
type comeback struct {
	path   string // of the event
	server string
	member int
	cause  lb.Cause
}

// standing is what the timeline has made of a server so far.
type standing struct {
	down     bool
	downFrom time.Duration
	duty     string // "", draining or disabled
	dutyFrom time.Duration
	services [][2]int // service and member
	needed   bool     // other servers depend on it
}

// setting is a value that the timeline can set.
type setting struct {
	value, service, member int
	weight                 bool
}

// followTimeline goes through the timeline, reports what changes nothing, and
// returns the comebacks of each service's servers.
func (l *loader) followTimeline(doc *strict.Document, c *census) [][]comeback {
	services := c.Config.Balancer.Services
	f := follower{loader: l, doc: doc, servers: map[string]*standing{}, values: map[string]*setting{}, returns: make([][]comeback, len(services))}
	if len(c.Config.Timeline) == 0 {
		return f.returns
	}
	for i := range c.Config.Servers {
		f.servers[c.Config.Servers[i].Name] = &standing{}
	}
	for i := range c.Config.Servers {
		for _, name := range c.Config.Servers[i].Depends {
			server, _, _ := strings.Cut(name, "/")
			if x := f.servers[server]; x != nil {
				x.needed = true
			}
		}
	}
	joins := models.Joining(c.Config.Timeline)
	sets := slices.ContainsFunc(c.Config.Timeline, func(a models.Action) bool { return a.Set != nil })
	for i := range services {
		for m, member := range services[i].Servers {
			if x := f.servers[member.Name]; x != nil {
				x.services = append(x.services, [2]int{i, m})
				if joins[member.Name] {
					x.duty = absent
				}
			}
			if sets {
				at := "balancer.services." + services[i].Name + ".servers." + member.Name
				f.values[at+".weight"] = &setting{member.Weight, i, m, true}
				f.values[at+".max_connections"] = &setting{member.MaxConnections, i, m, false}
			}
		}
	}
	order := make([]int, len(c.Config.Timeline))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.Config.Timeline[a].At, c.Config.Timeline[b].At) })
	for _, i := range order {
		a := &c.Config.Timeline[i]
		f.at = a.At
		key, _ := a.Verb()
		for _, name := range a.Targets() {
			name = strings.TrimPrefix(name, "server:")
			if x := f.servers[name]; x != nil && slices.Contains(trafficVerbs, key) {
				f.act(fmt.Sprintf("timeline[%d].%s", i, key), key, name, x)
			}
		}
		for _, path := range slices.Sorted(maps.Keys(a.Set)) {
			f.set(fmt.Sprintf("timeline[%d].set", i), path, a.Set[path], services)
		}
	}
	return f.returns
}

// follower goes through a timeline.
type follower struct {
	*loader
	doc     *strict.Document
	at      time.Duration
	servers map[string]*standing
	values  map[string]*setting // by what set calls them
	returns [][]comeback
}

// act follows what happens to a server.
func (f *follower) act(path, key, name string, x *standing) {
	nothing := func(format string, args ...any) {
		f.warning(f.doc, path, fmt.Sprintf(format, args...)+": this changes nothing", "")
	}
	since := strict.FormatDuration
	if len(x.services) == 0 && !x.needed {
		f.warning(f.doc, path, fmt.Sprintf("%s is in no service: no connection notices", name), "")
	}
	switch {
	case key == "fail" && x.down:
		nothing("%s has been down since %s", name, since(x.downFrom))
	case key == "fail":
		x.down, x.downFrom = true, f.at
	case key == "recover" && !x.down:
		nothing("%s is up at %s", name, since(f.at))
	case key == "recover":
		x.down = false
		if x.duty == "" {
			f.back(path, name, x, lb.CheckedUp)
		}
	case key == "add" && x.duty != absent:
		nothing("%s is in the table at %s", name, since(f.at))
	case key == "add":
		x.duty = ""
		if !x.down {
			f.back(path, name, x, lb.Enabled)
		}
	case key != "remove" && x.duty == absent:
		nothing("%s is not in the table at %s", name, since(f.at))
	case key == "enable" && x.duty == "":
		nothing("%s is neither draining nor in maintenance at %s", name, since(f.at))
	case key == "enable":
		cause := lb.Enabled
		if x.duty == draining {
			cause = lb.Undrained
		}
		x.duty = ""
		if !x.down {
			f.back(path, name, x, cause)
		}
	default:
		duty := map[string]string{"drain": draining, "disable": disabled, "remove": absent}[key]
		if x.duty == duty {
			nothing("%s has been %s since %s", name, duty, since(x.dutyFrom))
			return
		}
		x.duty, x.dutyFrom = duty, f.at
	}
}

// The duties of a server that is not to take all connections.
const (
	draining = "draining"
	disabled = "in maintenance"
	absent   = "out of the table"
)

func (f *follower) back(path, name string, x *standing, cause lb.Cause) {
	for _, s := range x.services {
		f.returns[s[0]] = append(f.returns[s[0]], comeback{path, name, s[1], cause})
	}
}

// set follows a value that is set.
func (f *follower) set(at, path string, value int, services []lb.Service) {
	v := f.values[path]
	if v == nil {
		return // reported elsewhere
	}
	name := services[v.service].Servers[v.member].Name
	x := f.servers[name]
	switch {
	case v.value == value:
		f.warning(f.doc, at, fmt.Sprintf("%s is %d at %s: this changes nothing", path, value, strict.FormatDuration(f.at)), "")
	case v.weight && v.value == 0 && x != nil && !x.down && x.duty == "":
		f.returns[v.service] = append(f.returns[v.service], comeback{at, name, v.member, lb.Reweighted})
	}
	v.value = value
}
