package results

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// storm follows a server from its return until it holds as many connections
// as the others.
type storm struct {
	service, member int
	at              sim.Time // of the return, as the health check saw it
	length          sim.Time // of the windows whose highest rate counts
	end             sim.Time // of the window under way
	mine, all       int      // connections opened in it, to the server and in total
	peak            float64
	firstMine       int // in the first 3 s
	firstAll        int
	took            int      // connections until level
	firstAt         sim.Time // of its first connection, -1 before
	levelSince      sim.Time // -1 while it is not level
	levelAt         sim.Time // -1 until the storm is over
	up              []bool   // members, as the balancer believes
	during          timings
}

// A server is level once its connections have stayed within levelWithin of the
// mean over all usable servers for levelFor.
const (
	levelWithin = 0.1
	levelFor    = sim.Time(time.Second)
	firstSpan   = sim.Time(3 * time.Second)
)

func newStorm(r *Recorder, service, member int, at sim.Time) *storm {
	s := &storm{
		service: service, member: member, at: at,
		length: sim.Time(r.setting.StormWindow), firstAt: -1, levelSince: -1, levelAt: -1,
		up: make([]bool, len(r.services[service].members)), during: newTimings(3),
	}
	s.end = at + s.length
	for m := range s.up {
		w := r.meters.Meter(service, m, at).Weight
		s.up[m] = w > 0 || m == member
	}
	return s
}

// marked follows the other members' health.
func (s *storm) marked(service, member int, up bool) {
	if service == s.service {
		s.up[member] = up
	}
}

func (s *storm) usable() (n int) {
	for _, u := range s.up {
		if u {
			n++
		}
	}
	return n
}

// opened counts a new connection of the storm's service.
func (s *storm) opened(_ *Recorder, c *flow.Conn, now sim.Time) {
	if int(c.Service) != s.service {
		return
	}
	s.roll(now)
	mine := int(c.Member) == s.member
	s.all++
	if now < s.at+firstSpan {
		s.firstAll++
	}
	if !mine {
		return
	}
	s.mine++
	s.took++
	if s.firstAt < 0 {
		s.firstAt = now
	}
	if now < s.at+firstSpan {
		s.firstMine++
	}
}

// roll closes the windows that are over by now.
func (s *storm) roll(now sim.Time) {
	for now >= s.end {
		if s.all > 0 {
			s.peak = max(s.peak, float64(s.mine*s.usable())/float64(s.all))
		}
		s.mine, s.all = 0, 0
		s.end += max(1, (now-s.end)/s.length) * s.length
	}
}

// counted looks whether the server is level after a change of a count.
func (s *storm) counted(r *Recorder, c *flow.Conn, now sim.Time) {
	if int(c.Service) != s.service {
		return
	}
	if s.levelSince >= 0 && now-s.levelSince >= levelFor {
		s.over(r)
		return
	}
	total, n := 0, 0
	for m := range r.services[s.service].members {
		if s.up[m] {
			total += r.services[s.service].members[m].held
			n++
		}
	}
	mean := float64(total) / float64(n)
	level := math.Abs(float64(r.services[s.service].members[s.member].held)-mean) <= levelWithin*mean
	switch {
	case !level || s.firstAt < 0 || n < 2: // alone it has nobody to be level with
		s.levelSince = -1
	case s.levelSince < 0:
		s.levelSince = now
	}
}

func (s *storm) over(r *Recorder) {
	s.levelAt = s.levelSince
	now := r.engine.Now()
	if now < s.at+s.length {
		s.end = now // one that is over within a window is measured as far as it goes
	}
	s.roll(now)
	r.stormOver(s, s.levelAt)
}

// list adds the storm's metrics.
func (s *storm) list(out *values) {
	out.add("storm.peak_factor", "", s.peak)
	out.add("storm.share_first", "", ratio(float64(s.firstMine), float64(s.firstAll)))
	out.add("storm.connections", "", float64(s.took))
	rebalance := math.NaN()
	if s.levelAt >= 0 {
		rebalance = (s.levelAt - s.firstAt).Seconds()
	}
	out.add("storm.rebalance_time", "s", rebalance)
}

// worst returns the storm with the highest peak, nil if there was none: of one
// service, or of all if service is -1.
func (r *Recorder) worst(service int) *storm {
	var w *storm
	for _, s := range r.storms {
		if (service < 0 || s.service == service) && (w == nil || s.peak > w.peak) {
			w = s
		}
	}
	return w
}

// listStorm adds the metrics of a storm and the response times of its service
// before, in and after its storms.
func (r *Recorder) listStorm(out *values, s *storm) {
	if s == nil {
		return
	}
	s.list(out)
	service := &r.services[s.service]
	for _, p := range [...]struct {
		name string
		t    *timings
	}{{"before", service.before}, {"during", &s.during}, {"after", &service.after}} {
		out.add("storm.response_time."+p.name+".mean", "s", p.t.mean())
		out.add("storm.response_time."+p.name+".p95", "s", p.t.quantile(0.95))
		out.add("storm.response_time."+p.name+".p99", "s", p.t.quantile(0.99))
	}
}
