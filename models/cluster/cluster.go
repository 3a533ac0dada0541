package cluster

import (
	"cmp"
	"slices"
	"strings"
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

	failures *failures
	upkeep   *upkeep // nil: there is no maintenance but by the timeline
	counts   Counts
	up       flow.Area // hosts that work
}

// host is what a host is beside what its platform knows.
type host struct {
	own      bool // it has failed
	outages  int  // what else keeps it down: its rack, its site, common causes
	isolated bool // the others do not hear it
	cut      bool // nor do the clients hear its machines

	notice    sim.Pending // its failure will be known
	isolation sim.Pending // its machines will be taken from it
	release   sim.Pending // it will be trusted again
	failed    []sim.Time  // when it failed last, as far as that may keep it out

	squeezed  bool  // its machines have more work than it has cores
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
		c.upkeep = newUpkeep(c, config.Maintenance)
	}
	return c
}

// addHosts makes the platform's view of the hosts.
func (c *Cluster) addHosts() {
	c.view.Hosts = make([]HostView, len(c.hosts))
	c.view.Labels = c.config.Labels()
	var number [DomainKinds]map[string]int32
	for kind, labels := range c.view.Labels {
		c.domains[kind] = make([]int, len(labels))
		number[kind] = map[string]int32{"": -1}
		for i, name := range labels {
			number[kind][name] = int32(i)
		}
	}
	for i := range c.config.Hosts {
		h := &c.config.Hosts[i]
		memory := int64(h.Memory - h.Reserve)
		c.view.Hosts[i] = HostView{Name: h.Name, Up: true, Memory: memory, Free: memory, Cores: h.Cores,
			Domain: []int32{
				Rack:      number[Rack][h.Rack],
				Site:      number[Site][h.Site],
				Datastore: number[Datastore][h.Datastore],
			}}
	}
	for i := range c.config.VMs {
		c.vms[i].datastore = number[Datastore][c.config.VMs[i].Datastore]
	}
}

// addVMs makes the platform's view of the machines. Those that are placed together
// are by priority, highest first, then by name (a choice: no product documents how
// it breaks ties).
func (c *Cluster) addVMs() {
	hosts := make(map[string]int, len(c.hosts))
	for i := range c.config.Hosts {
		hosts[c.config.Hosts[i].Name] = i
	}
	numbers := func(names []string) (list []int) {
		for _, name := range names {
			list = append(list, hosts[name])
		}
		return list
	}
	classes := map[string]int32{}
	order := make([]int, len(c.vms))
	c.view.VMs = make([]VMView, len(c.vms))
	for i := range c.config.VMs {
		v, m := &c.config.VMs[i], &c.vms[i]
		m.from, m.to, m.busy, m.speed, order[i] = -1, -1, v.Cores, 1, i
		c.view.VMs[i] = VMView{
			Name: v.Name, Memory: int64(v.Memory), Cores: v.Cores, Reserved: v.Reserved, Priority: v.Priority,
			Preferred: numbers(v.Preferred), Possible: numbers(v.Possible), Host: -1, Home: -1,
		}
		for _, name := range v.Classes {
			key := strings.ToLower(name)
			n, ok := classes[key]
			if !ok {
				n = int32(len(c.view.Classes))
				classes[key] = n
				c.view.Classes = append(c.view.Classes, name)
			}
			if !slices.Contains(c.view.VMs[i].Classes, n) {
				c.view.VMs[i].Classes = append(c.view.VMs[i].Classes, n)
			}
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		va, vb := &c.view.VMs[a], &c.view.VMs[b]
		return cmp.Or(cmp.Compare(vb.Priority, va.Priority), strings.Compare(va.Name, vb.Name))
	})
	for rank, i := range order {
		c.vms[i].rank = rank
	}
	c.countClasses()
}

// placeFirst puts the machines where they are at first: those that say where, and
// then the others as the platform decides. Nothing of that counts.
func (c *Cluster) placeFirst() {
	hosts := make(map[string]int, len(c.hosts))
	for i := range c.config.Hosts {
		hosts[c.config.Hosts[i].Name] = i
	}
	for i := range c.config.VMs {
		if on := c.config.VMs[i].On; on != "" {
			c.put(i, hosts[on])
			c.view.VMs[i].Home = hosts[on]
			c.begin(i)
		} else {
			c.queue = append(c.queue, ask{i, Started})
		}
	}
	c.askQueue(c.begin)
	for v := range c.vms {
		m := &c.vms[v]
		m.speed, m.meter, m.cold, m.recovers = 1, vmMeter{}, false, false
	}
	c.counts = Counts{Refused: c.counts.Refused}
}

// begin lets a machine run from the start.
func (c *Cluster) begin(v int) {
	c.view.VMs[v].State = Online
	m := &c.vms[v]
	m.running, m.serving = true, true
	c.count(v, true)
}

// View returns what the platform knows, to be read only.
func (c *Cluster) View() *View { return &c.view }

// note reports an event of the timeline.
func (c *Cluster) note(kind flow.NoteKind, actor, text string) {
	c.observer.Noted(flow.Note{At: c.e.Now(), Kind: kind, Service: -1, Server: -1, Actor: actor, Text: text})
}

// log reports what the platform's own log says of a move that begins.
func (c *Cluster) log(m Move) {
	if c.logger == nil || c.observer == nil {
		return
	}
	if line := c.logger.Log(m, c.view.VMs[m.VM].Host, c.e.Now()); line != "" {
		c.note(flow.Adjusted, "cluster", line)
	}
}

// noteHost and noteVM report an event of a host and of a machine, whose text is
// made of parts.
func (c *Cluster) noteHost(kind flow.NoteKind, h int, text ...string) {
	if c.observer != nil {
		c.note(kind, c.view.Hosts[h].Name, strings.Join(text, ""))
	}
}

func (c *Cluster) noteVM(kind flow.NoteKind, v int, text ...string) {
	if c.observer != nil {
		c.note(kind, "vm:"+c.view.VMs[v].Name, strings.Join(text, ""))
	}
}

// nobody is where nobody wants to know of the machines.
type nobody struct{}

func (nobody) Down(int, Ending)        {}
func (nobody) Up(int, bool)            {}
func (nobody) Speed(int, float64)      {}
func (nobody) Stun(int, time.Duration) {}
