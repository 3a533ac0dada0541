package cluster

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Policy is a platform's way to place machines, as a scenario configures it. Each
// kind is a file of package place.
type Policy interface {
	flow.Validator
	// NewPlacer returns the platform at the start of a run.
	NewPlacer(Env) Placer
	// Timing is how long the platform takes to notice and to act.
	Timing() Timing
}

// HostNamer is a Policy whose parameters name hosts, each of which must be one of
// the cluster's.
type HostNamer interface {
	// HostNames returns the names, and the paths that lead to them.
	HostNames() (names, paths []string)
	// WithHosts returns a copy in which list has said, of each path, what names
	// its name stands for: it may be a pattern such as hv[1-4].
	WithHosts(list func(path, pattern string) []string) Policy
}

// Env is what a Placer gets at the start of a run.
type Env struct {
	View *View
	// Rand is the platform's own stream of random numbers.
	Rand *sim.Stream
}

// Timing is how long a platform takes to notice and to act. Zero durations are
// at once, unless it is said otherwise.
type Timing struct {
	// Detect is the time from a host's failure until its machines are placed.
	Detect time.Duration
	// DetectManager is the same where the failed host was the one that manages
	// the others (the first of those that are up); 0: no different.
	DetectManager time.Duration
	// Isolated is the time from a host's isolation until its machines end, to be
	// placed elsewhere, but not before Detect; 0: never, they go on where they are.
	Isolated time.Duration
	// IsolatedManager is the same of the host that manages the others; 0: no
	// different.
	IsolatedManager time.Duration
	// StartFail is what an attempt to start a machine costs that does not succeed,
	// for a Placer whose Decisions have hosts that were Tried.
	StartFail time.Duration
	// Pass is the time between two looks for improvements; 0: none.
	Pass time.Duration
	// Starts is how many machines of a host start at a time; 0: any number.
	Starts int
	// Migrations is how many live migrations a host takes part in at a time;
	// 0: any number.
	Migrations int
	// Leave is how machines change their host when they are to leave it and the
	// platform says where they go.
	Leave Migration
	// Quarantine is how hosts that fail often are kept out.
	Quarantine Quarantine
}

// Quarantine keeps a host that has failed so many times within a while out for a
// time. Failures of 0: never.
type Quarantine struct {
	Failures    int
	Within, For time.Duration
	// AtMost is the share of the hosts that are out at a time.
	AtMost float64
}

// Placer decides where machines go. It sees the View and nothing else.
type Placer interface {
	// Place chooses a host for a machine that has none or is to leave it.
	Place(q Query) Decision
}

// Repairer is a Placer that moves machines that run: when a host has come, when
// a move has ended, and once in each Timing.Pass.
type Repairer interface {
	// Repair returns the moves to begin now, in their order.
	Repair(cause Cause, now sim.Time) []Move
}

// Logger is a Placer whose platform writes a log of its own.
type Logger interface {
	// Log returns the line that the platform writes when a machine begins to go
	// from a host to another one, "" if it writes none.
	Log(m Move, from int, now sim.Time) string
}

// Admitter is a Placer that may refuse to start a machine at all.
type Admitter interface {
	// Admit reports whether the cluster could still stand the failures that it
	// promises to, with one more machine; if not, why not.
	Admit(vm int) (ok bool, why string)
}

// Query is the question where a machine goes.
type Query struct {
	VM    int
	Cause Cause
	// From is the host that the machine was on, -1 if it was on none.
	From int
	// Attempt counts, from 1, how often this has been asked for the machine since
	// it last ran.
	Attempt int
	Now     sim.Time
}

// Cause says why a machine is placed.
type Cause uint8

// The causes.
const (
	HostFailed Cause = iota
	MachineFailed
	Planned    // an operator moves it, or empties its host
	Started    // it is started for the first time
	Again      // an earlier attempt found no place
	HostJoined // a host has come or come back
	Moved      // a move has ended
	Periodic   // a look for improvements
)

// Reason says how a decision came about.
type Reason uint8

// The reasons.
const (
	Normal     Reason = iota
	LastResort        // with a machine from which it should be kept apart, as there was no other host
	Conflict          // no host: it must be kept apart from what runs on those that there are
	WaitRetry         // no host with room
	NoHost            // no host at all that may run it
	Threshold         // it has failed too often, and is left alone
	Refused           // admission control
	Repaired          // a move to keep apart what should be
	Failback          // a move to where it belongs
	Balanced          // a move to even the load
	Outweighed        // with a machine from which it should be kept apart, as other grounds weighed more
	NotStarted        // it is of those that nobody starts but an operator
)

var reasonNames = [...]string{
	"normal", "last_resort", "offline_conflict", "failed_wait_retry", "pending_no_host",
	"threshold", "refused", "anti_affinity", "failback", "balance", "outweighed", "not_started",
}

// String returns the reason's name in the timeline.
func (r Reason) String() string { return reasonNames[r] }

// Decision is where a machine goes.
type Decision struct {
	// Host is -1 if there is none for now.
	Host   int
	Reason Reason
	// Tried are the hosts on which a start was attempted in vain before, in
	// their order: a platform that does not look at the memory first.
	Tried []int
	// Evicted are machines that are taken down to make room.
	Evicted []int
	// Retry is when to ask again at the latest if there is no host; 0: not before
	// something changes. Whenever a host comes or gets room, those that wait are
	// asked for, too.
	Retry time.Duration
}

// Move is a machine that goes from the host on which it runs to another.
type Move struct {
	VM, To int
	Reason Reason
	Kind   Migration
}

// Migration is how a running machine changes its host.
type Migration uint8

// The kinds of migration.
const (
	Live  Migration = iota // it runs on, but for a stun at the end
	Quick                  // it is saved to disk and resumed
	Cold                   // it is shut down and booted
)

// String returns the name of the way.
func (m Migration) String() string { return [...]string{"live", "quick", "cold"}[m] }
