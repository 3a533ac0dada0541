package lab

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
)

// journal is what happens to servers, and what the balancer is thus known to
// believe of them.
type journal struct {
	mu    sync.Mutex
	marks []Mark
	// down and out are by service and server: what checks have taken out, and what the
	// operator has.
	down, out [][]bool
	members   [][]int // servers by service
}

func newJournal(p *scenarios.Plan) *journal {
	j := &journal{}
	joins := models.Joining(p.Config.Timeline)
	for i := range p.Config.Balancer.Services {
		j.down = append(j.down, make([]bool, len(p.Config.Servers)))
		j.out = append(j.out, make([]bool, len(p.Config.Servers)))
		j.members = append(j.members, membersOf(p, i))
		for _, s := range j.members[i] {
			j.out[i][s] = joins[p.Config.Servers[s].Name]
		}
	}
	return j
}

// membersOf returns the numbers of a service's servers, sorry servers aside.
func membersOf(p *scenarios.Plan, service int) (list []int) {
	for _, m := range p.Config.Balancer.Services[service].Servers {
		if s := serverNumber(p, m.Name); !m.Sorry && s >= 0 {
			list = append(list, s)
		}
	}
	return list
}

// serverNumber is that of a name, -1: there is no such server.
func serverNumber(p *scenarios.Plan, name string) int {
	for i := range p.Config.Servers {
		if p.Config.Servers[i].Name == name {
			return i
		}
	}
	return -1
}

// note enters a mark. What the balancer believes already is not told again.
func (j *journal) note(m Mark) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch m.Kind {
	case flow.MarkedDown, flow.MarkedUp:
		down := m.Kind == flow.MarkedDown
		if j.down[m.Service][m.Server] == down {
			return
		}
		j.down[m.Service][m.Server] = down
	case flow.TakenOut:
		j.out[m.Service][m.Server] = true
	case flow.PutBack:
		j.out[m.Service][m.Server] = false
	}
	j.marks = append(j.marks, m)
}

// usable reports whether the balancer believes that some server of a service is.
func (j *journal) usable(service int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.ContainsFunc(j.members[service], func(s int) bool { return !j.down[service][s] && !j.out[service][s] })
}

// isDown reports whether the balancer believes that a server is down.
func (j *journal) isDown(service, server int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.down[service][server]
}

// putBack enters that the operator has put a server back. It is PutBack if the
// balancer uses it at once, else its checks will say when.
func (j *journal) putBack(at time.Duration, service, server int, text string) {
	kind := flow.PutBack
	if j.isDown(service, server) {
		kind = flow.Adjusted
	}
	j.mu.Lock()
	j.out[service][server] = false
	j.mu.Unlock()
	j.note(Mark{at, kind, service, server, text})
}

// list returns the marks in the order of time.
func (j *journal) list() []Mark {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := slices.Clone(j.marks)
	slices.SortStableFunc(list, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	return list
}
