package persist_test

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/sim"
)

// The tests here hold for every mode in the table: whoever adds one has nothing
// to add here.

// world is what modes see: every connection is of the client, the dialog and the
// value of its number.
type world struct {
	lost    map[flow.ConnID]bool   // clients without cookies
	session map[flow.ConnID]uint32 // of TLS
}

func (w world) Cookies(id flow.ConnID) bool               { return !w.lost[id] }
func (w world) Session(id flow.ConnID, _ sim.Time) uint32 { return w.session[id] }
func (world) Occasion(id flow.ConnID) uint64              { return uint64(id) }
func (world) Dialog(id flow.ConnID) uint64                { return uint64(id) }
func (world) Key(string) int                              { return 0 }
func (world) Value(id flow.ConnID, _ int) (uint32, bool)  { return uint32(id), true }
func (world) Text(int, uint32) string                     { return "" }
func (world) query(client int, now time.Duration) *lb.Query {
	return &lb.Query{Client: flow.ClientID(client), Addr: flow.AddrID(client), Conn: flow.ConnID(client), Now: sim.Time(now)}
}

func newWorld() world {
	return world{lost: map[flow.ConnID]bool{}, session: map[flow.ConnID]uint32{}}
}

// env is a service of some servers for clients with an address each.
func (w world) env(clients, servers int) lb.PersistenceEnv {
	env := lb.PersistenceEnv{Clients: clients, Keys: w, Habits: w, Rand: sim.NewStream(1, 0, "test")}
	for i := range clients {
		env.Addrs = append(env.Addrs, netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	for m := range servers {
		env.Servers = append(env.Servers, int32(10*m))
	}
	shared := map[string]any{}
	env.Shared = func(name string, build func() any) any {
		if shared[name] == nil {
			shared[name] = build()
		}
		return shared[name]
	}
	return env
}

const hour = time.Hour // the time-out of every mode, unless it is told another

// each runs a test for every mode that remembers clients.
func each(t *testing.T, f func(t *testing.T, policy func() lb.PersistencePolicy)) {
	for _, kind := range persist.Table {
		if kind.Name != "none" {
			t.Run(kind.Name, func(t *testing.T) { f(t, kind.New) })
		}
	}
}

// agents lets no two clients of super-http look alike.
func agents(p lb.PersistencePolicy) lb.PersistencePolicy {
	if s, ok := p.(*persist.SuperHTTP); ok {
		s.Authorization = 1
	}
	return p
}

func TestNone(t *testing.T) {
	if p := (persist.None{}).NewPersistence(lb.PersistenceEnv{}); p != nil {
		t.Error("none remembers")
	}
}

// A client is known until its time-out and not after, is not taken for another,
// and nothing is allocated for it. The defaults are valid.
func TestEveryModeRemembers(t *testing.T) {
	each(t, func(t *testing.T, policy func() lb.PersistencePolicy) {
		if problems := flow.Check(policy()); len(problems) > 0 {
			t.Errorf("the defaults are refused: %v", problems)
		}
		w := newWorld()
		p := agents(policy()).NewPersistence(w.env(40, 4))
		one := w.query(1, 5)
		if r := p.Lookup(one); r.Member != -1 || r.Last != -1 || r.Why != flow.Stayed {
			t.Errorf("a client that was never there: %+v", r)
		}
		p.Store(one, 3, flow.Stayed)
		expect(t, p, one, 3, 3, flow.Stayed)
		expect(t, p, w.query(2, 5), -1, -1, flow.Stayed)
		expect(t, p, w.query(1, hour+4), 3, 3, flow.Stayed)
		expect(t, p, w.query(1, hour+5), -1, 3, flow.Expired)
		p.Store(w.query(1, hour), 3, flow.Stayed)
		expect(t, p, w.query(1, 2*hour-1), 3, 3, flow.Stayed)
		p.Store(w.query(1, hour), 2, flow.ServerDown)
		expect(t, p, w.query(1, hour), 2, 2, flow.Stayed)
		p.Clear(3)
		expect(t, p, w.query(1, hour), 2, 2, flow.Stayed)
		p.Clear(2)
		expect(t, p, w.query(1, hour), -1, 2, flow.ServerDown)
		if n := testing.AllocsPerRun(100, func() { p.Lookup(one); p.Store(one, 1, flow.Stayed); p.Touch(one) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func expect(t *testing.T, p lb.Persistence, q *lb.Query, member, last int32, why flow.Move) {
	t.Helper()
	if r := p.Lookup(q); r.Member != member || r.Last != last || r.Why != why {
		t.Errorf("client %d at %v: member %d, last %d, %v; want %d, %d, %v", q.Client, q.Now, r.Member, r.Last, r.Why, member, last, why)
	}
}

// Whatever the options and whatever happens, each mode does what a table of Go's
// maps does, lookups stay in range, and a client that is known and not kept has
// a reason.
func TestEveryModeAgainstMaps(t *testing.T) {
	each(t, func(t *testing.T, policy func() lb.PersistencePolicy) {
		rapid.Check(t, func(t *rapid.T) {
			const clients, servers = 12, 4
			policy := agents(policy())
			o, room := parts(policy)
			o.Refresh = rapid.SampledFrom([]string{"use", "never"}).Draw(t, "refresh")
			if _, bounded := reflect.TypeOf(policy).Elem().FieldByName("Room"); bounded {
				room.Size = rapid.IntRange(0, 6).Draw(t, "size")
				room.Evict = rapid.SampledFrom([]string{"oldest", "none"}).Draw(t, "evict")
			}
			if rapid.Bool().Draw(t, "shared") {
				o.Share = "group"
			}
			if problems := flow.Check(policy); len(problems) > 0 {
				t.Fatal(problems)
			}
			w := newWorld()
			env := w.env(clients, servers)
			p, twin := policy.NewPersistence(env), policy.NewPersistence(env)
			m := model{timeout: hour, absolute: o.Refresh == "never", size: room.Size, purge: room.Evict == "oldest", records: map[int]*entry{}}
			now := time.Duration(0)
			for range rapid.IntRange(1, 60).Draw(t, "steps") {
				now += time.Duration(rapid.IntRange(1, 50).Draw(t, "minutes")) * time.Minute
				c := rapid.IntRange(0, clients-1).Draw(t, "client")
				q := w.query(c, now)
				r := p.Lookup(q)
				want := m.lookup(c, now)
				if int(r.Member) != want {
					t.Fatalf("client %d at %v: member %d, want %d", c, now, r.Member, want)
				}
				if r.Member < -1 || r.Member >= servers || r.Last < -1 || r.Last >= servers {
					t.Fatalf("out of range: %+v", r)
				}
				if r.Last != r.Member && r.Last >= 0 && r.Why == flow.Stayed {
					t.Fatalf("client %d at %v was moved without a reason: %+v", c, now, r)
				}
				if o.Share != "" && twin.Lookup(q) != r {
					t.Fatalf("the other service knows %+v of client %d, this one %+v", twin.Lookup(q), c, r)
				}
				switch rapid.IntRange(0, 5).Draw(t, "step") {
				case 0:
					s := rapid.IntRange(0, servers-1).Draw(t, "cleared")
					p.Clear(s)
					m.clear(s)
				case 1:
					p.Touch(q)
					m.touch(c, now)
				default:
					to := int(r.Member)
					if to < 0 || rapid.IntRange(0, 3).Draw(t, "moves") == 0 {
						to = rapid.IntRange(0, servers-1).Draw(t, "to")
					}
					p.Store(q, to, flow.Full)
					m.store(c, to, now)
				}
			}
		})
	})
}

// parts finds what modes embed; cookies have no room.
func parts(p lb.PersistencePolicy) (*persist.Options, *persist.Room) {
	v := reflect.ValueOf(p).Elem()
	room := &persist.Room{}
	if f := v.FieldByName("Room"); f.IsValid() {
		room = f.Addr().Interface().(*persist.Room)
	}
	return v.FieldByName("Options").Addr().Interface().(*persist.Options), room
}

// model is the plainest table there is.
type model struct {
	timeout         time.Duration
	absolute, purge bool
	size            int
	records         map[int]*entry
}

type entry struct {
	to      int
	expires time.Duration
	cleared bool
}

func (m *model) lookup(c int, now time.Duration) int {
	if e := m.records[c]; e != nil && e.expires > now && !e.cleared {
		return e.to
	}
	return -1
}

func (m *model) store(c, to int, now time.Duration) {
	if m.lookup(c, now) == to && m.absolute {
		return
	}
	delete(m.records, c)
	oldest := -1
	for i, e := range m.records {
		if e.expires <= now {
			delete(m.records, i)
		} else if oldest < 0 || e.expires < m.records[oldest].expires {
			oldest = i
		}
	}
	if m.size > 0 && len(m.records) >= m.size {
		if !m.purge {
			return
		}
		delete(m.records, oldest)
	}
	m.records[c] = &entry{to: to, expires: now + m.timeout}
}

func (m *model) touch(c int, now time.Duration) {
	if to := m.lookup(c, now); to >= 0 {
		m.store(c, to, now)
	}
}

func (m *model) clear(to int) {
	for _, e := range m.records {
		if e.to == to {
			e.cleared = true
		}
	}
}

// KEMP rounds time-outs down to whole minutes; less than one is none.
func TestRounding(t *testing.T) {
	each(t, func(t *testing.T, policy func() lb.PersistencePolicy) {
		for seconds, want := range map[int]time.Duration{59: 0, 60: 60, 90: 60, 119: 60, 120: 120, 360: 360} {
			policy := policy()
			o, _ := parts(policy)
			o.Round = time.Minute
			if got := o.Effective(time.Duration(seconds) * time.Second); got != want*time.Second {
				t.Errorf("%d s become %v", seconds, got)
			}
		}
	})
	short := &persist.SourceIP{Timeout: 59 * time.Second, Options: persist.Options{Round: time.Minute}}
	if p := short.NewPersistence(newWorld().env(1, 1)); p != nil {
		t.Errorf("59 s are not none: %T", p)
	}
}

// A mask lets a network be one client.
func TestPrefix(t *testing.T) {
	w := newWorld()
	env := w.env(600, 3)
	env.Addrs = append(env.Addrs, netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db9::1"))
	for range 3 {
		env.Clients++
	}
	p := (&persist.SourceIP{Timeout: hour, Prefix: 24, Prefix6: 64}).NewPersistence(env)
	p.Store(w.query(7, 0), 1, flow.Stayed)
	p.Store(w.query(600, 0), 2, flow.Stayed)
	for client, want := range map[int]int32{0: 1, 255: 1, 256: -1, 599: -1, 601: 2, 602: -1} {
		if r := p.Lookup(w.query(client, 1)); r.Member != want {
			t.Errorf("%v is kept on %d, want %d", env.Addrs[client], r.Member, want)
		}
	}
}

// What a client loses its server for, by mode.
func TestKeysThatChange(t *testing.T) {
	w := newWorld()
	w.lost[1] = true
	p := (&persist.CookieInsert{Timeout: hour}).NewPersistence(w.env(4, 3))
	p.Store(w.query(0, 0), 2, flow.Stayed)
	p.Store(w.query(1, 0), 2, flow.Stayed)
	expect(t, p, w.query(0, 1), 2, 2, flow.Stayed)
	expect(t, p, w.query(1, 1), -1, 2, flow.KeyChanged)
	expect(t, p, w.query(1, hour), -1, 2, flow.Expired)

	tls := (&persist.SSLSessionID{Timeout: hour}).NewPersistence(w.env(4, 3))
	tls.Store(w.query(0, 0), 2, flow.Stayed)
	w.session[0] = 1
	expect(t, tls, w.query(0, 1), -1, 2, flow.KeyChanged)
	tls.Store(w.query(0, 1), 1, flow.KeyChanged)
	expect(t, tls, w.query(0, 2), 1, 1, flow.Stayed)

	src := (&persist.SourceIP{Timeout: hour}).NewPersistence(w.env(4, 3))
	src.Store(w.query(0, 0), 2, flow.Stayed)
	q := w.query(0, 1)
	q.Addr = 3 // where nobody was
	expect(t, src, q, -1, 2, flow.KeyChanged)
	src.Store(w.query(3, 1), 1, flow.Stayed)
	expect(t, src, q, 1, 2, flow.KeyChanged) // where another client was

	hash := (&persist.CookieHash{Timeout: hour, Changes: time.Minute}).NewPersistence(w.env(4, 3))
	hash.Store(w.query(0, 0), 2, flow.Stayed)
	expect(t, hash, w.query(0, time.Minute), -1, 2, flow.KeyChanged)

	// Clients that share a record are moved with it.
	both := w.query(1, 0)
	both.Addr = 0
	src.Store(w.query(0, 0), 2, flow.Stayed)
	src.Store(both, 2, flow.Stayed)
	src.Store(w.query(0, 1), 1, flow.ServerDown)
	expect(t, src, both, 1, 2, flow.ServerDown)
}

// Only a request without the key falls back to its address.
func TestFallback(t *testing.T) {
	w := newWorld()
	w.lost[2] = true
	p := (&persist.CookieOrSourceIP{Timeout: hour}).NewPersistence(w.env(9, 3))
	at := func(client, addr int, now time.Duration) *lb.Query {
		q := w.query(client, now)
		q.Addr = flow.AddrID(addr)
		return q
	}
	p.Store(at(0, 5, 0), 1, flow.Stayed)
	expect(t, p, at(1, 5, 1), 1, 1, flow.Stayed) // a new client behind the same address
	expect(t, p, at(1, 6, 1), -1, -1, flow.Stayed)
	expect(t, p, at(0, 6, 1), 1, 1, flow.Stayed) // its cookie goes where it goes
	p.Store(at(2, 5, 1), 1, flow.Stayed)
	expect(t, p, at(2, 5, 2), 1, 1, flow.Stayed) // without cookies
	p.Store(at(3, 5, 2), 2, flow.ServerDown)
	expect(t, p, at(0, 5, 3), 1, 1, flow.Stayed)     // has its cookie
	expect(t, p, at(2, 5, 3), 2, 1, flow.KeyChanged) // goes where the address went; its cookie would have led to 1
	// A cookie that has expired is a key all the same.
	p.Store(at(4, 5, hour-2), 2, flow.Stayed)
	expect(t, p, at(0, 5, hour), -1, 1, flow.Expired)

	rdp := &persist.RDP{Timeout: hour, Absent: 1, Options: persist.Options{Fallback: "source-ip"}}
	p = rdp.NewPersistence(w.env(9, 3))
	p.Store(at(0, 5, 0), 1, flow.Stayed)
	expect(t, p, at(1, 5, 1), 1, 1, flow.Stayed)
	rdp.Fallback = "none"
	p = rdp.NewPersistence(w.env(9, 3))
	p.Store(at(0, 5, 0), 1, flow.Stayed)
	if r := p.Lookup(at(0, 5, 1)); r.Member != -1 || !r.Absent {
		t.Errorf("%+v", r)
	}
}

// A request from before the log-on belongs to no session, and does not move one.
func TestAbsentCookies(t *testing.T) {
	w := newWorld()
	p := (&persist.CookieServer{Timeout: hour, Absent: 0.3}).NewPersistence(w.env(1000, 3))
	absent := 0
	for i := range 1000 {
		q := w.query(i, 0)
		p.Store(q, 1, flow.Stayed)
		switch r := p.Lookup(q); {
		case r.Absent && r.Member == -1 && r.Last == -1:
			absent++
		case r.Absent || r.Member != 1:
			t.Fatalf("client %d: %+v", i, r)
		}
	}
	if absent < 250 || absent > 350 {
		t.Errorf("%d of 1000 requests have no cookie, 30 %% are expected", absent)
	}
}

// Users of one browser are one client to super-http, unless they log on.
func TestFingerprints(t *testing.T) {
	w := newWorld()
	for _, c := range []struct {
		authorization flow.Share
		least, most   int
	}{{0, 5, 5}, {1, 1000, 1000}, {0.5, 450, 560}} {
		p := (&persist.SuperHTTP{Timeout: hour, Agents: 5, Authorization: c.authorization}).NewPersistence(w.env(1000, 3))
		fresh := 0
		for i := range 1000 {
			if p.Lookup(w.query(i, 0)).Member < 0 {
				fresh++
			}
			p.Store(w.query(i, 0), 1, flow.Stayed)
		}
		if fresh < c.least || fresh > c.most {
			t.Errorf("authorization %v: %d records", c.authorization, fresh)
		}
	}
}

// A template does not expire while its connections are open, but is looked at
// again every 60 s after its time.
func TestHoldWhileOpen(t *testing.T) {
	w := newWorld()
	p := (&persist.SourceIP{Timeout: hour, HoldWhileOpen: true}).NewPersistence(w.env(1, 2))
	h := p.(lb.Holder)
	p.Store(w.query(0, 0), 1, flow.Stayed)
	h.Took(w.query(0, 0), 1)
	expect(t, p, w.query(0, 10*hour), 1, 1, flow.Stayed)
	h.Gave(w.query(0, 10*hour+90*time.Second), 1)
	expect(t, p, w.query(0, 10*hour+119*time.Second), 1, 1, flow.Stayed)
	expect(t, p, w.query(0, 10*hour+120*time.Second), -1, 1, flow.Expired)
}

// Services that share a table have the same servers under other numbers.
func TestShare(t *testing.T) {
	w := newWorld()
	one := w.env(3, 3) // servers 0, 10, 20
	two := one
	two.Servers = []int32{20, 30, 0}
	policy := &persist.SourceIP{Timeout: hour, Options: persist.Options{Ties: lb.Ties{Share: "web"}}}
	other := &persist.SourceIP{Timeout: hour, Options: persist.Options{Ties: lb.Ties{Share: "mail"}}}
	a, b, c := policy.NewPersistence(one), policy.NewPersistence(two), other.NewPersistence(one)
	a.Store(w.query(0, 0), 2, flow.Stayed)
	b.Store(w.query(1, 0), 1, flow.Stayed)
	expect(t, b, w.query(0, 1), 0, 0, flow.Stayed)
	expect(t, a, w.query(1, 1), -1, -1, flow.Stayed) // it has no server 30
	expect(t, c, w.query(0, 1), -1, -1, flow.Stayed)
	b.Clear(0)
	expect(t, a, w.query(0, 1), -1, 2, flow.ServerDown)
}

// A record and what goes with it take 40 bytes.
func TestMemory(t *testing.T) {
	if n := persist.EntryBytes; n > 64 {
		t.Errorf("%d bytes", n)
	}
	const clients = 1_000_000
	w := newWorld()
	env := w.env(clients, 2)
	for _, policy := range []lb.PersistencePolicy{
		&persist.SourceIP{Timeout: hour, Room: persist.Room{Size: clients / 2}}, &persist.CookieInsert{Timeout: hour},
	} {
		var p lb.Persistence
		bytes := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				p = policy.NewPersistence(env)
			}
		}).AllocedBytesPerOp()
		// The addresses' numbers and a map of networks are outside.
		if per := float64(bytes) / clients; per > 64 {
			t.Errorf("%T: %.0f bytes a client", policy, per)
		} else {
			t.Logf("%T: %.0f bytes a client", policy, per)
		}
		q := w.query(0, 0)
		if n := testing.AllocsPerRun(10000, func() {
			q.Client++
			q.Addr, q.Conn = flow.AddrID(q.Client), flow.ConnID(q.Client)
			p.Lookup(q)
			p.Store(q, 1, flow.Stayed)
		}); n != 0 {
			t.Errorf("%T: %v allocations", policy, n)
		}
	}
}
