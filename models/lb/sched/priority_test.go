package sched

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/lb"
	"lbsim/sim"
)

// newPriorities returns a pool of which a word tells each server's priority,
// and by a b that it is a backup server.
func newPriorities(p Priority, servers string) *pool {
	if p.Within == nil {
		p.Within = &RoundRobin{Like: noProduct}
	}
	if p.Overprovisioning == 0 {
		p.Overprovisioning = 1.4
	}
	words := strings.Fields(servers)
	pl := newPool(&RoundRobin{}, same(len(words))...)
	var names []string
	for m, w := range words {
		v := &pl.view.Members[m]
		if v.Backup = strings.HasSuffix(w, "b"); v.Backup {
			w = strings.TrimSuffix(w, "b")
		}
		fmt.Sscan(w, &v.Priority)
		names = append(names, fmt.Sprint(m))
	}
	pl.Scheduler = p.NewScheduler(lb.Env{View: &pl.view, Rand: sim.NewStream(1, 0, "test"), Names: names, Instances: 1, Now: func() sim.Time { return pl.query.Now }})
	return pl
}

// down and up take servers out and put them back, by their letters.
func (p *pool) down(servers string) {
	for _, s := range servers {
		p.set(int(s-'a'), false)
	}
}

func (p *pool) up(servers string) {
	for _, s := range servers {
		p.set(int(s-'a'), true)
	}
}

// used returns the servers that are picked, in order.
func (p *pool) used() string {
	n := len(p.view.Members)
	s := ""
	turns := p.turns(40 * n)
	for m := range n {
		if letter := string(rune('a' + m)); strings.Contains(turns, letter) {
			s += letter
		}
	}
	if strings.ContainsRune(turns, 'a'-1) {
		return s + "-"
	}
	return s
}

// A lower group is added when the active servers in use fall under MinActive.
func TestPriorityGroups(t *testing.T) {
	for _, c := range []struct {
		least               int
		servers, down, used string
	}{
		{1, "10 10 5 5 1", "", "ab"},
		{1, "10 10 5 5 1", "a", "b"},
		{1, "10 10 5 5 1", "ab", "cd"},
		{1, "10 10 5 5 1", "abcd", "e"},
		{1, "10 10 5 5 1", "abcde", "-"},
		{2, "10 10 5 5 1", "", "ab"},
		{2, "10 10 5 5 1", "a", "bcd"},
		{2, "10 10 5 5 1", "abc", "de"},
		{2, "1 5 10 5 10", "e", "bcd"},
		{3, "10 10 5 5 1", "", "abcd"},
		{5, "10 10 5 5 1", "", "abcde"},
		{99, "10 10 5 5 1", "", "abcde"},
		{0, "10 10 5 5 1", "", "abcde"},
		{0, "10 10 5 5 1", "ab", "cde"},
	} {
		for _, like := range []string{noProduct, "f5"} {
			p := newPriorities(Priority{MinActive: c.least, Like: like}, c.servers)
			p.used()
			p.down(c.down)
			expect(t, fmt.Sprintf("%+v", c), p.used(), c.used)
			p.up(c.down)
			all := newPriorities(Priority{MinActive: c.least, Like: like}, c.servers)
			expect(t, fmt.Sprintf("%+v, all up again", c), p.used(), all.used())
		}
	}
}

// A server at its limit is not active either.
func TestPriorityGroupsThatAreFull(t *testing.T) {
	p := newPriorities(Priority{Within: &LeastConnections{}, MinActive: 1}, "2 2 1 1")
	for m := range 4 {
		p.view.Members[m].Limit = 2
	}
	expect(t, "picks", p.held(8), "ababcdcd")
	expect(t, "pick of none", p.pick(), -1)
	p.count(0, -1)
	expect(t, "pick after one has gone", p.pick(), 0)
}

// Backup servers of the products, of servers a, b and backup servers c, d.
func TestBackupServers(t *testing.T) {
	for _, c := range []struct {
		like       string
		all        bool
		down, used string
	}{
		{noProduct, false, "", "ab"},
		{noProduct, false, "a", "b"},
		{noProduct, false, "ab", "c"},
		{noProduct, false, "abc", "d"},
		{noProduct, true, "ab", "cd"},
		{"haproxy", false, "", "ab"},
		{"haproxy", false, "b", "a"},
		{"haproxy", false, "ab", "c"},
		{"haproxy", false, "abc", "d"},
		{"haproxy", false, "abcd", "-"},
		{"haproxy", true, "ab", "cd"},
		{"haproxy", true, "abd", "c"},
		{"nginx", false, "", "ab"},
		{"nginx", false, "ab", "cd"},
		{"envoy", false, "ab", "cd"},
	} {
		p := newPriorities(Priority{MinActive: 1, AllBackups: c.all, Like: c.like}, "0 0 0b 0b")
		p.down(c.down)
		expect(t, fmt.Sprintf("%+v", c), p.used(), c.used)
		p.up(c.down)
		expect(t, fmt.Sprintf("%+v, all up again", c), p.used(), "ab")
	}
}

// HAProxy lets connections wait for servers that are full, nginx uses the
// backup servers.
func TestBackupServersOfFullOnes(t *testing.T) {
	for like, want := range map[string]int{"haproxy": -1, "nginx": 2, noProduct: 2} {
		p := newPriorities(Priority{MinActive: 1, Like: like}, "0 0 0b")
		for m := range 2 {
			p.view.Members[m].Limit = 1
			p.count(m, 1)
		}
		expect(t, like, p.pick(), want)
		p.count(1, -1)
		expect(t, like+" after one has gone", p.pick(), 1)
	}
}

// HAProxy and nginx have no priorities.
func TestPrioritiesOfProductsWithoutThem(t *testing.T) {
	for _, like := range []string{"haproxy", "nginx"} {
		expect(t, like, newPriorities(Priority{MinActive: 1, Like: like}, "5 1 7 0b").used(), "abc")
	}
}

// Envoy's priority levels, by the percentages of P0 and P1 that are up
// (source/common/upstream/load_balancer_impl.cc and the documentation's table).
func TestPriorityLevels(t *testing.T) {
	for _, c := range []struct{ up0, up1, load0, load1 int }{
		{100, 100, 100, 0}, {72, 100, 100, 0}, {71, 100, 99, 1}, {50, 100, 70, 30}, {25, 100, 35, 65}, {25, 25, 50, 50}, {0, 100, 0, 100},
	} {
		t.Run(fmt.Sprintf("%d,%d", c.up0, c.up1), func(t *testing.T) {
			p := newPriorities(Priority{Like: "envoy", Within: &Random{}}, strings.Repeat("1 ", 100)+strings.Repeat("0 ", 100))
			for m := range 100 {
				p.set(m, m < c.up0)
				p.set(100+m, m < c.up1)
			}
			loads := p.Scheduler.(listening).divided.(*spillover).loads
			expect(t, "loads", fmt.Sprint(loads), fmt.Sprint([]int{c.load0, c.load1}))
			const n = 100_000
			first := 0
			for range n {
				if p.pick() < 100 {
					first++
				}
			}
			got, want := float64(first)/n, float64(c.load0)/100
			if math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/n) {
				t.Errorf("P0 gets %.4f of the picks, want %.2f", got, want)
			}
		})
	}
}

// An algorithm that hashes chooses the level by its hash: a client stays, the
// levels have their shares, and so have the servers of each.
func TestPriorityLevelsKeepClients(t *testing.T) {
	const clients = 20_000
	addrs := manyAddrs(clients)
	for name, within := range map[string]lb.SchedulerPolicy{
		"envoy's maglev": hashLike("envoy", "maglev", ""), "envoy's ring": hashLike("envoy", "ring", ""),
		"map": hashLike("none", "map", ""), "haproxy's map": hashLike("haproxy", "map", ""), "nginx": hashLike("nginx", "map", ""),
	} {
		p := newPoolOf(&RoundRobin{}, addrs, same(20)...)
		names := make([]string, 20)
		for m := range names {
			names[m] = fmt.Sprint("server", m)
			p.view.Members[m].Priority = int32(1 - m/10)
		}
		p.Scheduler = (&Priority{Within: within, Overprovisioning: 1.4, Like: "envoy"}).NewScheduler(lb.Env{
			View: &p.view, Rand: sim.NewStream(1, 0, "test"), Addrs: addrs, Names: names, Instances: 1, Now: func() sim.Time { return 0 },
		})
		p.down("abcde") // P0 has 70 %
		first, moved, on := 0, 0, make([]int, 20)
		for a := range clients {
			m := p.from(a)
			if m < 10 {
				first++
			}
			on[m]++
			if p.from(a) != m {
				moved++
			}
		}
		most := 0
		if name == "nginx" {
			most = clients / 200 // after 20 tries it takes turns
		}
		if share := float64(first) / clients; moved > most || math.Abs(share-0.7) > 0.02 {
			t.Errorf("%s: %d of %d clients do not stay, P0 has %.3f of them instead of 0.7", name, moved, clients, share)
		}
		for m := 10; m < 20 && !strings.HasPrefix(name, "envoy's ring"); m++ {
			if share := float64(on[m]) / (0.3 * clients); math.Abs(share-0.1) > 0.04 {
				t.Errorf("%s: server %d has %.3f of P1", name, m, share)
			}
		}
	}
}

// More than two levels, and what rounding leaves over, which goes to the first.
func TestPriorityLevelsSpillOver(t *testing.T) {
	for _, c := range []struct {
		down, loads string
	}{
		{"", "[100 0 0]"},
		{"ab", "[70 30 0]"},         // 2 of 4 up
		{"abef", "[70 30 0]"},       // 2 of 4 up in both
		{"abcefg", "[35 35 30]"},    // 1 of 4 up
		{"abcdefg", "[0 35 65]"},    // none, 1 of 4
		{"abcefgijk", "[35 35 30]"}, // their sum is above 100
		{"abcdefgijk", "[0 50 50]"},
		{"abcdefghijkl", "[0 0 0]"},
	} {
		p := newPriorities(Priority{Like: "envoy"}, "2 2 2 2 1 1 1 1 0 0 0 0")
		p.down(c.down)
		loads := p.Scheduler.(listening).divided.(*spillover).loads
		expect(t, "loads without "+c.down, fmt.Sprint(loads), c.loads)
	}
	p := newPriorities(Priority{Like: "envoy", Overprovisioning: 1}, "2 2 2 1 1 1 0 0 0")
	p.down("abdegh")
	expect(t, "loads", fmt.Sprint(p.Scheduler.(listening).divided.(*spillover).loads), "[34 33 33]")
}

// A level whose servers are all full passes connections on.
func TestPriorityLevelThatIsFull(t *testing.T) {
	p := newPriorities(Priority{Like: "envoy", Within: &LeastConnections{}}, "1 0")
	p.view.Members[0].Limit = 1
	expect(t, "picks", p.held(3), "abb")
	expect(t, "load of the level that is full", p.Scheduler.(listening).divided.(*spillover).loads[0], 100)
}

// Whatever happens, a server is picked if one is usable, and the groups that
// are used are those that the rule says, worked out anew.
func TestPriorityRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		like := rapid.SampledFrom([]string{noProduct, "f5", "haproxy", "nginx", "envoy"}).Draw(t, "like")
		policy := Priority{
			Within: &LeastConnections{}, Like: like, MinActive: rapid.IntRange(0, 4).Draw(t, "least"), AllBackups: rapid.Bool().Draw(t, "all"),
		}
		n := rapid.IntRange(1, 8).Draw(t, "servers")
		words := make([]string, n)
		for m := range words {
			words[m] = rapid.SampledFrom([]string{"0", "1", "2", "0b", "1b"}).Draw(t, "server")
		}
		p := newPriorities(policy, strings.Join(words, " "))
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			m := rapid.IntRange(0, n-1).Draw(t, "member")
			if rapid.Bool().Draw(t, "set") {
				p.set(m, rapid.Bool().Draw(t, "usable"))
				continue
			}
			m = p.pick()
			if want := allowed(&p.view, policy); m < 0 && len(want) > 0 || m >= 0 && !want[m] {
				t.Fatalf("picks %d of %+v, allowed are %v", m, p.view.Members, want)
			}
			if m >= 0 {
				p.view.Members[m].Active++
				p.Scheduler.(lb.Tracker).Counted(m)
			}
		}
	})
}

// allowed returns the servers that may be picked where none has a limit.
func allowed(view *lb.View, p Priority) map[int]bool {
	usable := func(in func(v *lb.Member) bool) map[int]bool {
		set := map[int]bool{}
		for m := range view.Members {
			if v := &view.Members[m]; v.Usable && in(v) {
				set[m] = true
			}
		}
		return set
	}
	active := func(v *lb.Member) bool { return !v.Backup }
	switch p.Like {
	case "envoy":
		return usable(func(*lb.Member) bool { return true }) // which level is drawn at random
	case "haproxy", "nginx":
	default:
		for least := int32(2); least >= 0 && p.MinActive > 0; least-- {
			set := usable(func(v *lb.Member) bool { return active(v) && v.Priority >= least })
			if len(set) >= p.MinActive {
				return set
			}
		}
	}
	if set := usable(active); len(set) > 0 {
		return set
	}
	backups := usable(func(v *lb.Member) bool { return v.Backup })
	highest := int32(-1)
	for m := range backups {
		highest = max(highest, view.Members[m].Priority)
	}
	first := map[int]bool{}
	for m := range view.Members {
		if !backups[m] {
			continue
		}
		switch v := &view.Members[m]; {
		case p.Like == "nginx" || p.Like == "haproxy" && p.AllBackups:
			first[m] = true
		case p.Like == "haproxy" && len(first) == 0:
			first[m] = true
		case p.Like != "haproxy" && v.Priority == highest && (p.AllBackups || len(first) == 0):
			first[m] = true
		}
	}
	return first
}

// With one group, another algorithm picks as it would without, in every
// product's way; and its scheduler does as much as the other one, neither more
// nor less where a balancer would notice.
func TestPriorityOfEqualsIsNoPriority(t *testing.T) {
	for _, kind := range Table {
		within := kind.New()
		if _, ok := within.(*Priority); ok {
			continue
		}
		for _, like := range []string{noProduct, "f5", "haproxy", "nginx", "envoy"} {
			policy := &Priority{Within: within, MinActive: 1, Overprovisioning: 1.4, Like: like}
			plain, wrapped := newPoolOf(kind.New(), manyAddrs(50), 3, 1, 0, 2, 1), newPoolOf(policy, manyAddrs(50), 3, 1, 0, 2, 1)
			for i := range 300 {
				now := sim.Time(i) * 1e9
				plain.query.Now, wrapped.query.Now = now, now
				a, b := plain.from(i%50), wrapped.from(i%50)
				if a != b {
					t.Fatalf("%s like %s: pick %d is %d, alone it is %d", kind.Name, like, i, b, a)
				}
				for _, p := range []*pool{plain, wrapped} {
					m := max(0, a)
					p.count(m, 1)
					if f, ok := p.Scheduler.(lb.Feedback); ok {
						f.Answered(m, time.Duration(1+i%7)*time.Millisecond, now)
					}
					if i%3 == 0 && p.view.Members[i%5].Active > 0 {
						p.count(i%5, -1)
						if q, ok := p.Scheduler.(lb.IdleQueue); ok {
							q.Idle(i % 5)
						}
					}
					if i%7 == 0 && i%5 != 2 {
						p.set(i%5, !p.view.Members[i%5].Usable)
					}
					if i%11 == 0 {
						p.reweigh(1, int64(1+i%3)*lb.FullWeight/2)
					}
				}
			}
			for what, has := range map[string]func(lb.Scheduler) bool{
				"Poller":    func(s lb.Scheduler) bool { _, ok := s.(lb.Poller); return ok },
				"Timer":     func(s lb.Scheduler) bool { _, ok := s.(lb.Timer); return ok },
				"IdleQueue": func(s lb.Scheduler) bool { _, ok := s.(lb.IdleQueue); return ok },
			} {
				if has(plain.Scheduler) != has(wrapped.Scheduler) {
					t.Errorf("%s within priority: %s is %v, alone it is %v", kind.Name, what, has(wrapped.Scheduler), has(plain.Scheduler))
				}
			}
		}
	}
}
