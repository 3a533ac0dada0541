package results

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Setting is what a recorder has to know of the world that it observes.
type Setting struct {
	Services []ServiceSetting
	Servers  []string // names
	Clients  int
	Warmup   time.Duration // nothing is measured before
	Duration time.Duration
	// Requests says that the traffic has requests; otherwise the outcomes and
	// response times are those of connections.
	Requests bool
	// Windows are spans of time that are measured by themselves.
	Windows [][2]time.Duration
	// StormWindow is the length of the spans whose highest rate is a storm's
	// peak, 5 s if it is 0.
	StormWindow time.Duration
	// Sessions is how long a client may be silent between two connections of one
	// session; 0 leaves broken sessions uncounted, which takes 12 bytes for each
	// client of each service.
	Sessions time.Duration
	// Assignments asks for a record of every connection attempt.
	Assignments bool
}

// ServiceSetting is what a recorder has to know of a service.
type ServiceSetting struct {
	Name       string
	Servers    []int // numbers of its members' servers
	Persistent bool  // clients are kept on servers
	Sorry      bool  // the last member only says that no other can be used
}

// serving returns the number of members that serve.
func (s *ServiceSetting) serving() int {
	if s.Sorry {
		return len(s.Servers) - 1
	}
	return len(s.Servers)
}

// sorry reports whether any service has a server that says sorry.
func (r *Recorder) sorry() bool {
	return slices.ContainsFunc(r.setting.Services, func(s ServiceSetting) bool { return s.Sorry })
}

// Recorder observes one replication. It implements flow.Observer.
type Recorder struct {
	setting    Setting
	engine     *sim.Engine
	meters     flow.Metering
	services   []serviceCount
	present    flow.Area
	under      int             // requests under way
	stay       float64         // total time in the system of the finished requests, ns
	members    [][]memberCount // by service
	held       int             // connections of all members
	windows    []*window
	active     []*window // of windows, those open now
	storms     []*storm
	live       []*storm // of storms, those not over
	detections []*detection
	drained    []*drain
	series     *series
	marks      []Mark
	rows       []row // assignments, by Conn.Seq
	open       sim.Port[uint32]
	shut       sim.Port[uint32]
	sampling   sim.Port[uint32]
}

// serviceCount is what is counted of one service over the whole run. What is
// told of all services together is added up from it at the end, so that an
// event costs the same with one service or many.
type serviceCount struct {
	requests, conns outcomes
	refused         uint64   // of the connections, attempts that met a dead server
	turned          turned   // of the connections that were rejected, those that tell why
	moves           moves    // of the connections that a server took
	sessions        sessions // with each client
	held            int      // connections of all its members
	phase           *timings // where response times go in and after a storm, else nil
	before          *timings // response times from the warm-up to the first failure or storm; nil until then
	after           timings  // response times after its last storm
}

// memberCount counts the connections of one member of a service.
type memberCount struct {
	held   int // now
	opened int // since the start of the run
}

// outcomes counts attempts by how they ended.
type outcomes struct {
	arrived, retried uint64
	ended            [5]uint64 // by flow.Outcome
}

// since returns what was counted since o was the earlier value.
func (o outcomes) since(earlier *outcomes) outcomes {
	o.arrived -= earlier.arrived
	o.retried -= earlier.retried
	for k := range o.ended {
		o.ended[k] -= earlier.ended[k]
	}
	return o
}

// and returns what was counted in o and in other.
func (o outcomes) and(other *outcomes) outcomes {
	o.arrived += other.arrived
	o.retried += other.retried
	for k := range o.ended {
		o.ended[k] += other.ended[k]
	}
	return o
}

// turned counts attempts that were turned away, by the reason.
type turned [flow.Refusals]uint64

// since returns what was counted since t was the earlier value.
func (t turned) since(earlier *turned) turned {
	for k := range t {
		t[k] -= earlier[k]
	}
	return t
}

// and returns what was counted in t and in other.
func (t turned) and(other *turned) turned {
	for k := range t {
		t[k] += other[k]
	}
	return t
}

func (o *outcomes) present() uint64 {
	n := o.arrived
	for _, e := range o.ended {
		n -= e
	}
	return n
}

// NewRecorder returns a recorder for a world that has yet to be built, since a
// world is given its observer when it is built. Attach connects the two.
func NewRecorder(s Setting) *Recorder {
	if s.StormWindow == 0 {
		s.StormWindow = 5 * time.Second
	}
	r := &Recorder{setting: s}
	for _, sv := range s.Services {
		r.services = append(r.services, serviceCount{after: newTimings(3)})
		r.members = append(r.members, make([]memberCount, len(sv.Servers)))
	}
	r.addWindow(s.Warmup, s.Duration)
	for _, w := range s.Windows {
		r.addWindow(w[0], w[1])
	}
	return r
}

// Attach connects the recorder to the world's engine and counters, before the
// world runs.
func (r *Recorder) Attach(e *sim.Engine, m flow.Metering) {
	r.engine, r.meters = e, m
	r.open = sim.Bind(e, "results/open", sim.Observe, func(i uint32) { r.openWindow(r.windows[i]) })
	r.shut = sim.Bind(e, "results/shut", sim.Observe, func(i uint32) { r.shutWindow(r.windows[i]) })
	for i, w := range r.windows {
		if w.from == 0 {
			r.openWindow(w)
		} else {
			r.open.At(w.from, uint32(i))
		}
		r.shut.At(w.to, uint32(i))
	}
	r.series = newSeries(r)
	r.sampling = sim.Bind(e, "results/sample", sim.Observe, func(uint32) { r.sample() })
	r.sampling.After(r.series.step, 0)
}

func (r *Recorder) sample() {
	now := r.engine.Now()
	r.series.sample(r, now)
	if now+sim.Time(r.series.step) <= sim.Time(r.setting.Duration) {
		r.sampling.After(r.series.step, 0)
	}
}

// Assigned implements flow.Observer.
func (r *Recorder) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	s := &r.services[c.Service]
	s.conns.arrived++
	if c.Attempt > 1 {
		s.conns.retried++
	}
	if o == flow.Accepted {
		s.moves.by[c.Moved]++
		if r.setting.Sessions > 0 {
			s.moves.took(s.sessions.of(c, r.setting.Clients), c.Member, now, r.setting.Sessions)
		}
		r.members[c.Service][c.Member].opened++
		r.count(c, +1, now)
		for _, w := range r.active {
			w.opened(c, s.held, r.held, now)
		}
		for _, storm := range r.live {
			storm.opened(r, c, now)
		}
	} else {
		s.conns.ended[o]++
		if o == flow.Reset {
			s.refused++
		}
		if c.Why != flow.Unsaid {
			s.turned[c.Why]++
			if c.Why == flow.SourceLimit {
				for _, w := range r.active {
					w.services[c.Service].shutOut.add(uint32(c.Client))
				}
			}
		}
	}
	if r.setting.Assignments {
		r.addRow(c, o, now)
	}
}

// count follows the number of connections that the members hold.
func (r *Recorder) count(c *flow.Conn, by int, now sim.Time) {
	r.members[c.Service][c.Member].held += by
	r.services[c.Service].held += by
	r.held += by
	for i := len(r.live) - 1; i >= 0; i-- { // a storm that is over leaves the list
		r.live[i].counted(r, c, now)
	}
}

// Opened implements flow.Observer.
func (r *Recorder) Opened(_ flow.ConnID, c *flow.Conn, now sim.Time) {
	d := now.Sub(c.Asked)
	for _, w := range r.active {
		w.services[c.Service].connect.add(d)
	}
	if !r.setting.Requests {
		r.responded(c.Service, d)
	}
}

// Closed implements flow.Observer.
func (r *Recorder) Closed(_ flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	s := &r.services[c.Service]
	s.conns.ended[o]++
	if r.setting.Sessions > 0 {
		s.sessions.of(c, r.setting.Clients).gave(now)
	}
	r.count(c, -1, now)
	if r.setting.Assignments {
		r.closeRow(c, o, now)
	}
}

// Arrived implements flow.Observer.
func (r *Recorder) Arrived(q *flow.Request, now sim.Time) {
	s := &r.services[q.Service]
	s.requests.arrived++
	if q.Attempt > 1 {
		s.requests.retried++
	}
	r.under++
	r.present.Set(float64(r.under), now)
}

// Finished implements flow.Observer.
func (r *Recorder) Finished(q *flow.Request, o flow.Outcome, now sim.Time) {
	r.services[q.Service].requests.ended[o]++
	if q.Why != flow.Unsaid {
		r.services[q.Service].turned[q.Why]++
	}
	r.stay += float64(now - q.Sent)
	r.under--
	r.present.Set(float64(r.under), now)
	if o != flow.Completed {
		return
	}
	d := now.Sub(q.Asked)
	wait := d - q.Demand
	if q.Started >= 0 {
		wait = q.Started.Sub(q.Asked)
	}
	for _, w := range r.active {
		s := &w.services[q.Service]
		s.response.add(d)
		s.wait.add(wait)
	}
	r.responded(q.Service, d)
}

// responded files a response time under the part of a storm that it falls in.
func (r *Recorder) responded(service uint16, d time.Duration) {
	r.series.responded(d)
	if phase := r.services[service].phase; phase != nil && r.engine.Now() >= sim.Time(r.setting.Warmup) {
		phase.add(d)
	}
}

// endBefore keeps what response times were before anything went wrong: those of
// the main window so far.
func (r *Recorder) endBefore() {
	for i := range r.services {
		if s := &r.services[i]; s.before == nil {
			t := r.windows[0].services[i].responses(r.setting.Requests).clone()
			s.before = &t
		}
	}
}

// Noted implements flow.Observer.
func (r *Recorder) Noted(n flow.Note) {
	m := Mark{At: n.At.Seconds(), Kind: noteKinds[n.Kind], Actor: n.Actor, Text: n.Text}
	if n.Server >= 0 {
		m.Server = r.setting.Servers[n.Server]
	}
	if n.Service >= 0 {
		m.Service = r.setting.Services[n.Service].Name
	}
	if n.Kind == flow.MarkedDown {
		r.noticed(n, &m)
	}
	if n.Kind == flow.Emptied {
		r.emptied(n, &m)
	}
	r.marks = append(r.marks, m)
	switch n.Kind {
	case flow.Failed:
		r.broke(n)
		r.endBefore()
		r.stormCut(n.Server)
	case flow.Recovered:
		r.mended(n)
	case flow.TakenOut:
		r.drains(n)
		r.memberMarked(n, false)
	case flow.MarkedDown:
		r.memberMarked(n, false)
	case flow.PutBack:
		r.returned(n)
		r.memberMarked(n, true)
	case flow.MarkedUp:
		r.memberMarked(n, true)
	}
}

var noteKinds = [...]string{"fail", "recover", "down", "up", "ramp-end", "out", "back", "set", "converged", "empty"}

// memberMarked follows which members take connections, as the balancer
// believes, and begins a storm when one comes back. Of several balancers the
// first to see it counts.
func (r *Recorder) memberMarked(n flow.Note, up bool) {
	member := -1
	for m, s := range r.setting.Services[n.Service].Servers {
		if s == n.Server {
			member = m
		}
	}
	for _, s := range r.live {
		if up && s.service == n.Service && s.member == member && s.up[member] {
			return
		}
		s.marked(n.Service, member, up)
	}
	if !up || r.meters.Meter(n.Service, member, n.At).Weight == 0 {
		return
	}
	r.endBefore()
	s := newStorm(r, n.Service, member, n.At)
	r.storms = append(r.storms, s)
	r.live = append(r.live, s)
	r.services[n.Service].phase = &s.during
}

// stormOver is called when a storm has ended: the returned server is level.
func (r *Recorder) stormOver(s *storm, level sim.Time) {
	r.live = slices.DeleteFunc(r.live, func(l *storm) bool { return l == s })
	if !r.storming(s.service) {
		r.services[s.service].phase = &r.services[s.service].after
	}
	name := r.setting.Servers[r.setting.Services[s.service].Servers[s.member]]
	r.marks = append(r.marks, Mark{
		At: level.Seconds(), Kind: "level", Service: r.setting.Services[s.service].Name, Server: name,
		Actor: r.setting.Services[s.service].Name,
		Text:  fmt.Sprintf("%s is level with the others, %v after its first connection", name, level.Sub(s.firstAt).Round(100*time.Millisecond)),
	})
}

// stormCut ends the storms of a server that has failed again, which will never
// be level.
func (r *Recorder) stormCut(server int) {
	before := slices.Clone(r.live)
	r.live = slices.DeleteFunc(r.live, func(s *storm) bool {
		return r.setting.Services[s.service].Servers[s.member] == server
	})
	for _, s := range before {
		if !r.storming(s.service) {
			r.services[s.service].phase = nil
		}
	}
}

// storming reports whether a service has a storm under way.
func (r *Recorder) storming(service int) bool {
	return slices.ContainsFunc(r.live, func(s *storm) bool { return s.service == service })
}
