package server

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// Sink is told when a request is done.
type Sink interface {
	Done(id flow.RequestID)
	// Dropped reports a request that was taken and then turned away.
	Dropped(id flow.RequestID)
	// Crashes asks for server s to be failed: it has no memory left.
	Crashes(s int32)
}

// Pool is all servers of a run. A server's true state is known here and
// nowhere else: a balancer learns of it by probing.
type Pool struct {
	e        *sim.Engine
	fl       *flow.Flows
	sink     Sink
	done     sim.Port[uint32] // a fifo server finished a request
	turn     sim.Port[uint32] // a ps server is about to finish its shortest
	crash    sim.Port[uint32] // a server has no memory left
	configs  []Config
	machines []machine
	watch    func(s int32, busy int) // nil: nobody watches
	doors    []*doorkeeper           // by server, nil for those without limits; nil if none has any
	memories []*usage                // by server, nil for those without limits; nil if none has any
}

// machine is the state of one server. It is small because among 10,000 servers
// the time of a request goes into fetching it from memory: two cache lines.
type machine struct {
	state   flow.Answer
	cores   int16
	places  int32 // requests that may hold a slot and either a core or nothing to do
	running int32 // requests that do
	frozen  int32 // of these, as their services hang
	busy    flow.Area
	waiting ring
	waitMax int32 // requests that may wait; Unlimited
	peak    int32 // longest queue since ResetPeaks
	queue   flow.Area
	sharing *sharing // of ps; nil under fifo
	// latencies is nil as long as nobody asks for them.
	latencies *latencies
	special   *special // nil for a server like any other
}

// working is the number of cores at work.
func (m *machine) working() int32 { return min(m.running-m.frozen, int32(m.cores)) }

// plenty is more requests than there can be: see traffic.Overload.
const plenty = 1 << 30

// New returns a pool of servers that are up and idle. Each config stands for
// one server and must be valid.
func New(e *sim.Engine, fl *flow.Flows, configs []Config, sink Sink) *Pool {
	p := &Pool{e: e, fl: fl, sink: sink, configs: configs, machines: make([]machine, len(configs))}
	p.crash = sim.Bind(e, "server/crash", sim.Fault, func(s uint32) { p.sink.Crashes(int32(s)) })
	p.done = sim.Bind(e, "server/done", sim.Depart, p.onDone)
	p.turn = sim.Bind(e, "server/turn", sim.Depart, p.onTurn)
	for i, c := range configs {
		if c.PerSource != nil {
			if p.doors == nil {
				p.doors = make([]*doorkeeper, len(configs))
			}
			p.doors[i] = &doorkeeper{config: c.PerSource, from: map[uint64]int{}, sent: map[uint64]minute{}}
		}
		m := &p.machines[i]
		places, waitMax := c.Slots, c.Queue
		switch {
		case c.Discipline == PS && c.Slots == 0:
			places = plenty
		case c.Discipline == PS:
		case c.Slots == 0:
			places = c.Cores
		default:
			// A request that holds a slot but no core waits like one without.
			places = min(c.Cores, c.Slots)
			if c.Queue != Unlimited {
				waitMax += c.Slots - places
			}
		}
		*m = machine{cores: int16(c.Cores), places: int32(min(places, plenty)), waitMax: int32(min(waitMax, plenty))}
		if c.Discipline == PS {
			m.sharing = &sharing{cores: float64(c.Cores), speed: 1}
		}
		if c.Memory != nil {
			if p.memories == nil {
				p.memories = make([]*usage, len(configs))
			}
			p.memories[i] = &usage{config: c.Memory, most: c.Memory.connections()}
		}
		if c.isSpecial() {
			p.makeSpecial(int32(i))
		}
	}
	return p
}

// Len returns the number of servers.
func (p *Pool) Len() int { return len(p.machines) }

// Up reports whether server s is alive, though it may stand still: it has what it
// was given.
func (p *Pool) Up(s int32) bool { return p.machines[s].state == flow.Accepts || p.Suspended(s) }

// Submit gives a request to server s, the one that it names. It returns
// Accepted, Rejected when the queue is full or a limit is reached, or Reset when
// the server's port is closed. A silent server accepts it and never answers, unless
// it stands still and goes on.
func (p *Pool) Submit(s int32, id flow.RequestID) flow.Outcome {
	m := &p.machines[s]
	switch {
	case m.state == flow.Refuses:
		return flow.Reset
	case m.state == flow.Silent:
		p.unheard(s, id)
		return flow.Accepted
	case p.doors != nil && !p.allows(s, id):
		return flow.Rejected
	}
	now := p.e.Now()
	r := p.fl.Requests.At(uint32(id))
	r.Met = uint32(m.running + m.waiting.n)
	if m.running < m.places {
		m.running++
		m.busy.Set(float64(m.working()), now)
		if p.watch != nil {
			p.watch(s, int(m.working()))
		}
		p.start(s, m, id, r, now)
		return flow.Accepted
	}
	if m.waitMax != Unlimited && m.waiting.n >= m.waitMax {
		return flow.Rejected
	}
	m.waiting.push(id)
	m.peak = max(m.peak, m.waiting.n)
	m.queue.Set(float64(m.waiting.n), now)
	return flow.Accepted
}

// start puts a request in service, in a place that the caller has found.
func (p *Pool) start(s int32, m *machine, id flow.RequestID, r *flow.Request, now sim.Time) {
	r.Started = now
	left := r.Demand
	if m.special != nil {
		if left = p.begin(s, m, id, r, now); left == frozen {
			return
		}
	}
	if m.sharing != nil {
		m.sharing.add(id, float64(left), now)
		p.reschedule(s, m)
		return
	}
	p.done.After(left, uint32(id))
}

// onDone ends a request's service under fifo.
func (p *Pool) onDone(id uint32) {
	r := p.fl.Requests.At(id)
	s := r.Server
	m := &p.machines[s]
	if m.latencies != nil {
		m.latencies.add(r, p.e.Now())
	}
	p.leave(s, m)
	p.sink.Done(flow.RequestID(id))
}

// leave gives a place to the request that has waited longest, or frees it.
func (p *Pool) leave(s int32, m *machine) {
	now := p.e.Now()
	if m.special != nil {
		m.running--
		p.fill(s, m)
		return
	}
	if m.waiting.n > 0 {
		next := m.waiting.pop()
		m.queue.Set(float64(m.waiting.n), now)
		p.start(s, m, next, p.fl.Requests.At(uint32(next)), now)
		return
	}
	m.running--
	m.busy.Set(float64(m.working()), now)
	if p.watch != nil {
		p.watch(s, int(m.working()))
	}
}

// Fail kills server s, so that it refuses connections or is silent: what it
// works on and what waits is lost, and nothing is reported to the sink. The
// caller ends the requests and connections.
func (p *Pool) Fail(s int32, to flow.Answer) {
	m := &p.machines[s]
	if !p.Up(s) {
		return
	}
	m.state = to
	p.done.CancelIf(func(id uint32) bool { return p.fl.Requests.At(id).Server == s })
	if m.sharing != nil {
		p.e.Cancel(m.sharing.next)
		m.sharing.clear()
	}
	m.running, m.waiting.n, m.latencies = 0, 0, nil
	p.forget(s, m)
	p.occupy(s, m, p.e.Now())
	m.queue.Set(0, p.e.Now())
}

// Recover brings server s back, idle and as cold as the configuration says, or as
// cold says if that is not nil.
func (p *Pool) Recover(s int32, cold *Cold) {
	m := &p.machines[s]
	m.state = flow.Accepts
	if cold == nil {
		cold = p.configs[s].Cold
	}
	if cold != nil {
		p.makeSpecial(s).last = boot{cold, p.e.Now()}
	}
}

// Idle reports whether server s breaks the law that no place is free while a
// request waits; it returns the number of both.
func (p *Pool) Idle(s int32) (free, waiting int) {
	m := &p.machines[s]
	return int(m.places - m.running), int(m.waiting.n)
}

// Meter reads the counters of server s.
func (p *Pool) Meter(s int, now sim.Time) flow.ServerMeter {
	m := &p.machines[s]
	meter := flow.ServerMeter{
		Cores: int(m.cores), Up: m.state == flow.Accepts,
		Busy: int(m.working()), BusyArea: m.busy.Value(now),
		Queue: int(m.waiting.n), QueueMax: int(m.peak), QueueArea: m.queue.Value(now),
	}
	if p.Suspended(int32(s)) {
		meter.Up, meter.Busy = m.special.still.meets == flow.Accepts, 0
	}
	if p.memories != nil && p.memories[s] != nil {
		meter.Room, meter.HeldMax = p.memories[s].most, p.memories[s].peak
	}
	return meter
}

// Present returns how many requests server s has, in service and waiting.
func (p *Pool) Present(s int32) int {
	m := &p.machines[s]
	return int(m.running + m.waiting.n)
}

// ResetPeaks begins a new measurement of the longest queues.
func (p *Pool) ResetPeaks() {
	for i := range p.machines {
		p.machines[i].peak = p.machines[i].waiting.n
	}
	for _, u := range p.memories {
		if u != nil {
			u.peak = u.now
		}
	}
}
