package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Health is how a balancer finds out which servers of a service are up: by
// probing them (Kind), by watching what becomes of clients' connections and
// requests (Passive, Observe, Outlier), or both.
type Health struct {
	// Kind is what a probe does, see HealthKinds; passive stands for no probes
	// and the checks of nginx, whose parameters are MaxFails and FailTimeout.
	Kind HealthKind `yaml:"kind" doc:"none, ping (the machine answers), tcp (connect to the port), http (a request is answered), agent (ask the server for its load) or passive (watch the clients' connections)"`
	// Every is the time between the starts of two probes of a server, or as Pace
	// says.
	Every time.Duration `yaml:"every" doc:"time between two probes of a server"`
	// Timeout is how long a probe waits for a server that does not answer.
	Timeout time.Duration `yaml:"timeout" doc:"how long a probe waits for an answer"`
	// Fall and Rise are how many probes in a row change the balancer's mind.
	Fall int `yaml:"fall" doc:"failed probes in a row that take a server out"`
	Rise int `yaml:"rise" doc:"good probes in a row that put a server back"`
	// MaxFails and FailTimeout belong to kind passive, see passive.go.
	MaxFails    int           `yaml:"max_fails" doc:"passive: failed connections that leave a server out; 0: none do"`
	FailTimeout time.Duration `yaml:"fail_timeout" doc:"passive: how long failures count, and how long the server is left out, in whole seconds"`

	// What follows is for what products do differently; all of it may be left out.

	// Pace is when the next probe starts.
	Pace Pace `yaml:"pace,omitempty" doc:"when the next probe starts: grid (every interval, whatever became of the last), after (an interval after the last has ended) or retry (grid, but a failed probe is repeated at once)"`
	// FastEvery, DownEvery and IdleEvery replace Every in some states; 0: they do
	// not. A server is between states when its last probe contradicts what the
	// balancer believes.
	FastEvery time.Duration `yaml:"fast_every,omitempty" doc:"interval while a server's last probe contradicts its state: fastinter; left out: every"`
	DownEvery time.Duration `yaml:"down_every,omitempty" doc:"interval of a server that is down: downinter; left out: every"`
	IdleEvery time.Duration `yaml:"idle_every,omitempty" doc:"interval as long as the service has had no connection: no_traffic_interval; left out: every"`
	// Jitter and Delay spread the probes: an interval is up to this share shorter
	// or longer, or up to this time longer.
	Jitter flow.Share    `yaml:"jitter,omitempty" doc:"share by which each interval is shorter or longer at random: spread-checks"`
	Delay  time.Duration `yaml:"delay,omitempty" doc:"time by which each interval is longer at random, at most: jitter of nginx, interval_jitter"`
	// TimeoutFrom is what Timeout counts from.
	TimeoutFrom TimeoutFrom `yaml:"timeout_from,omitempty" doc:"what timeout counts from: probe (each by itself), or answer (the last good one: a server is down that gave none for so long)"`
	// ErrorFall takes a server out for one answer that is an error, whatever Fall
	// says: it is for those that cannot be reached or do not answer.
	ErrorFall bool `yaml:"error_fall,omitempty" doc:"one answer that is an error takes a server out; fall counts the probes that get no answer"`
	// UpAfter is how long a server has to be good before it is used, Manual whether
	// it takes an operator as well.
	UpAfter time.Duration `yaml:"up_after,omitempty" doc:"time for which a server that was down has to be good before it is used: time-until-up"`
	Manual  bool          `yaml:"manual,omitempty" doc:"a server that was down is used only after an operator has enabled it: manual-resume"`
	// Start is what holds of a server before its first probe: at the start of the
	// run, and when it leaves maintenance if Pause is set.
	Start Start `yaml:"start,omitempty" doc:"a server before its first probe: up, failing (up, but one failure takes it out) or checking (out until the first good probe)"`
	// Pause is whether maintenance stops the probes.
	Pause bool `yaml:"pause,omitempty" doc:"no probes in maintenance; after it a server is what start says"`
	// Demand is what a probe costs its server. A probe of kind http waits for it
	// like any request.
	Demand time.Duration `yaml:"demand,omitempty" doc:"CPU time that a probe costs the server; left out: none"`

	// GiveUps is whether requests that clients give up count as errors for the
	// checks below. A balancer takes them for a whim of the client: nginx, HAProxy
	// and Envoy count their own time-outs, which are not modelled, and with this
	// the clients' stand in for those.
	GiveUps bool `yaml:"give_ups,omitempty" doc:"requests that clients give up count as errors below, as if the balancer's own time-out were as long as theirs"`

	Agent   *Agent    `yaml:"agent,omitempty" doc:"agent: what the server's answer does to its weight"`
	Passive *Failures `yaml:"passive,omitempty" doc:"besides probes, leave out servers after failures, as nginx does"`
	Observe *Observe  `yaml:"observe,omitempty" doc:"besides probes, watch clients' traffic for errors, as HAProxy does"`
	Outlier *Outlier  `yaml:"outlier,omitempty" doc:"besides probes, eject servers that fail more than others, as Envoy does"`
}

// HealthKind is a kind of health check.
type HealthKind string

// The kinds of health checks.
const (
	NoCheck    HealthKind = "none"
	PingCheck  HealthKind = "ping"
	TCPCheck   HealthKind = "tcp"
	HTTPCheck  HealthKind = "http"
	AgentCheck HealthKind = "agent"
	Passive    HealthKind = "passive"
)

// HealthKinds lists the kinds with their documentation.
var HealthKinds = flow.Table[HealthKind]{
	{Name: "none", Doc: "no probes: every server counts as up for ever", New: func() HealthKind { return NoCheck }},
	{Name: "ping", Doc: "the machine answers, even if its port is closed", New: func() HealthKind { return PingCheck }},
	{Name: "tcp", Doc: "connect to the server's port", New: func() HealthKind { return TCPCheck }},
	{Name: "http", Doc: "send a request and wait for its answer: a service that hangs fails, one that is loaded answers late", New: func() HealthKind { return HTTPCheck }},
	{Name: "agent", Doc: "ask the server for its load, which sets its weight", New: func() HealthKind { return AgentCheck }},
	{Name: "passive", Doc: "no probes: leave a server out after connections to it have failed, as nginx does", New: func() HealthKind { return Passive }},
}

// Pace is when the next probe starts.
type Pace string

// The paces.
const (
	PaceGrid  Pace = "grid"
	PaceAfter Pace = "after"
	PaceRetry Pace = "retry"
)

// Paces lists them with their documentation.
var Paces = flow.Table[Pace]{
	{Name: "grid", Doc: "an interval after the last has started", New: func() Pace { return PaceGrid }},
	{Name: "after", Doc: "an interval after the last has ended, as haproxy and envoy do", New: func() Pace { return PaceAfter }},
	{Name: "retry", Doc: "as grid, but a failed probe of a server that is up is repeated at once", New: func() Pace { return PaceRetry }},
}

// TimeoutFrom is what a time-out counts from.
type TimeoutFrom string

// What it may count from.
const (
	FromProbe  TimeoutFrom = "probe"
	FromAnswer TimeoutFrom = "answer"
)

// TimeoutsFrom lists them with their documentation.
var TimeoutsFrom = flow.Table[TimeoutFrom]{
	{Name: "probe", Doc: "each probe has to be answered in time", New: func() TimeoutFrom { return FromProbe }},
	{Name: "answer", Doc: "a server is down for which the last good answer is so long ago, as f5 does", New: func() TimeoutFrom { return FromAnswer }},
}

// Start is what holds of a server before its first probe.
type Start string

// What may hold.
const (
	StartUp       Start = "up"
	StartFailing  Start = "failing"
	StartChecking Start = "checking"
)

// Starts lists them with their documentation.
var Starts = flow.Table[Start]{
	{Name: "up", Doc: "it is up like any other", New: func() Start { return StartUp }},
	{Name: "failing", Doc: "it is up, but a single failed probe takes it out, as haproxy does", New: func() Start { return StartFailing }},
	{Name: "checking", Doc: "it is out until its first probe, which is sent at once, is good, as envoy does", New: func() Start { return StartChecking }},
}

// SetDefaults makes it a TCP check with the intervals and counts that HAProxy
// uses when none are given: every 2 s, 3 failures, 2 successes. Passive checks
// have the counts of nginx: one failure in 10 s.
func (h *Health) SetDefaults() {
	*h = Health{
		Kind: TCPCheck, Every: 2 * time.Second, Timeout: 2 * time.Second, Fall: 3, Rise: 2,
		MaxFails: 1, FailTimeout: 10 * time.Second,
	}
}

// FromScalar lets a kind alone stand for a health check.
func (h *Health) FromScalar(kind string) error {
	h.Kind = HealthKind(kind)
	return nil
}

// Probes reports whether servers are probed.
func (h *Health) Probes() bool { return h.Kind != NoCheck && h.Kind != Passive && h.Kind != "" }

// Shortest is the least time between two probes of a server.
func (h *Health) Shortest() time.Duration {
	least := h.Every
	for _, d := range [...]time.Duration{h.FastEvery, h.DownEvery} {
		if d > 0 {
			least = min(least, d)
		}
	}
	return max(time.Duration(float64(least)*(1-float64(h.Jitter))), time.Millisecond/10)
}

// Watches reports whether the balancer minds how requests end, in a service of
// this mode: where it forwards connections it sees no requests.
func (h *Health) Watches(m Mode) bool {
	return m == HTTP && (h.failures() != nil || h.Outlier != nil || h.Observe != nil && h.Observe.Layer == layer7)
}

// failures are the passive checks, nil if there are none.
func (h *Health) failures() *Failures {
	if h.Kind == Passive && h.Passive == nil {
		return &Failures{MaxFails: h.MaxFails, FailTimeout: h.FailTimeout}
	}
	return h.Passive
}

// maxFails is how many failures leave a server out.
func (h *Health) maxFails() int {
	if f := h.failures(); f != nil {
		return f.MaxFails
	}
	return 0
}

// Validate checks the health check's own fields.
func (h *Health) Validate() []flow.Problem {
	if _, ok := HealthKinds.Lookup(string(h.Kind)); !ok {
		return flow.OneOf("kind", h.Kind, HealthKinds.Names()...)
	}
	var ps []flow.Problem
	bad := func(path, text string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(text, args...)})
	}
	if h.Kind == Passive {
		if h.Passive == nil {
			return h.failures().Validate()
		}
		bad("passive", "kind: passive has max_fails and fail_timeout itself; this is for besides probes")
	}
	if !h.Probes() {
		if h.Observe != nil {
			bad("observe", "this makes probes fail, and there are none: write outlier or passive, or another kind")
		}
		return ps
	}
	return append(ps, h.checkProbes()...)
}

// checkProbes checks when there are probes and what they take.
func (h *Health) checkProbes() (ps []flow.Problem) {
	bad := func(path, text string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(text, args...)})
	}
	if h.Every < time.Millisecond {
		bad("every", "%v is less than 1ms", h.Every)
	}
	if h.Timeout <= 0 {
		bad("timeout", "must be more than 0")
	}
	if h.Fall < 1 {
		bad("fall", "%d is less than 1", h.Fall)
	}
	if h.Rise < 1 {
		bad("rise", "%d is less than 1", h.Rise)
	}
	if h.Fall > mostProbes {
		bad("fall", "%d is more than %d", h.Fall, mostProbes)
	}
	if h.Rise > mostProbes {
		bad("rise", "%d is more than %d", h.Rise, mostProbes)
	}
	ps = append(ps, flow.OneOfOrNone("pace", h.Pace, Paces.Names()...)...)
	ps = append(ps, flow.OneOfOrNone("timeout_from", h.TimeoutFrom, TimeoutsFrom.Names()...)...)
	ps = append(ps, flow.OneOfOrNone("start", h.Start, Starts.Names()...)...)
	ps = append(ps, flow.CheckShare("jitter", h.Jitter)...)
	for _, d := range []struct {
		path string
		time.Duration
	}{{"fast_every", h.FastEvery}, {"down_every", h.DownEvery}, {"idle_every", h.IdleEvery}} {
		if d.Duration != 0 && (d.Duration < time.Millisecond || d.Duration > mostTime) {
			bad(d.path, "%v is not between 1ms and 24h", d.Duration)
		}
	}
	for _, d := range []struct {
		path string
		time.Duration
	}{{"delay", h.Delay}, {"up_after", h.UpAfter}, {"demand", h.Demand}} {
		if d.Duration < 0 || d.Duration > mostTime {
			bad(d.path, "%v is not between 0s and 24h", d.Duration)
		}
	}
	if h.Jitter > 0.9 {
		bad("jitter", "%g is more than 90%%", float64(h.Jitter))
	}
	if h.Kind == HTTPCheck && h.Pace != PaceAfter && h.TimeoutFrom != FromAnswer && h.Timeout > h.Every {
		ps = append(ps, flow.Problem{Path: "timeout", Text: fmt.Sprintf("%v is more than the interval of %v: a probe would begin before the last has ended", h.Timeout, h.Every),
			Hint: "write pace: after"})
	}
	if h.TimeoutFrom == FromAnswer && h.Pace != "" && h.Pace != PaceGrid {
		ps = append(ps, flow.Problem{Path: "pace", Text: "a time-out that counts from the last answer needs probes on a grid", Hint: "write pace: grid"})
	}
	if h.Agent != nil && h.Kind != AgentCheck {
		bad("agent", "this belongs to kind: agent")
	}
	return ps
}

// mostTime is the longest time that a health check may have anywhere, and
// mostProbes how many of its probes may have to agree: those that are repeated at
// once take no time.
const (
	mostTime   = 24 * time.Hour
	mostProbes = 10000
)
