package sched

import (
	"cmp"
	"fmt"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Priority divides the servers into groups by their priorities and lets another
// algorithm pick among the groups that are in use. Backup servers are groups of
// their own, after all others.
//
// Numbers are F5's: the highest goes first. Envoy counts from P0, which goes
// first, so that its P0 must have the highest number here. HAProxy and nginx know
// backup servers only: under them all others are one group, whatever their
// numbers.
//
// A server that did not take the connection that is being placed counts as
// down for that decision, and so does one that a slow start holds back: a
// balancer's view does not tell these apart.
//
//   - none, and f5 (priority group activation): the group of the highest number
//     is in use, and as long as fewer than MinActive servers in use are up and
//     below their limits, the next one is, too. Backup servers are used when no
//     other server is up and below its limit. F5 knows no backup servers. That
//     0 puts all groups to use at once, as with the feature switched off, is
//     general knowledge, not verified.
//   - haproxy: no priorities. The first backup server that is up is used while
//     all others are down, or all of them with AllBackups (option allbackups).
//     Servers that are full are not down: connections wait for them.
//   - nginx: no priorities. All backup servers are used while none of the others
//     can be picked, be it that they are down or that they are full.
//   - envoy: each group is a priority level with an algorithm of its own. The
//     share of a level that is up, times Overprovisioning, at most 1 and in whole
//     percent, is its availability. Connections are drawn to the first level as
//     far as that goes, and then to the next; if all levels together have less
//     than 100 %, in proportion (source/common/upstream/load_balancer_impl.cc).
//     With an algorithm that hashes, the hash decides on the level as well, modulo
//     100, so that a client stays while the shares of the levels do
//     (thread_aware_lb_impl.cc); a request without the key is drawn.
//     Up includes full, as far as the view tells. A level that can take no
//     connection although it is up passes it to the first that can; Envoy would
//     fail it. Its panic mode for levels is left out.
type Priority struct {
	Within           lb.SchedulerPolicy `yaml:"within" doc:"the algorithm that picks among the servers in use"`
	MinActive        int                `yaml:"min_active" doc:"servers in use that must be up and below their limits, or those of the next priority are used as well; 0: priorities are ignored"`
	AllBackups       bool               `yaml:"all_backups" doc:"use all backup servers when the others are out, not only the first that is up; nginx and envoy always do"`
	Overprovisioning float64            `yaml:"overprovisioning" doc:"envoy: a priority level keeps all its connections while this times its share of servers up is 1 or more"`
	Like             string             `yaml:"like" doc:"none, or as a product does it: f5 (as none), haproxy and nginx (backup servers only: priorities are ignored), envoy (connections spill over in proportion; P0 is the highest number)"`
}

func newPriority() *Priority {
	return &Priority{Within: &LeastConnections{Like: noProduct}, MinActive: 1, Overprovisioning: 1.4, Like: noProduct}
}

var priorityLike = []string{"f5", "haproxy", "nginx", "envoy"}

// WithPriorities returns the algorithm for servers that have priorities or
// stand by: as the product does it if it has such groups, else so that one
// active server is enough and backup servers are used together.
func WithPriorities(within lb.SchedulerPolicy, product string) *Priority {
	p := newPriority()
	p.Within = within
	if slices.Contains(priorityLike, product) {
		p.Like = product
	}
	p.AllBackups = p.Like != "haproxy"
	return p
}

// Validate checks the parameters.
func (p *Priority) Validate() []flow.Problem {
	ps := checkProduct(p.Like, priorityLike)
	bad := func(path, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	switch p.Within.(type) {
	case nil:
		bad("within", "an algorithm is missing")
	case *Priority:
		bad("within", "priorities are not used within priorities")
	}
	if p.MinActive < 0 || p.MinActive > 65535 {
		bad("min_active", "%d is not between 0 and 65535", p.MinActive)
	}
	if !(p.Overprovisioning >= 1 && p.Overprovisioning <= 1000) {
		bad("overprovisioning", "%v is not between 1 and 1000", p.Overprovisioning)
	}
	return ps
}

// Basis implements lb.SchedulerPolicy.
func (p *Priority) Basis() lb.Basis { return p.Within.Basis() }

// NewScheduler implements lb.SchedulerPolicy.
func (p *Priority) NewScheduler(env lb.Env) lb.Scheduler {
	g := newGroups(env, p)
	if p.Like == "envoy" {
		s := &spillover{groups: g, rand: env.Rand, over: p.Overprovisioning, loads: make([]int, len(g.list))}
		s.share()
		for i := range g.list {
			s.inner = append(s.inner, newMasked(env, p.Within, func(m int) bool { return int(g.of[m]) == i }))
		}
		s.keys, _ = s.inner[0].Scheduler.(byHash)
		return withInterfaces(s)
	}
	s := &activation{groups: g, policy: *p}
	s.decide()
	s.inner = []*masked{newMasked(env, p.Within, s.inUse)}
	return withInterfaces(s)
}

// groups are servers by priority.
type groups struct {
	view *lb.View
	list []group // in the order in which they are used
	of   []int32 // by member
	fit  []bool  // by member, as last heard
	can  []bool  // the same of whether it is usable, were it full or not
	// isFit says what counts in favour of a group. As far as the view tells, a
	// full server is up.
	isFit func(*lb.Member) bool
	inner []*masked // one, or one for each group
}

type group struct {
	members []int32
	backup  bool
	fit     int // how many of them are
	can     int // how many are usable
}

func isUp(v *lb.Member) bool         { return v.Usable || v.Full() && v.Weight > 0 }
func isBelowLimit(v *lb.Member) bool { return v.Usable && !v.Full() }

func newGroups(env lb.Env, p *Priority) groups {
	n := len(env.View.Members)
	g := groups{view: env.View, of: make([]int32, n), fit: make([]bool, n), can: make([]bool, n), isFit: isBelowLimit}
	if p.Like == "haproxy" || p.Like == "envoy" {
		g.isFit = isUp
	}
	// key orders groups, first the one that is used first.
	key := func(m int32) (backup int, priority int32) {
		v := &env.View.Members[m]
		if v.Backup {
			backup = 1
		}
		if p.Like != "haproxy" && p.Like != "nginx" {
			priority = -v.Priority
		}
		return backup, priority
	}
	compare := func(a, b int32) int {
		aBackup, aPriority := key(a)
		bBackup, bPriority := key(b)
		return cmp.Or(cmp.Compare(aBackup, bBackup), cmp.Compare(aPriority, bPriority))
	}
	order := make([]int32, n)
	for m := range order {
		order[m] = int32(m)
	}
	slices.SortStableFunc(order, compare)
	for i, m := range order {
		if i == 0 || compare(order[i-1], m) != 0 {
			g.list = append(g.list, group{backup: env.View.Members[m].Backup})
		}
		last := len(g.list) - 1
		g.list[last].members = append(g.list[last].members, m)
		g.of[m] = int32(last)
		g.judge(int(m))
	}
	return g
}

// judge counts whether a member is fit and usable, and reports whether either
// has changed.
func (g *groups) judge(m int) bool {
	v, list := &g.view.Members[m], &g.list[g.of[m]]
	fit := recount(&g.fit[m], g.isFit(v), &list.fit)
	can := recount(&g.can[m], v.Usable, &list.can)
	return fit || can
}

// recount counts what is true, and reports whether that has changed.
func recount(was *bool, is bool, count *int) bool {
	if is == *was {
		return false
	}
	*was = is
	if is {
		*count++
	} else {
		*count--
	}
	return true
}

func (g *groups) all() []*masked { return g.inner }

// activation puts groups to use one after the other.
type activation struct {
	groups
	policy Priority
	upTo   int   // the groups before this one are in use
	only   int32 // a backup server that is used without its group, or -1
}

func (a *activation) inUse(m int) bool { return int(a.of[m]) < a.upTo || int32(m) == a.only }

// decide finds out which groups are to be used.
func (a *activation) decide() {
	least, n := a.policy.MinActive, 0
	a.upTo, a.only = 0, -1
	for a.upTo < len(a.list) && !a.list[a.upTo].backup && (least == 0 || n < least) {
		n += a.list[a.upTo].fit
		a.upTo++
	}
	if n > 0 || a.standIn(a.fit) {
		return
	}
	// All are down or full. Where connections may queue for full servers, those
	// that are usable are as good as any, and backup servers if no others are.
	for _, g := range a.list[:a.upTo] {
		if g.can > 0 {
			return
		}
	}
	a.standIn(a.can)
}

// standIn puts the first backup servers to use that there are among these
// members, and reports whether there are any.
func (a *activation) standIn(among []bool) bool {
	for i, g := range a.list[a.upTo:] {
		for _, m := range g.members {
			switch {
			case !among[m]:
			case a.policy.AllBackups || a.policy.Like == "nginx":
				a.upTo += i + 1
				return true
			default:
				a.only = m
				return true
			}
		}
	}
	return false
}

func (a *activation) by(int) *masked { return a.inner[0] }

func (a *activation) Pick(q *lb.Query) int { return a.inner[0].Pick(q) }

// Counted implements lb.Tracker.
func (a *activation) Counted(m int) {
	a.heard(m)
	a.inner[0].counted(m)
}

// Changed implements lb.Membership.
func (a *activation) Changed(m int) { a.heard(m) }

// heard takes in what has become of a member.
func (a *activation) heard(m int) {
	if a.judge(m) {
		upTo, only := a.upTo, a.only
		a.decide()
		for i := min(upTo, a.upTo); i < max(upTo, a.upTo); i++ {
			for _, k := range a.list[i].members {
				a.mask(int(k))
			}
		}
		for _, k := range [...]int32{only, a.only} {
			if k >= 0 {
				a.mask(int(k))
			}
		}
	}
	a.mask(m)
}

func (a *activation) mask(m int) { a.inner[0].show(m, &a.view.Members[m], a.inUse(m)) }

// spillover draws a group for each connection.
type spillover struct {
	groups
	rand  *sim.Stream
	over  float64
	loads []int  // percent, by group
	keys  byHash // the first group's algorithm, if it hashes
}

// share divides the load among the groups, in percent.
func (s *spillover) share() {
	total := 0
	for i := range s.loads {
		s.loads[i] = s.availability(i)
		total += s.loads[i]
	}
	total = min(total, 100)
	left, first := 100, -1
	for i, available := range s.loads {
		if available == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		s.loads[i] = min(left, available*100/total)
		left -= s.loads[i]
	}
	if first >= 0 {
		s.loads[first] += left // what rounding has left over
	}
}

// availability is how much of the load a group can take, in percent.
func (s *spillover) availability(i int) int {
	hosts := 0
	for _, m := range s.list[i].members {
		if s.view.Members[m].Base > 0 {
			hosts++
		}
	}
	if hosts == 0 {
		return 0
	}
	// In thousandths, so that 1.4 times 5 of 7 is 1.
	return min(100, int(s.over*1000+0.5)*s.list[i].fit/(10*hosts))
}

func (s *spillover) by(m int) *masked { return s.inner[s.of[m]] }

func (s *spillover) Pick(q *lb.Query) int {
	drawn := s.draw(q)
	if m := s.inner[drawn].Pick(q); m >= 0 {
		return m
	}
	for i, in := range s.inner {
		if i != drawn {
			if m := in.Pick(q); m >= 0 {
				return m
			}
		}
	}
	return -1
}

// byHash is a scheduler that decides by a hash.
type byHash interface {
	// hashOf returns the hash by which the query is decided, if it has one.
	hashOf(q *lb.Query) (hash uint64, ok bool)
}

// draw returns the group that is to serve a query, by its hash or at random.
func (s *spillover) draw(q *lb.Query) int {
	if s.loads[0] == 100 {
		return 0
	}
	x, known := 0, false
	if s.keys != nil {
		var hash uint64
		hash, known = s.keys.hashOf(q)
		x = int(hash % 100)
	}
	if !known {
		x = s.rand.IntN(100)
	}
	for i, load := range s.loads {
		if x -= load; x < 0 {
			return i
		}
	}
	return 0 // all are down
}

// Counted implements lb.Tracker.
func (s *spillover) Counted(m int) {
	s.Changed(m)
	s.inner[s.of[m]].counted(m)
}

// Changed implements lb.Membership.
func (s *spillover) Changed(m int) {
	in := s.inner[s.of[m]]
	if s.judge(m) || in.view.Members[m].Base != s.view.Members[m].Base {
		s.share()
	}
	in.show(m, &s.view.Members[m], true)
}
