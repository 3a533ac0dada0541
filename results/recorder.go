package results

import (
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
	// Network says that requests take time on the wire.
	Network bool
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
	// Placement names hosts, virtual machines and databases, if there are some.
	Placement Names
}

// Names are what hosts, virtual machines, members of a database group and its
// databases are called, each by number.
type Names struct {
	Hosts, VMs         []string
	Classes            [][]string // of each machine at first, in the same order
	Members, Databases []string
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
	placed     flow.PlacementMetering // the same; nil without virtual machines and databases
	services   []serviceCount
	present    flow.Area
	under      int           // requests under way
	stay       float64       // total time in the system of the finished requests, ns
	trip       flow.Trip     // of the request that was answered last
	tripTo     uint16        // the service that it went to
	trips      int64         // that were like it, one after the other, and are not counted yet
	before     time.Duration // on the wire, before its server could begin, of the request that finishes next
	held       int           // connections of all members
	windows    []*window
	active     []*window // of windows, those open now
	storms     []*storm
	live       []*storm // of storms, those not over
	detections []*detection
	drained    []*drain
	series     *series
	marks      []Mark
	unlisted   int // marks beyond marksMost
	history    *history
	rows       []row // assignments, by Conn.Seq
	open       sim.Port[uint32]
	shut       sim.Port[uint32]
	sampling   sim.Port[uint32]
}

// NewRecorder returns a recorder for a world that has yet to be built, since a
// world is given its observer when it is built. Attach connects the two.
func NewRecorder(s Setting) *Recorder {
	if s.StormWindow == 0 {
		s.StormWindow = 5 * time.Second
	}
	r := &Recorder{setting: s, history: newHistory(&s.Placement)}
	for _, sv := range s.Services {
		r.services = append(r.services, serviceCount{after: newTimings(3), members: make([]memberCount, len(sv.Servers))})
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
	r.placed = placementMeters(m, e.Now())
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
		r.took(s, c, now)
	} else {
		r.turnedAway(s, c, o)
	}
	if r.setting.Assignments {
		r.addRow(c, o, now)
	}
}

// took counts a connection that a server took. What most runs do not ask for is
// in functions of its own, here and below, which the compiler is not to inline:
// it would make it longer what all of them need.
func (r *Recorder) took(s *serviceCount, c *flow.Conn, now sim.Time) {
	s.moves.by[c.Moved]++
	if r.setting.Sessions > 0 {
		r.continued(s, c, now)
	}
	s.members[c.Member].opened++
	r.count(s, c, +1, now)
	for _, w := range r.active {
		w.opened(c, s.held, r.held, now)
	}
	for _, storm := range r.live {
		storm.opened(r, c, now)
	}
}

// turnedAway counts a connection attempt that failed.
//
//go:noinline
func (r *Recorder) turnedAway(s *serviceCount, c *flow.Conn, o flow.Outcome) {
	s.conns.ended[o]++
	if o == flow.Reset {
		s.refused++
	}
	if c.Why == flow.Unsaid {
		return
	}
	s.turned[c.Why]++
	if c.Why == flow.SourceLimit {
		for _, w := range r.active {
			w.services[c.Service].shutOut.add(uint32(c.Client))
		}
	}
}

// continued counts what a connection that a server took did to its client's
// session.
//
//go:noinline
func (r *Recorder) continued(s *serviceCount, c *flow.Conn, now sim.Time) {
	s.moves.took(s.sessions.of(c, r.setting.Clients), c.Member, now, r.setting.Sessions)
}

// count follows the number of connections that the members hold.
func (r *Recorder) count(s *serviceCount, c *flow.Conn, by int, now sim.Time) {
	s.members[c.Member].held += by
	s.held += by
	r.held += by
	if len(r.live) > 0 {
		r.follow(c, now)
	}
}

// follow tells the storms that are not over of a count that has changed.
func (r *Recorder) follow(c *flow.Conn, now sim.Time) {
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
	r.count(s, c, -1, now)
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
		wait = q.Started.Sub(q.Asked) - r.before
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
