package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// recorder binds ports that write down what fires.
type recorder struct {
	*Engine
	log []string
}

func (r *recorder) port(name string, p Phase) Port[uint32] {
	return Bind(r.Engine, name, p, func(arg uint32) { r.log = append(r.log, fmt.Sprintf("%v %s %d", r.Now(), name, arg)) })
}

func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.log, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(r.log, "\n"), strings.Join(want, "\n"))
	}
	r.log = nil
}

func TestPhasesOrderAnInstant(t *testing.T) {
	r := &recorder{Engine: New(1, 0)}
	names := []string{"fault", "depart", "expire", "arrive", "observe"}
	var ports []Port[uint32]
	for p, name := range names {
		ports = append(ports, r.port(name, Phase(p)))
	}
	for _, p := range slices.Backward(ports) {
		p.At(5, 1)
		p.At(5, 2)
		p.At(4, 0)
	}
	r.Run(10)
	var want []string
	for _, name := range names {
		want = append(want, "4ns "+name+" 0")
	}
	for _, name := range names {
		want = append(want, "5ns "+name+" 1", "5ns "+name+" 2")
	}
	r.expect(t, want...)
}

// What a handler schedules for its own instant fires in it: in a later phase
// after the events of this phase, in an earlier phase as the next event.
func TestHandlersScheduleWithinTheInstant(t *testing.T) {
	r := &recorder{Engine: New(1, 0)}
	depart, arrive := r.port("depart", Depart), r.port("arrive", Arrive)
	cause := Bind(r.Engine, "cause", Expire, func(uint32) {
		arrive.After(0, 1)
		depart.After(0, 2)
	})
	arrive.At(3, 0)
	cause.At(3, 0)
	cause.At(3, 0)
	r.Run(3)
	r.expect(t, "3ns depart 2", "3ns depart 2", "3ns arrive 0", "3ns arrive 1", "3ns arrive 1")
}

func TestRunStopsAndGoesOn(t *testing.T) {
	r := &recorder{Engine: New(1, 0)}
	p := r.port("p", Arrive)
	stop := Bind(r.Engine, "stop", Arrive, func(uint32) { r.Stop() })
	p.At(1, 0)
	stop.At(2, 0)
	p.At(2, 1)
	p.At(7, 2)
	r.Run(5)
	r.expect(t, "1ns p 0")
	if r.Now() != 2 {
		t.Errorf("stopped at 2ns, the clock says %v", r.Now())
	}
	r.Run(5)
	r.expect(t, "2ns p 1")
	if r.Now() != 5 || r.Pending() != 1 {
		t.Errorf("at %v with %d pending, want 5ns with 1", r.Now(), r.Pending())
	}
	r.Run(7)
	r.expect(t, "7ns p 2")
}

func TestTimer(t *testing.T) {
	r := &recorder{Engine: New(1, 0)}
	timer := NewTimer(r.Engine, "timer", Expire, func() { r.log = append(r.log, r.Now().String()) })
	r.Run(10)
	r.expect(t) // a new timer is stopped
	timer.Set(5)
	timer.Set(3)
	r.Run(20)
	r.expect(t, "13ns") // it runs out once, when it was last set to
	timer.Set(5)
	timer.Stop()
	timer.Stop()
	r.Run(30)
	r.expect(t)
	timer.SetAt(31)
	r.Run(31)
	r.expect(t, "31ns")
	timer.Stop() // after it ran out
	if n := r.Stats().Cancelled; n != 2 {
		t.Errorf("%d cancellations, want 2", n)
	}
}

func TestTrace(t *testing.T) {
	e := New(1, 0)
	var log []string
	p := Bind(e, "server/done", Depart, func(uint64) { log = append(log, "handled") })
	e.Trace(func(at Time, port string, arg uint64) { log = append(log, fmt.Sprintf("%v %s %d", at, port, arg)) })
	p.At(1, 1<<50)
	p.Set(2, 7)
	e.Run(5)
	e.Trace(nil)
	p.At(6, 0)
	e.Run(6)
	want := []string{"1ns server/done 1125899906842624", "handled", "2ns server/done 7", "handled", "handled"}
	if !slices.Equal(log, want) {
		t.Errorf("got %q, want %q", log, want)
	}
}

// ties runs events of two instants and two phases in a shuffled order.
func ties(seed uint64) []string {
	r := &recorder{Engine: New(1, 0)}
	r.ShuffleTies(seed)
	arrive, depart := r.port("arrive", Arrive), r.port("depart", Depart)
	for i := range uint32(20) {
		arrive.At(Time(1+i%2), i)
		depart.At(Time(1+i%2), i)
	}
	r.Run(5)
	return r.log
}

func TestShuffleTies(t *testing.T) {
	plain, shuffled := ties(0), ties(1)
	if slices.Equal(plain, shuffled) || slices.Equal(shuffled, ties(2)) {
		t.Error("the order of ties does not depend on the seed")
	}
	if !slices.Equal(shuffled, ties(1)) {
		t.Error("the same seed gives another order")
	}
	// Instants and phases stay where they are, and nothing is lost.
	for i := 0; i < len(plain); i += 10 {
		a, b := slices.Sorted(slices.Values(plain[i:i+10])), slices.Sorted(slices.Values(shuffled[i:i+10]))
		if !slices.Equal(a, b) {
			t.Errorf("events %d to %d: got %q, want %q in any order", i, i+9, b, a)
		}
	}
}

// An event that has fired leaves its slot to others; a Pending of the first
// does not reach them.
func TestPendingOfAnotherEventInTheSameSlot(t *testing.T) {
	r := &recorder{Engine: New(1, 0)}
	p := r.port("p", Arrive)
	old := p.Set(1, 1)
	r.Run(1)
	fresh := p.Set(1, 2)
	if uint32(old) != uint32(fresh) {
		t.Fatal("the slot was not used again: the test has lost its point")
	}
	if r.IsPending(old) || r.Cancel(old) || !r.IsPending(fresh) {
		t.Error("the Pending of an event that has fired names another one")
	}
	if r.Cancel(0) || r.IsPending(0) {
		t.Error("the zero Pending names an event")
	}
	r.Run(2)
	r.expect(t, "1ns p 1", "2ns p 2")
}

// Cancelled events are forgotten long before they would come up, so that timers
// which are set anew again and again do not fill the memory.
func TestCancelledEventsAreForgotten(t *testing.T) {
	e := New(1, 0)
	p := Bind(e, "p", Expire, func(uint32) {})
	for range 100_000 {
		e.Cancel(p.Set(time.Hour, 0))
	}
	if len(e.slots) > 200 || len(e.q.a) > 200 || e.Pending() != 0 {
		t.Errorf("%d slots and %d entries are left of cancelled events, %d pending", len(e.slots), len(e.q.a), e.Pending())
	}
}

func TestStats(t *testing.T) {
	e := New(1, 0)
	p := Bind(e, "p", Arrive, func(uint32) {})
	o := Bind(e, "o", Observe, func(uint32) {})
	for i := range uint32(3) {
		p.At(1, i)
	}
	o.At(1, 0) // another phase is no tie
	p.At(2, 0)
	e.Cancel(p.Set(3, 0))
	e.Run(10)
	s := e.Stats()
	if s.Fired != 5 || s.Ties != 2 || s.Cancelled != 1 || s.MaxPending != 6 {
		t.Errorf("%+v, want 5 fired, 2 ties, 1 cancelled, 6 pending at most", s)
	}
}

// The fingerprint tells apart runs that differ in the time, the place, the
// argument or the order of an event, and nothing else.
func TestFingerprint(t *testing.T) {
	print := func(seed uint64, build func(e *Engine, p, q Port[uint32])) uint64 {
		e := New(seed, 0)
		p, q := Bind(e, "p", Arrive, func(uint32) {}), Bind(e, "q", Arrive, func(uint32) {})
		build(e, p, q)
		e.Run(100)
		return e.Stats().Fingerprint
	}
	base := func(_ *Engine, p, q Port[uint32]) { p.At(1, 1); q.At(1, 2) }
	want := print(1, base)
	for name, same := range map[string]uint64{
		"another seed, not used":  print(2, base),
		"with a cancelled event":  print(1, func(e *Engine, p, q Port[uint32]) { base(e, p, q); e.Cancel(p.Set(5, 5)) }),
		"with slots":              print(1, func(_ *Engine, p, q Port[uint32]) { p.SetAt(1, 1); q.SetAt(1, 2) }),
		"with an event never run": print(1, func(e *Engine, p, q Port[uint32]) { base(e, p, q); p.At(101, 0) }),
	} {
		if same != want {
			t.Errorf("%s: the fingerprint differs", name)
		}
	}
	for name, other := range map[string]uint64{
		"time":  print(1, func(_ *Engine, p, q Port[uint32]) { p.At(1, 1); q.At(2, 2) }),
		"port":  print(1, func(_ *Engine, p, q Port[uint32]) { p.At(1, 1); p.At(1, 2) }),
		"arg":   print(1, func(_ *Engine, p, q Port[uint32]) { p.At(1, 1); q.At(1, 3) }),
		"order": print(1, func(_ *Engine, p, q Port[uint32]) { q.At(1, 2); p.At(1, 1) }),
		"fewer": print(1, func(_ *Engine, p, _ Port[uint32]) { p.At(1, 1) }),
	} {
		if other == want {
			t.Errorf("%s: the fingerprint is the same", name)
		}
	}
}

func TestImpossibleStatesPanic(t *testing.T) {
	e := New(42, 7)
	p := Bind(e, "lb/probe", Arrive, func(uint32) {})
	e.Run(10)
	for name, f := range map[string]func(){
		"past":           func() { p.At(9, 0) },
		"past, slot":     func() { p.SetAt(9, 0) },
		"negative delay": func() { p.After(-1, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text := fmt.Sprint(recover())
				if name != "negative delay" {
					for _, part := range []string{"lb/probe", "9ns", "10ns", "seed 42", "replication 7"} {
						if !strings.Contains(text, part) {
							t.Errorf("%q does not say %s", text, part)
						}
					}
				} else if !strings.Contains(text, "negative delay") {
					t.Errorf("%q", text)
				}
			}()
			f()
			t.Error("no panic")
		})
	}
}

func TestTimeAddStopsAtNever(t *testing.T) {
	if got := (Never - 5).Add(10); got != Never {
		t.Errorf("%d", got)
	}
	e := New(1, 0)
	p := Bind(e, "p", Arrive, func(uint32) { t.Error("an event at the end of time fired") })
	p.After(1<<62, 0)
	e.Run(5)
}

// In a steady state the kernel allocates nothing.
func TestNoAllocations(t *testing.T) {
	e := New(1, 0)
	var small Port[uint32]
	small = Bind(e, "small", Arrive, func(i uint32) { small.After(time.Duration(1+i%7), i) })
	var large Port[uint64]
	large = Bind(e, "large", Arrive, func(i uint64) { large.After(time.Duration(1+i%5), i) })
	timer := NewTimer(e, "timer", Expire, func() {})
	var pending [100]Pending
	for i := range 100 {
		small.After(time.Duration(i), uint32(i))
		large.After(time.Duration(i), uint64(i)<<33)
	}
	turn := func() {
		timer.Set(2)
		for i := range pending {
			e.Cancel(pending[i])
			pending[i] = small.Set(time.Hour, 0)
		}
		e.Run(e.Now() + 20)
	}
	for range 200 {
		turn() // until the queue and the slots have their size
	}
	if n := testing.AllocsPerRun(200, turn); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
