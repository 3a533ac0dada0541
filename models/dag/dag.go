package dag

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Events is what befalls a group. What is told at one instant happens at once:
// nothing is concluded from it before the end of the instant. Members are numbered
// as in the configuration.
type Events interface {
	// MemberDown tells that a member has failed: it crashes, or its host does.
	MemberDown(member int)
	// MemberShutdown tells that a member shuts down in order. It is up again with
	// MemberUp.
	MemberShutdown(member int)
	// MemberUp tells that the services of a member that was down have started.
	MemberUp(member int)
	// MemberStunned tells that a member stands still from now on for so long, as
	// at the end of a live migration.
	MemberStunned(member int, d time.Duration)
	// WitnessDown and WitnessUp tell that the witness fails, and that it has
	// started.
	WitnessDown()
	WitnessUp()
	// NetworkSplit tells that the members of different sets cannot reach each other
	// any more; a member in none of them reaches nobody. NetworkHealed ends that.
	NetworkSplit(sets []Side)
	NetworkHealed()
}

// Side is what can reach each other in a divided network.
type Side struct {
	Members []int
	Witness bool // they reach the witness; others may as well
}

// Listener is told where databases are. At first each is mounted on the member of
// its copy of the lowest preference number, which is not told.
type Listener interface {
	// Mounted tells that a member has mounted a database.
	Mounted(database, member int)
	// Dismounted tells that a database is not to be had any more.
	Dismounted(database int)
}

// Options are what a group needs besides its configuration. Both may be nil.
type Options struct {
	Listener Listener
	Observer flow.Observer
}

// DAG is a database availability group.
type DAG struct {
	e         *sim.Engine
	config    Config
	listener  Listener
	observer  flow.Observer
	members   []member
	databases []database

	quorum      Quorum
	holds       bool // there is quorum, and
	side        int  // this is the part of the network that has it
	witness     bool // it is up
	witnessBoot sim.Time
	sides       []Side // of the divided network, once that is noticed; nil: it is whole
	cut         []Side // as told last
	recount     bool   // votes are to be counted anew at the end of the instant
	pam         int    // the primary active manager; -1: none
	pamReady    sim.Time

	reviewed, noticed, resumed, split, decided, mounted, caughtUp, returned sim.Port[uint32]

	review     sim.Pending
	witnessOut sim.Pending
	splitting  sim.Pending

	evictions int
	losses    int
	without   spell // without quorum
}

var _ Events = (*DAG)(nil)

// member is a server of the group.
type member struct {
	state  presence
	side   int
	lost   bool // its absence has been noticed
	bit    bool // it may mount, in DAC mode
	bitAt  sim.Time
	notice sim.Pending // its absence will be
	still  bool        // it stands still,
	until  sim.Time    // until then

	starting int   // databases that it is mounting
	waiting  []int // databases that it is to mount next
}

// presence is whether a member takes part in the group.
type presence uint8

const (
	present presence = iota
	frozen           // it stands still, and nobody has noticed
	evicted          // it runs, but is not part of the cluster
	down
)

// takesPart reports whether the member has its vote as far as the others know.
func (m *member) takesPart() bool { return m.state <= frozen }

// New returns a group whose members are all up and whose databases are mounted.
// The config must be valid.
func New(e *sim.Engine, config Config, o Options) *DAG {
	d := &DAG{
		e: e, config: config, listener: o.Listener, observer: o.Observer,
		members: make([]member, len(config.Members)), databases: make([]database, len(config.Databases)),
		quorum: NewQuorum(config.Quorum, config.WitnessVote, len(config.Members), config.Witness != None),
		holds:  true, witness: config.Witness != None,
	}
	if d.listener == nil {
		d.listener = nobody{}
	}
	d.noticed = sim.Bind(e, "dag/noticed", sim.Expire, d.onNoticed)
	d.split = sim.Bind(e, "dag/split", sim.Expire, func(uint32) { d.onSplit() })
	d.decided = sim.Bind(e, "dag/decided", sim.Expire, func(uint32) { d.onDecided() })
	d.mounted = sim.Bind(e, "dag/mounted", sim.Expire, d.onMounted)
	d.caughtUp = sim.Bind(e, "dag/caught-up", sim.Expire, d.onCaughtUp)
	d.returned = sim.Bind(e, "dag/return", sim.Expire, func(uint32) { d.onReturn() })
	// A stun that lasts as long as the others wait is too long: the notice comes
	// before the end.
	d.resumed = sim.Bind(e, "dag/resumed", sim.Arrive, func(uint32) { d.onResumed() })
	// Arrive is the last phase in which models change: all that fails at an
	// instant has failed when it is reviewed.
	d.reviewed = sim.Bind(e, "dag/review", sim.Arrive, func(uint32) { d.onReview() })
	for m := range d.members {
		d.members[m].bit = true
	}
	for i := range d.databases {
		d.databases[i] = newDatabase(&d.config, &config.Databases[i])
		d.count(i)
	}
	if config.PreferenceMove > 0 {
		d.returned.After(config.PreferenceMove, 0)
	}
	return d
}

// ask has the state reviewed at the end of the instant.
func (d *DAG) ask() {
	if !d.e.IsPending(d.review) {
		d.review = d.reviewed.Set(0, 0)
	}
}

// onReview draws the conclusions from all that has happened.
func (d *DAG) onReview() {
	switch {
	case d.holds && !d.quorum.Holds(d.present(d.side)):
		d.loseQuorum()
	case d.holds && d.recount:
		d.quorum.Settle(d.present(d.side))
	case !d.holds:
		if side, ok := d.majority(); ok {
			d.regainQuorum(side)
		}
	}
	d.recount = false
	if d.holds {
		d.choosePAM()
		d.setBits()
		d.reconsider()
	}
	for i := range d.databases {
		d.resync(i)
		d.count(i)
	}
}

// choosePAM gives the role of the primary active manager to the first member that
// is there, once it is known that the one that had it is not.
func (d *DAG) choosePAM() {
	if d.pam >= 0 {
		if m := &d.members[d.pam]; m.takesPart() || !m.lost {
			return
		}
		d.pamReady = d.e.Now().Add(d.config.PAMMove)
	}
	for i := range d.members {
		if m := &d.members[i]; m.state == present && m.side == d.side {
			d.pam = i
			return
		}
	}
}

// joined reports whether a member runs in the part of the cluster that has the
// quorum.
func (d *DAG) joined(member int) bool {
	m := &d.members[member]
	return d.holds && m.state == present && m.side == d.side
}

// note reports an event of the timeline.
func (d *DAG) note(kind flow.NoteKind, actor, text string) {
	if d.observer == nil {
		return
	}
	d.observer.Noted(flow.Note{At: d.e.Now(), Kind: kind, Service: -1, Server: -1, Actor: actor, Text: text})
}

// nobody is where nobody wants to know of databases.
type nobody struct{}

func (nobody) Mounted(int, int) {}
func (nobody) Dismounted(int)   {}
