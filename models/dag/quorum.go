package dag

import (
	"math/bits"

	"lbsim/models/flow"
)

// QuorumMode is how the votes of those that are gone are counted.
type QuorumMode string

// The modes.
const (
	Static  QuorumMode = "static"
	Dynamic QuorumMode = "dynamic"
)

// QuorumModes lists the modes with their documentation.
var QuorumModes = flow.Table[QuorumMode]{
	{Name: "static", Doc: "more than half of all votes that are configured: Windows 2008 R2", New: func() QuorumMode { return Static }},
	{Name: "dynamic", Doc: "more than half of the votes of those that were there before the last change: 2012 and later", New: func() QuorumMode { return Dynamic }},
}

// WitnessVote is when the witness has a vote.
type WitnessVote string

// The ways.
const (
	VoteAuto   WitnessVote = "auto"
	VoteAlways WitnessVote = "always"
	VoteNever  WitnessVote = "never"
)

// WitnessVotes lists the ways with their documentation.
var WitnessVotes = flow.Table[WitnessVote]{
	{Name: "auto", Doc: "with an even number of members; in dynamic mode, of those that have a vote", New: func() WitnessVote { return VoteAuto }},
	{Name: "always", Doc: "with any number of members: 2012, or set by hand", New: func() WitnessVote { return VoteAlways }},
	{Name: "never", Doc: "as if there were no witness", New: func() WitnessVote { return VoteNever }},
}

// Voters is a set of members, by number, and of the witness.
type Voters uint32

// Witness is the set of the witness alone.
const Witness Voters = 1 << MaxMembers

// VoterOf is the set of one member alone.
func VoterOf(member int) Voters { return 1 << member }

// AllOf is the set of so many members.
func AllOf(members int) Voters { return 1<<members - 1 }

// Members returns the set without the witness.
func (v Voters) Members() Voters { return v &^ Witness }

// Count is how many there are.
func (v Voters) Count() int { return bits.OnesCount32(uint32(v)) }

// Has reports whether a member is in the set.
func (v Voters) Has(member int) bool { return v>>member&1 != 0 }

// Quorum knows whose votes are in force.
type Quorum struct {
	dynamic bool
	vote    WitnessVote
	votes   Voters
}

// NewQuorum returns the votes of members that are all there, and of a witness if
// there is one.
func NewQuorum(mode QuorumMode, vote WitnessVote, members int, witness bool) Quorum {
	if !witness {
		vote = VoteNever
	}
	q := Quorum{dynamic: mode == Dynamic, vote: vote}
	if q.dynamic {
		q.Settle(AllOf(members) | Witness)
		return q
	}
	q.votes = AllOf(members)
	if vote == VoteAlways || vote == VoteAuto && members%2 == 0 {
		q.votes |= Witness
	}
	return q
}

// Votes returns those whose votes are in force.
func (q *Quorum) Votes() Voters { return q.votes }

// Holds reports whether those that are there have more than half of the votes in
// force. All that fail at one time are to be taken out of the set at one time:
// what three of five voters leave behind is no quorum, although they could have
// gone one after another.
func (q *Quorum) Holds(present Voters) bool {
	return present.Members() != 0 && 2*(q.votes&present).Count() > q.votes.Count()
}

// Settle counts votes anew for those that are there, which must hold the quorum.
// In static mode all keep theirs. In dynamic mode every member that is there has
// one; the witness has one if their number is even. If that witness is missing,
// the member of the highest number loses its vote, so that of two halves one has
// more.
func (q *Quorum) Settle(present Voters) {
	members := present.Members()
	if !q.dynamic || members == 0 {
		return
	}
	q.votes = members
	even := members.Count()%2 == 0
	switch {
	case q.vote == VoteAlways:
		q.votes |= Witness
	case !even:
	case q.vote == VoteAuto && present&Witness != 0:
		q.votes |= Witness
	default:
		q.votes &^= 1 << (bits.Len32(uint32(members)) - 1)
	}
}

// Leave takes away the vote of a member that is about to shut down in order, of
// those that are there. In static mode it keeps it.
func (q *Quorum) Leave(member int, present Voters) {
	if rest := present &^ VoterOf(member); rest.Members() != 0 {
		q.Settle(rest)
	}
}
