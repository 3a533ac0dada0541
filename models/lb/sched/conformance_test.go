package sched_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// The tests here hold for every algorithm in the table, as every product runs
// it: whoever adds one has nothing to add here.

// algorithm is one algorithm with its parameters.
type algorithm struct {
	name   string
	policy lb.SchedulerPolicy
}

// products and tables are words that matter most to an algorithm.
var (
	products = []string{"haproxy", "nginx", "envoy", "ipvs", "kemp", "f5", "netscaler", "alb"}
	tables   = []string{"map", "ring", "maglev", "rendezvous"}
)

// algorithms lists the table's entries with their defaults, and with every other
// value below that they accept: every product and table, with them one other
// parameter, and two others without them.
var algorithms = sync.OnceValue(func() (all []algorithm) {
	for _, kind := range sched.Table {
		type setting struct {
			field int
			value any
		}
		fields := parameters(kind.New())
		wordings := [][]setting{nil}
		others := []setting{{-1, nil}}
		for i, f := range fields {
			switch f.value.Kind() {
			case reflect.String:
				known := map[string][]string{"like": products, "table": tables}[f.name]
				for _, w := range wordings {
					for _, word := range known {
						wordings = append(wordings, append(slices.Clone(w), setting{i, word}))
					}
				}
				if known == nil {
					others = append(others, setting{i, "murmur2"}, setting{i, "fnv1a"}, setting{i, "limit"})
				}
			case reflect.Bool:
				others = append(others, setting{i, true})
			case reflect.Int:
				others = append(others, setting{i, 2}, setting{i, 11})
			case reflect.Float64:
				others = append(others, setting{i, 1.25})
			}
		}
		add := func(settings []setting) {
			p, name := kind.New(), kind.Name
			fields := parameters(p)
			for _, f := range fields {
				if f.name == "size" {
					f.value.SetInt(251) // a table that is laid out fast
				}
			}
			for _, s := range settings {
				if s.field >= 0 {
					fields[s.field].value.Set(reflect.ValueOf(s.value))
					name += fmt.Sprintf(", %s %v", fields[s.field].name, s.value)
				}
			}
			if len(flow.Check(p)) == 0 {
				all = append(all, algorithm{name, p})
			}
		}
		for _, w := range wordings {
			for _, o := range others {
				add(append(slices.Clone(w), o))
			}
		}
		for i, a := range others[1:] {
			for _, b := range others[1 : 1+i] {
				if a.field != b.field {
					add([]setting{b, a})
				}
			}
		}
	}
	return all
})

// parameter is a field of a policy.
type parameter struct {
	name  string
	value reflect.Value
}

// parameters lists the fields of a policy that the tests may set, also those
// of the structs in it. The header of a header hash may have any name.
func parameters(p lb.SchedulerPolicy) (list []parameter) {
	var add func(v reflect.Value)
	add = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Anonymous && f.Type.Kind() == reflect.Struct:
				add(v.Field(i))
			case f.Name != "Header":
				list = append(list, parameter{strings.ToLower(f.Name), v.Field(i)})
			}
		}
	}
	add(reflect.ValueOf(p).Elem())
	return list
}

// mayRefuse reports whether an algorithm leaves clients without a server
// although one is usable, as the hashes of IPVS do without a fallback.
func (a *algorithm) mayRefuse() bool {
	p, ok := a.policy.(*sched.SourceHash)
	return ok && p.Like == "ipvs" && !p.Fallback
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range sched.Table {
		if kind.Name == "" || seen[kind.Name] || kind.Doc == "" {
			t.Errorf("%q has no name of its own or no documentation", kind.Name)
		}
		seen[kind.Name] = true
		if problems := flow.Check(kind.New()); len(problems) > 0 {
			t.Errorf("the defaults of %s are refused: %v", kind.Name, problems)
		}
		for i, f := range parameters(kind.New()) {
			if f.value.Kind() == reflect.String {
				p := kind.New()
				parameters(p)[i].value.SetString("nonsense")
				problems := flow.Check(p)
				if len(problems) != 1 || !strings.Contains(problems[0].Text, "nonsense") {
					t.Errorf("%s accepts %s: nonsense: %v", kind.Name, f.name, problems)
				}
			}
		}
	}
	if n := len(algorithms()); n < 2*len(sched.Table) {
		t.Errorf("only %d variants of %d algorithms: have the parameters other names?", n, len(sched.Table))
	}
}

// farm is a balancer's view of some servers and any number of schedulers that
// are kept informed, in the way in which a balancer does it.
type farm struct {
	view       lb.View
	up         []bool
	schedulers []lb.Scheduler
	now        sim.Time
}

// testKeys are keys of 50 values, which follow from the connection's number;
// one connection in ten has none.
type testKeys struct{}

func (testKeys) Key(string) int { return 0 }

func (testKeys) Value(id flow.ConnID, _ int) (uint32, bool) { return uint32(id) % 50, id%10 != 9 }

func (testKeys) Text(_ int, value uint32) string { return fmt.Sprint("/", value) }

const addresses = 50

func newFarm(weights []int64, policies ...lb.SchedulerPolicy) *farm {
	f := &farm{}
	env := lb.Env{
		View: &f.view, Keys: testKeys{}, MaxFails: 2, Instances: 1, Now: func() sim.Time { return f.now },
		Probe: func(m int) lb.Load {
			if !f.up[m] {
				return lb.Load{}
			}
			v := &f.view.Members[m]
			return lb.Load{Alive: true, Requests: int(v.Active), Latency: time.Duration(v.Active+1) * time.Millisecond}
		},
	}
	for i, w := range weights {
		f.view.Members = append(f.view.Members, lb.Member{Base: w, Weight: w * lb.FullWeight, Usable: w > 0})
		f.up = append(f.up, true)
		env.Names = append(env.Names, fmt.Sprint("server", i))
	}
	for i := range uint32(addresses) {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], 0xc0000200+i*7919)
		env.Addrs = append(env.Addrs, netip.AddrFrom4(a))
	}
	for _, p := range policies {
		env.Rand = sim.NewStream(1, 0, "scheduler")
		f.schedulers = append(f.schedulers, p.NewScheduler(env))
	}
	return f
}

func (f *farm) changed(m int) {
	tell(f, func(s lb.Membership) { s.Changed(m) })
}

// refresh recomputes whether a member is usable.
func (f *farm) refresh(m int) {
	v := &f.view.Members[m]
	if usable := f.up[m] && v.Weight > 0 && !v.Full(); usable != v.Usable {
		v.Usable = usable
		f.changed(m)
	}
}

func (f *farm) count(m int, by int32) {
	v := &f.view.Members[m]
	v.Active += by
	if v.Limit > 0 {
		f.refresh(m)
	}
	tell(f, func(s lb.Tracker) { s.Counted(m) })
	if v.Active == 0 {
		tell(f, func(s lb.IdleQueue) { s.Idle(m) })
	}
}

func (f *farm) setUp(m int, up bool) {
	f.up[m] = up
	f.refresh(m)
}

func (f *farm) reweigh(m int, w int64) {
	if v := &f.view.Members[m]; v.Base > 0 && v.Weight != w {
		v.Weight = w
		f.changed(m)
		f.refresh(m)
	}
}

func (f *farm) usable() (list []int) {
	for m := range f.view.Members {
		if f.view.Members[m].Usable {
			list = append(list, m)
		}
	}
	return list
}

// change makes anything happen that may happen to a farm.
func change(t *rapid.T, f *farm) {
	m := rapid.IntRange(0, len(f.view.Members)-1).Draw(t, "member")
	v := &f.view.Members[m]
	f.now += sim.Time(rapid.Int64Range(0, 2e9).Draw(t, "time"))
	switch rapid.SampledFrom([]string{"down", "up", "weight", "base", "close", "close", "answer", "fail", "poll", "linger", "queue"}).Draw(t, "change") {
	case "down":
		f.setUp(m, false)
	case "up":
		f.setUp(m, true)
	case "weight":
		f.reweigh(m, max(1, v.Base*rapid.Int64Range(0, lb.FullWeight).Draw(t, "ramp")))
	case "base":
		v.Base = rapid.Int64Range(0, 5).Draw(t, "base")
		v.Weight = v.Base * lb.FullWeight
		f.changed(m)
		f.refresh(m)
	case "close":
		if v.Active > 0 {
			f.count(m, -1)
		}
	case "answer":
		took := time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "took"))
		tell(f, func(s lb.Feedback) { s.Answered(m, took, f.now) })
	case "fail":
		tell(f, func(s lb.FailureCounter) { s.Failed(m) })
	case "poll":
		l := lb.Load{Alive: f.up[m], Requests: int(v.Active), Busy: time.Duration(f.now) * time.Duration(v.Active) / 10}
		tell(f, func(s lb.Poller) { s.Polled(m, l, f.now) })
		took := time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "took"))
		tell(f, func(s lb.Timer) { s.Timed(m, took, f.up[m], f.now) })
	case "queue":
		v.Queued = int32(rapid.IntRange(0, 2).Draw(t, "queued"))
		tell(f, func(s lb.Tracker) { s.Counted(m) })
	case "linger":
		v.Inactive = int32(rapid.IntRange(0, 5).Draw(t, "inactive"))
		tell(f, func(s lb.Tracker) { s.Counted(m) })
	}
}

// tell calls f for the farm's schedulers that want to hear of something.
func tell[T any](farm *farm, f func(T)) {
	for _, s := range farm.schedulers {
		if x, ok := s.(T); ok {
			f(x)
		}
	}
}

func draw(t *rapid.T, policies ...lb.SchedulerPolicy) *farm {
	f := newFarm(rapid.SliceOfN(rapid.Int64Range(0, 5), 1, 9).Draw(t, "weights"), policies...)
	if rapid.Bool().Draw(t, "limits") {
		for m := range f.view.Members {
			f.view.Members[m].Limit = int32(rapid.IntRange(0, 4).Draw(t, "limit"))
		}
	}
	return f
}

// Whatever happens, an algorithm picks a usable server, some server as long as
// there is one, and with the same random numbers the same.
func TestPicksAreUsable(t *testing.T) {
	for _, a := range algorithms() {
		t.Run(a.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f := draw(t, a.policy, a.policy)
				for range rapid.IntRange(1, 120).Draw(t, "steps") {
					if rapid.IntRange(0, 2).Draw(t, "step") == 0 {
						change(t, f)
						continue
					}
					q := &lb.Query{Addr: flow.AddrID(rapid.IntRange(0, addresses-1).Draw(t, "address"))}
					q.Client, q.Conn, q.Now = flow.ClientID(q.Addr), flow.ConnID(q.Addr), f.now
					m, twin := f.schedulers[0].Pick(q), f.schedulers[1].Pick(q)
					switch list := f.usable(); {
					case m != twin:
						t.Fatalf("picks %d and, with the same random numbers, %d", m, twin)
					case len(list) == 0 && m != -1:
						t.Fatalf("picks %d where no server is usable", m)
					case m == -1 && a.mayRefuse():
					case len(list) > 0 && !slices.Contains(list, m):
						t.Fatalf("picks %d, usable are %v", m, list)
					}
					if m >= 0 && rapid.Bool().Draw(t, "keep") {
						f.count(m, +1)
					}
				}
			})
		})
	}
}

// Algorithms that take turns give each server its exact share of a cycle.
func TestTurnsAreExact(t *testing.T) {
	for _, a := range algorithms() {
		if !strings.Contains(a.name, "round-robin") {
			continue
		}
		for _, weights := range [][]int64{{1}, {1, 1, 1}, {5, 1, 1}, {4, 3, 2}, {2, 1}, {10, 1, 0, 3}} {
			f := newFarm(weights, a.policy)
			var cycle, slack int64
			for _, w := range weights {
				cycle += w
			}
			if strings.Contains(a.name, "envoy") {
				slack = 1 // its deadlines are rounded
			}
			picked := make([]int64, len(weights))
			for n := int64(1); n <= 20; n++ {
				for range cycle {
					picked[f.schedulers[0].Pick(&lb.Query{})]++
				}
				for m, w := range weights {
					if d := picked[m] - n*w; d < -slack || d > slack {
						t.Errorf("%s, weights %v: after %d cycles the picks are %v", a.name, weights, n, picked)
					}
				}
			}
		}
	}
}

// A decision allocates nothing, nor does a count that changes.
func TestPicksDoNotAllocate(t *testing.T) {
	for _, a := range algorithms() {
		f := newFarm([]int64{3, 1, 2, 1, 5, 1, 1, 1}, a.policy)
		q := &lb.Query{}
		turn := func() {
			for i := range 40 {
				q.Addr = flow.AddrID(i)
				m := f.schedulers[0].Pick(q)
				f.count(m, +1)
				if i%3 > 0 {
					f.count(m, -1)
				}
			}
			for m := range f.view.Members {
				for f.view.Members[m].Active > 0 {
					f.count(m, -1)
				}
			}
		}
		turn()
		if n := testing.AllocsPerRun(50, turn); n != 0 {
			t.Errorf("%s: %v allocations", a.name, n)
		}
	}
}

// fewest is least connections as one would write it without caring for speed.
type fewest struct {
	view    *lb.View
	changed []int // when a member's rank last changed
	now     int
}

func (r *fewest) Counted(m int) { r.now++; r.changed[m] = r.now }
func (r *fewest) Changed(m int) { r.Counted(m) }

func (r *fewest) Pick(*lb.Query) int {
	best := -1
	for m := range r.view.Members {
		if !r.view.Members[m].Usable {
			continue
		}
		if best < 0 {
			best = m
			continue
		}
		a, b := &r.view.Members[m], &r.view.Members[best]
		mine, other := int64(a.Active+a.Queued)*b.Weight, int64(b.Active+b.Queued)*a.Weight
		if mine < other || mine == other && r.changed[m] < r.changed[best] {
			best = m
		}
	}
	return best
}

type fewestPolicy struct{}

func (fewestPolicy) Basis() lb.Basis { return lb.ByLoad }

func (fewestPolicy) NewScheduler(env lb.Env) lb.Scheduler {
	r := &fewest{view: env.View, changed: make([]int, len(env.View.Members))}
	for m := range env.View.Members {
		r.Counted(m)
	}
	return r
}

// Least connections picks, among equals the longest unchanged, what a scan of
// all servers would.
func TestLeastConnectionsAgainstAScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := draw(t, &sched.LeastConnections{}, fewestPolicy{})
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "step") == 0 {
				change(t, f)
				continue
			}
			m, want := f.schedulers[0].Pick(&lb.Query{}), f.schedulers[1].Pick(&lb.Query{})
			if m != want {
				t.Fatalf("picks %d, a scan picks %d of %+v", m, want, f.view.Members)
			}
			if m >= 0 {
				f.count(m, +1)
			}
		}
	})
}

// An address or a URL keeps its server while the usable servers and their configured
// weights stay the same, and comes back to it when they do. Some products have reasons to do
// otherwise: HAProxy's ring grows in a slow start, nginx takes turns when it has
// met too many servers that are down.
func TestHashesKeepServers(t *testing.T) {
	for _, a := range algorithms() {
		if !strings.HasPrefix(a.name, "source-hash") && !strings.HasPrefix(a.name, "url-hash") || strings.Contains(a.name, "loadbound") || strings.Contains(a.name, "like") {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f := newFarm(rapid.SliceOfN(rapid.Int64Range(0, 5), 1, 9).Draw(t, "weights"), a.policy)
				memory := map[string]int{} // by usable servers, their weights and address
				for range 60 {
					change(t, f)
					addr := flow.AddrID(rapid.IntRange(0, addresses-1).Draw(t, "address"))
					q := &lb.Query{Addr: addr, Conn: flow.ConnID(addr)}
					if _, ok := (testKeys{}).Value(q.Conn, 0); !ok {
						continue
					}
					m := f.schedulers[0].Pick(q)
					key := fmt.Sprint(addr)
					for _, u := range f.usable() {
						key += fmt.Sprint(" ", u, "x", f.view.Members[u].Base)
					}
					if before, ok := memory[key]; ok && before != m {
						t.Fatalf("key %d went to %d and now goes to %d, usable are %v", addr, before, m, f.usable())
					}
					memory[key] = m
				}
			})
		})
	}
}
