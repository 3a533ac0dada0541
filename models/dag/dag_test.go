package dag

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// group returns a configuration of so many members, without databases.
func group(members int) Config {
	var c Config
	c.SetDefaults()
	c.PreferenceMove = 0
	for m := range members {
		x := Member{Name: fmt.Sprintf("ex%d", m+1)}
		x.SetDefaults()
		c.Members = append(c.Members, x)
	}
	return c
}

// add adds a database with copies on members, by preference.
func (c *Config) add(members ...int) {
	var b Database
	b.SetDefaults()
	b.Name = fmt.Sprintf("db%d", len(c.Databases)+1)
	for _, m := range members {
		x := Copy{On: c.Members[m].Name}
		x.SetDefaults()
		b.Copies = append(b.Copies, x)
	}
	c.Databases = append(c.Databases, b)
}

// run starts a group on a new engine.
func run(t *testing.T, c Config) (*sim.Engine, *DAG) {
	t.Helper()
	if err := flow.Join(append(flow.Check(&c), c.CheckNames()...)); err != nil {
		t.Fatal(err)
	}
	e, r := sim.New(1, 0), &rig{}
	return e, New(e, c, Options{Listener: r, Observer: r})
}

// Load after a failure: of m members with equal shares, each that is left carries
// m/(m-k) of what it had. 24000 mailboxes on 6 members are 4000, 4800 and 6000
// each. Copies are in all orders of three members, so that what one leaves behind
// is spread evenly.
func TestLoadAfterFailure(t *testing.T) {
	for m := 3; m <= 6; m++ {
		c := group(m)
		for x := range m {
			for y := range m {
				for z := range m {
					if x != y && y != z && x != z {
						c.add(x, y, z)
					}
				}
			}
		}
		e, d := run(t, c)
		databases := len(c.Databases)
		for k := 0; k <= 2 && m-k >= 1; k++ {
			if k > 0 {
				d.MemberDown(k - 1)
				e.Run(e.Now().Add(time.Minute))
			}
			for left := k; left < m; left++ {
				// d.MountedOn(left) = databases/m * m/(m-k), in integers.
				if got := d.MountedOn(left); got*(m-k) != databases {
					t.Errorf("%d of %d members are lost: ex%d has %d of %d databases", k, m, left+1, got, databases)
				}
			}
			if mailboxes := 24000 / databases * d.MountedOn(m-1); m == 6 && mailboxes != [...]int{4000, 4800, 6000}[k] {
				t.Errorf("%d mailboxes after %d failures", mailboxes, k)
			}
		}
	}
}

// A member that stands still for p is left out, and its databases fail over, if
// and only if p is at least so many heartbeats.
func TestFalseFailover(t *testing.T) {
	for _, missed := range []int{5, 10, 20} {
		for _, heartbeat := range []time.Duration{500 * time.Millisecond, time.Second} {
			threshold := time.Duration(missed) * heartbeat
			for _, p := range []time.Duration{
				time.Nanosecond, 500 * time.Millisecond, threshold / 2, threshold - 1, threshold, threshold + 1, 3 * threshold,
			} {
				c := group(3)
				c.Missed, c.Heartbeat = missed, heartbeat
				c.add(1, 2, 0)
				e, d := run(t, c)
				d.MemberStunned(1, p)
				e.Run(sim.Time(10 * time.Minute))
				got := d.DatabaseMeter(0, e.Now())
				want := 0
				if p >= threshold {
					want = 1
				}
				if got.FalseFailovers != want || got.Failovers != want || d.Meter(e.Now()).Evictions != want {
					t.Errorf("still for %v, %d heartbeats of %v: %+v, want %d false failovers", p, missed, heartbeat, got, want)
				}
				if d.State(0, 0) == Away {
					t.Errorf("still for %v: the member has not come back", p)
				}
			}
		}
	}
}

// A crash is over within 30 s by default, as in the documented example, and 3 s
// later if the primary active manager was lost.
func TestCrashTakesThirtySeconds(t *testing.T) {
	for m, want := range []time.Duration{33 * time.Second, 30 * time.Second, 30 * time.Second} {
		c := group(3)
		c.add(m, (m+1)%3, (m+2)%3)
		e, d := run(t, c)
		e.Run(sim.Time(time.Hour))
		d.MemberDown(m)
		e.Run(sim.Time(2 * time.Hour))
		if got := d.DatabaseMeter(0, e.Now()); got.Dismounted != want || got.Failovers != 1 {
			t.Errorf("ex%d crashes: %+v, want %v dismounted", m+1, got, want)
		}
	}
}

// A watcher checks what a listener is told.
type watcher struct {
	rig
	t       *testing.T
	dag     *DAG
	mounted []int // by database: the member, -1 if none
}

func (w *watcher) Mounted(database, member int) {
	if w.mounted[database] >= 0 {
		w.t.Errorf("%v: database %d is mounted twice", w.dag.e.Now(), database)
	}
	if m := &w.dag.members[member]; !w.dag.holds || !m.takesPart() || m.side != w.dag.side {
		w.t.Errorf("%v: database %d is mounted on member %d, which is not there", w.dag.e.Now(), database, member)
	}
	w.mounted[database] = member
}

func (w *watcher) Dismounted(database int) {
	if w.mounted[database] < 0 {
		w.t.Errorf("%v: database %d is dismounted twice", w.dag.e.Now(), database)
	}
	w.mounted[database] = -1
}

// Whatever befalls a group, a database is mounted once at most, with quorum and
// where somebody is; and when all is well again, all are mounted and healthy.
func TestWhateverBefalls(t *testing.T) {
	for seed := range uint64(400) {
		once := befall(t, seed)
		if again := befall(t, seed); again != once {
			t.Fatalf("seed %d: the same run differs", seed)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// befall runs a random group through random events.
func befall(t *testing.T, seed uint64) (fingerprint uint64) {
	u := sim.NewStream(seed, 0, "befall")
	n := 1 + u.IntN(6)
	c := group(n)
	c.Quorum = []QuorumMode{Static, Dynamic}[u.IntN(2)]
	c.WitnessVote = []WitnessVote{VoteAuto, VoteAlways, VoteNever}[u.IntN(3)]
	c.Witness = []string{None, Outside}[u.IntN(2)]
	c.DAC = u.IntN(2) == 0
	c.Parallel = u.IntN(3)
	if u.IntN(2) == 0 {
		c.PreferenceMove = time.Hour
	}
	for m := range c.Members {
		c.Members[m].Dial = Dials[u.IntN(3)].New()
		c.Members[m].MaxActive = u.IntN(4) * 4
	}
	for range 1 + u.IntN(8) {
		order := make([]int, n)
		for i := range order {
			j := u.IntN(i + 1)
			order[i], order[j] = order[j], i
		}
		c.add(order[:1+u.IntN(n)]...)
		b := &c.Databases[len(c.Databases)-1]
		for j := range b.Copies {
			b.Copies[j].CopyQueue = u.IntN(14)
		}
	}
	if err := flow.Join(append(flow.Check(&c), c.CheckNames()...)); err != nil {
		t.Fatal(err)
	}
	e := sim.New(seed, 0)
	w := &watcher{t: t, mounted: make([]int, len(c.Databases))}
	d := New(e, c, Options{Listener: w, Observer: w})
	w.dag = d
	for i := range w.mounted {
		w.mounted[i], _ = d.Active(i)
	}
	for range 200 {
		for range 1 + u.IntN(3) { // at one instant
			oneEvent(d, u)
		}
		e.Run(e.Now().Add(time.Duration(u.IntN(60_000)) * time.Millisecond))
		w.check(c)
	}
	d.NetworkHealed()
	d.WitnessUp()
	for m := range n {
		d.MemberUp(m)
	}
	for i := range c.Databases {
		for _, copy := range c.Databases[i].Copies {
			d.CopyMended(i, slices.IndexFunc(c.Members, func(m Member) bool { return m.Name == copy.On }))
		}
	}
	e.Run(e.Now().Add(24 * time.Hour))
	w.check(c)
	for i := range c.Databases {
		if _, mounted := d.Active(i); !mounted {
			t.Errorf("all is well, but database %d is not mounted", i)
		}
		for j := range c.Databases[i].Copies {
			if s := d.State(i, j); s != Active && s != Healthy {
				t.Errorf("all is well, but copy %d of database %d is %v", j, i, s)
			}
		}
	}
	return e.Stats().Fingerprint
}

func oneEvent(d *DAG, u *sim.Stream) {
	n := len(d.members)
	m, i := u.IntN(n), u.IntN(len(d.databases))
	switch u.IntN(13) {
	case 0, 1:
		d.MemberDown(m)
	case 2, 3, 4:
		d.MemberUp(m)
	case 5:
		d.MemberShutdown(m)
	case 6:
		d.MemberStunned(m, time.Duration(1+u.IntN(20))*time.Second)
	case 7:
		d.WitnessDown()
	case 8:
		d.WitnessUp()
	case 9:
		sides := make([]Side, 1+u.IntN(3))
		for m := range n {
			s := &sides[u.IntN(len(sides))]
			s.Members = append(s.Members, m)
			s.Witness = u.IntN(2) == 0
		}
		d.NetworkSplit(sides)
	case 10:
		d.NetworkHealed()
	case 11:
		d.Switchover(i, u.IntN(n+1)-1)
	case 12:
		if u.IntN(2) == 0 {
			d.DatabaseFailed(i)
		} else {
			d.CopyMended(i, m)
		}
	}
}

// check compares what the listener was told with the group's state, and that
// state with itself.
func (w *watcher) check(c Config) {
	d := w.dag
	starting, waiting := make([]int, len(d.members)), make([]int, len(d.members))
	for i := range d.databases {
		b := &d.databases[i]
		on, mounted := d.Active(i)
		if mounted != (w.mounted[i] >= 0) || mounted && on != w.mounted[i] {
			w.t.Errorf("%v: database %d is on %d (%v), but was told to be on %d", d.e.Now(), i, on, mounted, w.mounted[i])
		}
		if m := &d.members[on]; mounted && (!d.holds || !m.takesPart() || m.side != d.side) {
			w.t.Errorf("%v: database %d is mounted on member %d, which is not there", d.e.Now(), i, on)
		}
		active := 0
		for j := range b.copies {
			if s := b.copies[j].state; s == Active || s == Failed && j == b.active {
				active++
			}
		}
		if active != 1 {
			w.t.Errorf("%v: database %d has %d active copies", d.e.Now(), i, active)
		}
		if b.target >= 0 && b.began {
			starting[d.memberOf(i, b.target)]++
		} else if b.target >= 0 {
			waiting[d.memberOf(i, b.target)]++
		}
	}
	for m := range d.members {
		x := &d.members[m]
		if x.starting != starting[m] || len(x.waiting) != waiting[m] || c.Parallel > 0 && x.starting > c.Parallel {
			w.t.Errorf("%v: member %d mounts %d, and %d wait, but there are %d and %d", d.e.Now(), m, x.starting, len(x.waiting), starting[m], waiting[m])
		}
	}
}
