package sched_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// The tests here hold for every algorithm in the table, as every product runs
// it: whoever adds one has nothing to add here.

// algorithm is one algorithm with its parameters.
type algorithm struct {
	name   string
	policy lb.SchedulerPolicy
}

// setting is a value of a parameter.
type setting struct {
	field int
	value any
}

// algorithms lists the table's entries with their defaults, and with the other
// values below that they accept: every product and table with every other word,
// or with one other value of another parameter, and two of these without a
// product.
var algorithms = sync.OnceValue(func() (all []algorithm) {
	for _, kind := range sched.Table {
		add := func(settings ...setting) {
			p, name := set(kind.New, settings)
			if len(flow.Check(p)) == 0 {
				all = append(all, algorithm{kind.Name + name, p})
			}
		}
		var values []setting // of parameters that are no words
		wordings := [][]setting{nil}
		fields := parameters(kind.New())
		for _, i := range wordsFirst(fields) {
			switch f := fields[i]; f.value.Kind() {
			case reflect.String:
				for _, w := range wordings {
					if slices.ContainsFunc(w, func(s setting) bool { return rank(fields[s.field]) == rankOther }) {
						continue // one other word is enough
					}
					for _, word := range words(kind.New, f.path, append(slices.Clone(w), setting{i, "nonsense"})) {
						if word != f.value.String() {
							wordings = append(wordings, append(slices.Clone(w), setting{i, word}))
						}
					}
				}
			case reflect.Bool:
				values = append(values, setting{i, true})
			case reflect.Int:
				values = append(values, setting{i, 2}, setting{i, 11})
			case reflect.Float64:
				values = append(values, setting{i, 1.25})
			}
		}
		for _, w := range wordings {
			add(w...)
			for _, v := range values {
				if !slices.ContainsFunc(w, func(s setting) bool { return rank(fields[s.field]) == rankOther }) {
					add(append(slices.Clone(w), v)...)
				}
			}
		}
		for i, a := range values {
			for _, b := range values[:i] {
				if a.field != b.field {
					add(b, a)
				}
			}
		}
	}
	return all
})

// A product decides which tables there are, and both which other words.
const (
	rankProduct = iota
	rankTable
	rankOther
)

func rank(p parameter) int {
	switch p.path {
	case "like":
		return rankProduct
	case "table":
		return rankTable
	}
	return rankOther
}

// wordsFirst returns the numbers of the parameters in the order of their rank.
func wordsFirst(fields []parameter) []int {
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(fields[a]) - rank(fields[b]) })
	return order
}

// set returns a policy with some parameters, and a name for it.
func set(fresh func() lb.SchedulerPolicy, settings []setting) (lb.SchedulerPolicy, string) {
	p := fresh()
	fields := parameters(p)
	name := ""
	for _, f := range fields {
		if f.path == "size" && f.value.Int() == 0 {
			f.value.SetInt(251) // a table that is laid out fast
		}
	}
	for _, s := range settings {
		fields[s.field].value.Set(reflect.ValueOf(s.value))
		name += fmt.Sprintf(", %s %v", fields[s.field].path, s.value)
	}
	return p, name
}

// words returns the words that a parameter may have, as the policy lists them
// when it meets one that it does not know.
func words(fresh func() lb.SchedulerPolicy, path string, settings []setting) []string {
	p, _ := set(fresh, settings)
	for _, problem := range flow.Check(p) {
		if _, list, ok := strings.Cut(problem.Text, "is not one of "); ok && problem.Path == path {
			return strings.Split(list, ", ")
		}
	}
	return nil
}

// parameter is a field of a policy.
type parameter struct {
	path  string
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
				list = append(list, parameter{f.Tag.Get("yaml"), v.Field(i)})
			}
		}
	}
	add(reflect.ValueOf(p).Elem())
	return list
}

// mayRefuse reports whether an algorithm leaves clients without a server
// although one is usable, as the hashes of IPVS do without a fallback, and
// HAProxy while servers are full, for which connections wait rather than go to
// backup servers.
func (a *algorithm) mayRefuse(f *farm) bool {
	switch p := a.policy.(type) {
	case *sched.SourceHash:
		return p.Like == "ipvs" && !p.Fallback
	case *sched.Priority:
		return p.Like == "haproxy" && slices.ContainsFunc(f.view.Members, func(v lb.Member) bool { return v.Full() && !v.Usable })
	}
	return false
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
					t.Errorf("%s accepts %s: nonsense: %v", kind.Name, f.path, problems)
				}
			}
		}
	}
	if n := len(algorithms()); n < 2*len(sched.Table) {
		t.Errorf("only %d variants of %d algorithms: have the parameters other names?", n, len(sched.Table))
	}
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
					case m == -1 && a.mayRefuse(f):
					case len(list) > 0 && !slices.Contains(list, m):
						t.Fatalf("picks %d, usable are %v", m, list)
					}
					if m >= 0 && !f.view.Members[m].Full() && rapid.Bool().Draw(t, "keep") {
						f.count(m, +1)
					}
				}
			})
		})
	}
}

// The words come from the policies, so that none is forgotten.
func TestVariants(t *testing.T) {
	var names []string
	for _, a := range algorithms() {
		names = append(names, a.name)
	}
	for _, want := range []string{
		"round-robin, like kemp", "peak-ewma, like finagle", "peak-ewma, like linkerd", "least-connections, per server",
		"least-connections, like f5, per limit", "source-hash, like katran-v1, table maglev", "source-hash, like katran-v2, table maglev",
		"source-hash, like envoy, table ring, point_hash murmur2", "source-hash, like ipvs, fallback true", "url-hash, like haproxy, table ring, hash wt6-avalanche",
		"header-hash, hash sdbm", "header-hash, table maglev, hash djb2", "url-hash, like haproxy, hash crc32", "priority, like envoy",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("%q is not among the %d variants", want, len(names))
		}
	}
	t.Logf("%d variants", len(names))
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
				slack = 1 // the turns that were skipped may have ended in the middle of a cycle
			}
			turns := func() []int64 { // in one cycle
				picked := make([]int64, len(weights))
				for range cycle {
					picked[f.schedulers[0].Pick(&lb.Query{})]++
				}
				return picked
			}
			for m, n := range turns() {
				if d := n - weights[m]; d < -slack || d > slack {
					t.Errorf("%s, weights %v: server %d has %d turns in the first cycle", a.name, weights, m, n)
				}
			}
			for n := range 1000 {
				if picked := turns(); !slices.Equal(picked, weights) {
					t.Fatalf("%s, weights %v: after %d cycles the next has %v", a.name, weights, n+1, picked)
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
		if !strings.HasPrefix(a.name, "source-hash") && !strings.HasPrefix(a.name, "url-hash") || strings.Contains(a.name, "load_bound") || strings.Contains(a.name, "like") {
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
