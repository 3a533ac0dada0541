package sim

import (
	"fmt"
	"time"
)

// Engine runs events in order. It is not safe for concurrent use; run one
// engine per goroutine.
type Engine struct {
	now         Time
	q           queue
	lanes       [lanesMost]*lane // nil: there are fewer
	firsts      [lanesMost]entry // of each lane; last if it is empty or not there
	soonest     uint8            // the lane whose first comes first
	slots       []slot
	free        uint32 // head of the list of free slots; 0 is its end
	scheduled   uint64 // scheduling number of the next event
	cancelled   int    // entries in q whose event was cancelled
	ports       []port
	fingerprint uint64
	lastAt      Time
	lastPhase   Phase
	inTurn      uint64 // scheduling numbers below this are used as they are: those that fit into an entry, or none
	shuffle     uint64 // not 0: permute events of equal time and phase
	stopped     bool
	stats       Stats
	trace       func(t Time, port string, arg uint64)
	streams     map[string]*Stream
	seed        uint64
	replication uint64
}

// slot holds what an event carries that does not fit into its queue entry or
// that may be cancelled. A free slot links to the next one.
type slot struct {
	arg  uint64
	port uint32 // noPort: the event was cancelled
	gen  uint32 // grows each time the slot is given up, so that old Pendings are seen
}

// port has its handler in one of two forms, because calling a func(uint32)
// through a func(uint64) would be a second call for each event.
type port struct {
	small func(uint32)
	large func(uint64) // nil if small is not
	hash  uint64
	name  string
}

const noPort = 0 // ports[0] is never bound; in an entry it stands for "see the slot"

// Stats counts what the kernel did.
type Stats struct {
	Fired       uint64 // events handled
	Ties        uint64 // events at the same time and phase as the one before
	Cancelled   uint64 // events cancelled before they fired
	MaxPending  int    // longest queue, and the most in each lane
	Fingerprint uint64 // hash of time, port name and argument of every event
}

// New returns an engine at time 0 whose streams derive from seed and
// replication.
func New(seed, replication uint64) *Engine {
	return &Engine{
		q:           newQueue(),
		firsts:      [lanesMost]entry{last, last},
		inTurn:      orderMask + 1,
		slots:       make([]slot, 1, 64), // slot 0 ends the free list
		ports:       make([]port, 1, 64),
		fingerprint: fnvOffset,
		lastAt:      -1,
		streams:     map[string]*Stream{},
		seed:        seed,
		replication: replication,
	}
}

// Now returns the current time.
func (e *Engine) Now() Time { return e.now }

// Seed returns the seed and the replication that New was given.
func (e *Engine) Seed() (seed, replication uint64) { return e.seed, e.replication }

// Stats returns the counters so far.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.MaxPending, s.Fingerprint = e.q.longest, e.fingerprint
	for _, q := range e.lanes {
		if q != nil {
			s.MaxPending += q.longest
		}
	}
	return s
}

// Pending returns the number of events that wait to fire.
func (e *Engine) Pending() int {
	n := e.q.len() - e.cancelled
	for _, q := range e.lanes {
		if q != nil {
			n += q.len()
		}
	}
	return n
}

// Trace calls f before each event is handled. A nil f stops tracing.
func (e *Engine) Trace(f func(t Time, port string, arg uint64)) { e.trace = f }

// ShuffleTies makes events of equal time and phase fire in an order permuted
// by seed instead of scheduling order. A conclusion that changes under
// shuffling rests on an accident. It must be called before anything is
// scheduled; seed 0 restores scheduling order.
func (e *Engine) ShuffleTies(seed uint64) {
	if e.shuffle, e.inTurn = seed, 0; seed == 0 {
		e.inTurn = orderMask + 1
	}
}

// Stop makes Run return after the event that is being handled.
func (e *Engine) Stop() { e.stopped = true }

// Run handles all events up to and including until, then sets the clock to
// until. It may be called again with a later time.
func (e *Engine) Run(until Time) {
	e.stopped = false
	for !e.stopped {
		next := e.q.min()
		if first := e.firsts[e.soonest%lanesMost]; before(first, next) {
			if next = first; next.at > until {
				break
			}
			e.takeSoonest()
		} else {
			if next.at > until || next.key == noKey {
				break
			}
			e.q.pop()
		}
		id, arg := next.port(), uint64(next.arg())
		if id == noPort {
			if id, arg = e.open(uint32(arg)); id == noPort {
				continue
			}
		}
		e.now = next.at
		e.stats.Fired++
		phase := next.phase()
		if next.at == e.lastAt && phase == e.lastPhase {
			e.stats.Ties++
		}
		e.lastAt, e.lastPhase = next.at, phase
		p := &e.ports[id]
		e.fingerprint = mixEvent(e.fingerprint, uint64(next.at)+p.hash, arg)
		if e.trace != nil {
			e.trace(next.at, p.name, arg)
		}
		if p.small != nil {
			p.small(uint32(arg))
		} else {
			p.large(arg)
		}
	}
	if !e.stopped {
		e.now = max(e.now, until)
	}
}

// mixEvent folds one event into the fingerprint.
func mixEvent(h, a, b uint64) uint64 {
	h = (h ^ a) * 0x9fb21c651e98df25
	h ^= h >> 32
	h = (h ^ b) * 0xd6e8feb86659fd93
	return h ^ h>>29
}

// Pending names an event that was scheduled with Set, so that it can be
// cancelled. The zero Pending names none.
type Pending uint64

// open reads and frees the slot of an event that has come up.
func (e *Engine) open(i uint32) (id uint32, arg uint64) {
	s := &e.slots[i]
	id, arg = s.port, s.arg
	if id == noPort {
		e.cancelled--
	}
	e.release(i)
	return id, arg
}

func (e *Engine) release(i uint32) {
	s := &e.slots[i]
	s.gen++
	s.arg = uint64(e.free)
	e.free = i
}

// schedule queues an event, in a slot if it does not fit into an entry.
func (e *Engine) schedule(at Time, phase Phase, id uint32, arg uint64) {
	if at < e.now {
		e.past(id, at)
	}
	if id > portMask || arg > argMask {
		id, arg = noPort, uint64(e.reserve(id, arg))
	}
	e.q.push(makeEntry(at, phase, e.order(), id, uint32(arg)))
}

// scheduleSlot queues an event in a slot, so that it can be cancelled.
func (e *Engine) scheduleSlot(at Time, phase Phase, id uint32, arg uint64) Pending {
	if at < e.now {
		e.past(id, at)
	}
	i := e.reserve(id, arg)
	e.q.push(makeEntry(at, phase, e.order(), noPort, i))
	return Pending(uint64(e.slots[i].gen)<<32 | uint64(i))
}

// order returns the scheduling number of the next event.
func (e *Engine) order() uint64 {
	if e.scheduled >= e.inTurn {
		return e.unusualOrder()
	}
	e.scheduled++
	return e.scheduled - 1
}

// unusualOrder is apart from order so that order can be inlined.
func (e *Engine) unusualOrder() uint64 {
	if e.scheduled > orderMask {
		e.merge()
		e.scheduled = e.q.renumber()
	}
	order := e.scheduled
	e.scheduled++
	if e.shuffle != 0 {
		order = mix64(order^e.shuffle) & orderMask
	}
	return order
}

// reserve puts an event into a slot.
func (e *Engine) reserve(id uint32, arg uint64) uint32 {
	i := e.free
	if i == 0 {
		if len(e.slots) > argMask {
			panic(fmt.Sprintf("sim: more than %d events pending at %v, seed %d replication %d",
				argMask, e.now, e.seed, e.replication))
		}
		e.slots = append(e.slots, slot{})
		i = uint32(len(e.slots) - 1)
	} else {
		e.free = uint32(e.slots[i].arg)
	}
	e.slots[i].arg, e.slots[i].port = arg, id
	return i
}

func (e *Engine) past(id uint32, at Time) {
	panic(fmt.Sprintf("sim: %s scheduled at %v, before now (%v), seed %d replication %d",
		e.ports[id].name, at, e.now, e.seed, e.replication))
}

// Cancel makes a pending event not fire and reports whether it was pending.
// The queue forgets cancelled events when they outnumber the others, so that
// cancelling costs constant time on average.
func (e *Engine) Cancel(p Pending) bool {
	if !e.IsPending(p) {
		return false
	}
	e.slots[uint32(p)].port = noPort
	e.slots[uint32(p)].gen++
	e.cancelled++
	e.stats.Cancelled++
	if e.cancelled > 64 && e.cancelled > e.q.len()/2 {
		e.q.filter(e.keep)
		e.cancelled = 0
	}
	return true
}

// cancelIf cancels the pending events of a port that match.
func (e *Engine) cancelIf(id uint32, match func(arg uint64) bool) {
	e.merge()
	e.q.filter(func(x entry) bool {
		at, arg := x.port(), uint64(x.arg())
		if at == noPort {
			at, arg = e.slots[x.arg()].port, e.slots[x.arg()].arg
		}
		if at != id || !match(arg) {
			return true
		}
		e.stats.Cancelled++
		if x.port() == noPort {
			e.release(x.arg())
		}
		return false
	})
}

// IsPending reports whether the event has neither fired nor been cancelled.
func (e *Engine) IsPending(p Pending) bool {
	i := uint32(p)
	return i != 0 && int(i) < len(e.slots) && e.slots[i].gen == uint32(p>>32) && e.slots[i].port != noPort
}

// keep tells filter which entries to keep and frees the slots of the others.
func (e *Engine) keep(x entry) bool {
	i := x.arg()
	if x.port() != noPort {
		return true
	}
	if e.slots[i].port != noPort {
		return true
	}
	e.release(i)
	return false
}

// Handle is what an event may carry: an index, or an index and a generation.
type Handle interface {
	~int32 | ~uint32 | ~uint64
}

// Port schedules events to the one handler it was bound to.
type Port[T Handle] struct {
	e     *Engine
	id    uint32
	phase Phase
}

// Bind names a handler and returns the port that schedules events to it. Names
// identify events in traces and in the fingerprint; two ports may share one.
func Bind[T Handle](e *Engine, name string, phase Phase, fn func(T)) Port[T] {
	p := port{hash: hashString(name), name: name}
	if small, ok := any(fn).(func(uint32)); ok {
		p.small = small
	} else {
		p.large = func(arg uint64) { fn(T(arg)) }
	}
	e.ports = append(e.ports, p)
	return Port[T]{e, uint32(len(e.ports) - 1), phase}
}

// After schedules arg to the port's handler d from now. It panics if d is
// negative.
func (p Port[T]) After(d time.Duration, arg T) {
	p.e.schedule(p.e.now.Add(d), p.phase, p.id, uint64(arg))
}

// At schedules arg to the port's handler at time t. It panics if t has passed.
func (p Port[T]) At(t Time, arg T) { p.e.schedule(t, p.phase, p.id, uint64(arg)) }

// Set is After for an event that may be cancelled.
func (p Port[T]) Set(d time.Duration, arg T) Pending { return p.SetAt(p.e.now.Add(d), arg) }

// SetAt is At for an event that may be cancelled.
func (p Port[T]) SetAt(t Time, arg T) Pending {
	return p.e.scheduleSlot(t, p.phase, p.id, uint64(arg))
}

// CancelIf cancels the port's pending events whose argument matches. It looks
// at every pending event of the engine: it is meant for what happens rarely,
// and then to many, so that scheduling them need not cost what Set does.
func (p Port[T]) CancelIf(match func(arg T) bool) {
	p.e.cancelIf(p.id, func(arg uint64) bool { return match(T(arg)) })
}

// Timer is a single event that can be set, moved and stopped.
type Timer struct {
	port    Port[uint32]
	pending Pending
}

// NewTimer returns a stopped timer that calls fn when it runs out.
func NewTimer(e *Engine, name string, phase Phase, fn func()) *Timer {
	return &Timer{port: Bind(e, name, phase, func(uint32) { fn() })}
}

// Set makes the timer run out d from now, instead of when it was set to.
func (t *Timer) Set(d time.Duration) { t.SetAt(t.port.e.now.Add(d)) }

// SetAt makes the timer run out at the given time, instead of when it was set to.
func (t *Timer) SetAt(at Time) {
	t.port.e.Cancel(t.pending)
	t.pending = t.port.SetAt(at, 0)
}

// Stop makes the timer not run out.
func (t *Timer) Stop() { t.port.e.Cancel(t.pending) }
