package results

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// window measures a span of time.
type window struct {
	from, to sim.Time
	services []serviceTally
	heldMax  int // connections of all services at a time
	opening  busiest
	servers  []flow.ServerMeter
	tls      flow.ServerMeter
	offloads bool    // tls is there
	present  float64 // integral of the requests under way
	tells    bool    // source addresses are worth counting
	ports    int     // most in use or resting on an address

	placement *placement // what has happened in it, once it is closed; until then what had before
}

func (r *Recorder) addWindow(from, to time.Duration) {
	w := &window{from: sim.Time(from), to: sim.Time(to)}
	for _, s := range r.setting.Services {
		w.services = append(w.services, serviceTally{
			response: newTimings(3), wait: newTimings(3), connect: newTimings(3), members: make([]memberTally, len(s.Servers)),
			network: newNetwork(r.setting.Network),
		})
	}
	r.windows = append(r.windows, w)
}

// endPart ends the part of the run since the last window was opened or shut. The
// models know the largest values of one part at a time, and those of a window
// are the largest of its parts.
func (r *Recorder) endPart(now sim.Time) {
	r.countTrips()
	ports := r.meters.SourceMeter().MostPorts
	for _, w := range r.active {
		w.ports = max(w.ports, ports)
		for i := range w.services {
			q := &w.services[i].queue
			q.Most = max(q.Most, r.meters.QueueMeter(i, now).Most)
		}
		for s := range w.servers {
			x := r.meters.ServerMeter(s, now)
			w.servers[s].QueueMax, w.servers[s].HeldMax = max(w.servers[s].QueueMax, x.QueueMax), max(w.servers[s].HeldMax, x.HeldMax)
		}
	}
	r.meters.ResetPeaks()
}

func (r *Recorder) openWindow(w *window) {
	now := r.engine.Now()
	r.endPart(now)
	r.active = append(r.active, w)
	sources := r.meters.SourceMeter()
	w.tells, w.ports = sources.Ports || sources.Limits, sources.MostPorts
	r.meters.Conns(func(_ flow.ConnID, c *flow.Conn) {
		if c.Server != flow.NoServer {
			w.services[c.Service].members[c.Member].add(c, w.tells)
		}
	})
	w.heldMax = r.held
	w.opening.second = now
	w.present = -r.present.Value(now)
	for i := range w.services {
		s, count := &w.services[i], &r.services[i]
		s.requests, s.conns, s.refused, s.turned, s.moves = count.requests, count.conns, count.refused, count.turned, count.moves
		s.heldMax = count.held
		s.queue = r.meters.QueueMeter(i, now)
		s.opening.second = now
		for m := range s.members {
			x := &r.services[i].members[m]
			s.members[m].conns = x.held - x.opened
			meter := r.meters.Meter(i, m, now)
			s.members[m].area = -meter.ConnsArea
			s.dead -= meter.Refused // until the window is shut, less than nothing
		}
	}
	for s := range r.setting.Servers {
		w.servers = append(w.servers, r.meters.ServerMeter(s, now))
	}
	w.tls, w.offloads = r.tlsMeter(now)
	w.placement = r.readPlacement(now)
}

func (r *Recorder) shutWindow(w *window) {
	now := r.engine.Now()
	r.endPart(now)
	for i := range r.active {
		if r.active[i] == w {
			r.active = append(r.active[:i], r.active[i+1:]...)
			break
		}
	}
	w.present += r.present.Value(now)
	for i := range w.services {
		s, count := &w.services[i], &r.services[i]
		s.requests, s.conns, s.refused = count.requests.since(&s.requests), count.conns.since(&s.conns), count.refused-s.refused
		s.turned, s.moves = count.turned.since(&s.turned), count.moves.since(&s.moves)
		before := s.queue
		s.queue = r.meters.QueueMeter(i, now)
		s.queue.Area, s.queue.Most = s.queue.Area-before.Area, before.Most
		for m := range s.members {
			s.members[m].conns += r.services[i].members[m].opened
			meter := r.meters.Meter(i, m, now)
			s.members[m].area += meter.ConnsArea
			s.dead += meter.Refused
		}
	}
	for s := range w.servers {
		x := r.meters.ServerMeter(s, now)
		x.BusyArea -= w.servers[s].BusyArea
		x.QueueArea -= w.servers[s].QueueArea
		x.QueueMax, x.HeldMax = w.servers[s].QueueMax, w.servers[s].HeldMax
		w.servers[s] = x
	}
	if w.offloads {
		x, _ := r.tlsMeter(now)
		x.BusyArea -= w.tls.BusyArea
		w.tls = x
	}
	before := w.placement
	w.placement = r.readPlacement(now)
	w.placement.since(before)
}

// opened counts a connection that a server took. The service holds so many, and
// all services together hold all.
func (w *window) opened(c *flow.Conn, held, all int, now sim.Time) {
	s := &w.services[c.Service]
	w.heldMax, s.heldMax = max(w.heldMax, all), max(s.heldMax, held)
	if c.Moved.Breaks() {
		s.moved.add(uint32(c.Client))
	}
	s.members[c.Member].add(c, w.tells)
	w.opening.opened(now)
	s.opening.opened(now)
}

// span is the window's length in nanoseconds.
func (w *window) span() float64 { return float64(w.to - w.from) }

// all adds up the services. The only service is its own sum.
func (w *window) all() *serviceTally {
	if len(w.services) == 1 {
		return &w.services[0]
	}
	sum := &serviceTally{response: newTimings(3), wait: newTimings(3), connect: newTimings(3), network: newNetwork(w.services[0].network != nil)}
	for i := range w.services {
		s := &w.services[i]
		sum.requests, sum.conns = sum.requests.and(&s.requests), sum.conns.and(&s.conns)
		sum.refused, sum.dead = sum.refused+s.refused, sum.dead+s.dead
		sum.turned, sum.moves = sum.turned.and(&s.turned), sum.moves.and(&s.moves)
		sum.response.join(&s.response)
		sum.wait.join(&s.wait)
		sum.connect.join(&s.connect)
		sum.network.join(s.network)
		sum.moved.join(&s.moved)
		sum.shutOut.join(&s.shutOut)
	}
	return sum
}
