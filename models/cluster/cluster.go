package cluster

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Machines is told what befalls the machines, which are numbered as in the
// configuration. At first those are up that Serving names: all, but for those that
// no host could take. Their speed is 1 until they are told of another one.
type Machines interface {
	// Down tells that a machine does not answer any more, and how that came about.
	Down(vm int, how Ending)
	// Up tells that its services answer again; cold is whether it has booted.
	Up(vm int, cold bool)
	// Speed tells how fast its processors are, 1 where they are its own.
	Speed(vm int, factor float64)
	// Stun tells that it stands still from now on for so long.
	Stun(vm int, d time.Duration)
}

// HostWatcher may be implemented by Machines that follow hosts as well, such as for
// what they have beside machines.
type HostWatcher interface {
	// HostChanged tells that a host may answer now, or not any more: see Answers.
	HostChanged(host int)
}

// Ending is how a machine comes to answer no more.
type Ending uint8

// The endings.
const (
	Lost     Ending = iota // without a word: it, its host or its network is gone
	Saved                  // it stands still, and goes on later as if nothing had been
	ShutDown               // in order: it tells whoever is connected
)

// Options are what a cluster needs besides its configuration. Both may be nil.
type Options struct {
	Machines Machines
	Observer flow.Observer
}

// Cluster is hosts, machines and their platform in a run. All that happens at one
// instant has happened when the platform is asked: hosts that are known to be down
// at the same instant are judged together.
type Cluster struct {
	e        *sim.Engine
	config   *Config
	timing   Timing
	view     View
	placer   Placer
	repairer Repairer // nil: the platform moves nothing
	admitter Admitter // nil: the platform starts everything
	logger   Logger   // nil: the platform writes no log
	machines Machines
	watcher  HostWatcher // nil: nobody follows hosts
	observer flow.Observer
	placed   flow.PlacementObserver // the same; nil: it does not follow machines

	hosts   []host
	vms     []vm
	domains [DomainKinds][]int // by label: how many causes have taken it
	classes []class            // as View.Classes
	leaving int                // hosts that are being emptied

	queue   []ask // who is to be placed at the end of the instant
	waiting []int // machines that the platform has found no host for
	moves   []int // machines whose migration waits for its turn

	room, joined, moved, periodic bool // what has happened since the platform was asked
	review                        sim.Pending
	reviewing                     bool

	noticed, cutOff, released, stepped, retried, passed, reviewed sim.Port[uint32]

	touched []int // machines of which the observer may be told something
	tell    sim.Port[uint32]

	failures    *failures
	maintenance *maintenance // nil: there is no maintenance but by the timeline
	counts      flow.ClusterMeter
	up          flow.Area // hosts that work
}

// host is what a host is beside what its platform knows.
type host struct {
	own      bool // it has failed
	outages  int  // what else keeps it down: its rack, its site, common causes
	isolated bool // the others do not hear it
	cut      bool // nor do the clients hear its machines
	ended    bool // its machines have ended for that, and the platform does not know yet

	notice    sim.Pending // its failure will be known
	isolation sim.Pending // its machines will be taken from it
	release   sim.Pending // it will be trusted again
	failed    []sim.Time  // when it failed last, as far as that may keep it out

	contended bool  // its machines have more work than it has cores
	starting  int   // machines that it boots
	starts    []int // machines that it will
	migrating int   // migrations that it takes part in
}

func (h *host) alive() bool { return !h.own && h.outages == 0 }

// vm is what a machine is beside what its platform knows.
type vm struct {
	stage     stage
	step      sim.Pending // the end of the stage
	retry     sim.Pending // the platform is asked again
	from      int         // the host that it was on last, -1: none
	to        int         // where it migrates
	kind      Migration
	attempt   int
	tried     int // starts that fail before the one that does not
	rank      int // its place among those that are placed together
	asked     bool
	wanted    bool // an operator wants it elsewhere, and it is asked for
	waits     bool
	recovers  bool  // it is to start because of a failure
	datastore int32 // its own, -1: that of its host

	ending  Ending // how it goes down that is about to
	running bool   // its services have started
	own     bool   // and have failed
	outages int    // or something else keeps it down
	serving bool   // all in all it answers
	cold    bool   // it has booted since it answered last

	busy       int // processors that have work
	speed      float64
	speedSince sim.Time // of the last change of speed, or of busy while that is less than 1
	meter      vmMeter
	told       report
}

// stage is what a machine is doing.
type stage uint8

const (
	still    stage = iota // nothing that ends by itself
	queued                // waits for its turn to boot
	blocked               // waits for its datastore
	booting               //
	services              // has booted, and its services start
	inLine                // waits for its turn to migrate
	copying               // its memory is copied, to the host or to disk
	stunned               // the end of a live migration
)

// ask is that a machine is to be placed.
type ask struct {
	vm    int
	cause Cause
}

// New returns a cluster whose hosts are up and whose machines run. The config must
// be valid.
func New(e *sim.Engine, config *Config, o Options) *Cluster {
	c := &Cluster{
		e: e, config: config, timing: config.Platform.Timing(), machines: nobody{}, observer: o.Observer,
		hosts: make([]host, len(config.Hosts)), vms: make([]vm, len(config.VMs)),
	}
	c.released = sim.Bind(e, "cluster/released", sim.Fault, c.onReleased)
	c.noticed = sim.Bind(e, "cluster/noticed", sim.Expire, c.onNoticed)
	c.cutOff = sim.Bind(e, "cluster/isolated", sim.Expire, c.onIsolated)
	c.stepped = sim.Bind(e, "cluster/step", sim.Expire, c.onStep)
	c.retried = sim.Bind(e, "cluster/retry", sim.Expire, func(v uint32) { c.ask(int(v), Again) })
	c.passed = sim.Bind(e, "cluster/pass", sim.Expire, c.onPass)
	// Arrive is the last phase in which models change.
	c.tell = sim.Bind(e, "cluster/tell", sim.Observe, c.onTell)
	c.placed, _ = o.Observer.(flow.PlacementObserver)
	c.up.Set(float64(len(c.hosts)), e.Now())
	c.reviewed = sim.Bind(e, "cluster/review", sim.Arrive, func(uint32) { c.onReview() })
	c.view.Changes = 1
	c.addHosts()
	c.addVMs()
	c.placer = config.Platform.NewPlacer(Env{View: &c.view, Rand: e.Stream("cluster/place")})
	c.repairer, _ = c.placer.(Repairer)
	c.admitter, _ = c.placer.(Admitter)
	c.logger, _ = c.placer.(Logger)
	c.placeFirst()
	if o.Machines != nil {
		c.machines = o.Machines
		c.watcher, _ = o.Machines.(HostWatcher)
	}
	for h := range c.hosts {
		c.share(h)
	}
	for v := range c.vms {
		c.touch(v)
	}
	if c.repairer != nil && c.timing.Pass > 0 {
		c.passed.After(c.timing.Pass, 0)
	}
	if config.Failures != nil {
		c.failures = newFailures(c, config.Failures)
	}
	if config.Maintenance != nil {
		c.maintenance = newMaintenance(c, config.Maintenance)
	}
	return c
}

// View returns what the platform knows, to be read only.
func (c *Cluster) View() *View { return &c.view }

// nobody is where nobody wants to know of the machines.
type nobody struct{}

func (nobody) Down(int, Ending)        {}
func (nobody) Up(int, bool)            {}
func (nobody) Speed(int, float64)      {}
func (nobody) Stun(int, time.Duration) {}
