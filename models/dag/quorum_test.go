package dag

import (
	"fmt"
	"math/big"
	"testing"
)

// share returns in how many of all cases something survives.
func share(survived, all int) string {
	switch survived {
	case all:
		return "yes"
	case 0:
		return "no"
	}
	return fmt.Sprintf("%d/%d", survived, all)
}

// The table of "Understanding cluster and pool quorum" (windowsserverdocs), all
// cells, over all choices of the members that are lost. Its 50/50 depends on which
// of them is the one whose vote is zeroed; a loss of the last member is a no.
func TestQuorumTable(t *testing.T) {
	for _, c := range []struct {
		members       int
		witness       bool
		one, two, now string // one loss; one, then another; two at once
	}{
		{2, false, "1/2", "no", "no"}, // fractions are of members, and of ordered pairs
		{2, true, "yes", "no", "no"},
		{3, false, "yes", "3/6", "no"},
		{3, true, "yes", "yes", "no"},
		{4, false, "yes", "yes", "6/12"},
		{4, true, "yes", "yes", "yes"},
	} {
		all := AllOf(c.members)
		if c.witness {
			all |= Witness
		}
		var one, two, atOnce, pairs int
		for a := range c.members {
			q := NewQuorum(Dynamic, VoteAuto, c.members, c.witness)
			rest := all &^ VoterOf(a)
			held := q.Holds(rest)
			if held {
				one++
				q.Settle(rest)
			}
			for b := range c.members {
				if a == b {
					continue
				}
				pairs++
				if held && q.Holds(rest&^VoterOf(b)) {
					two++
				}
				fresh := NewQuorum(Dynamic, VoteAuto, c.members, c.witness)
				if fresh.Holds(all &^ VoterOf(a) &^ VoterOf(b)) {
					atOnce++
				}
			}
		}
		got := [3]string{share(one, c.members), share(two, pairs), share(atOnce, pairs)}
		want := [3]string{c.one, c.two, c.now}
		if got != want {
			t.Errorf("%d members, witness %v: got %v, want %v", c.members, c.witness, got, want)
		}
	}
}

// Static majorities are always of the configured votes: 3 members need 2, and 4
// with a witness 3 of 5.
func TestStaticQuorum(t *testing.T) {
	for members := 1; members <= MaxMembers; members++ {
		for _, witness := range []bool{false, true} {
			q := NewQuorum(Static, VoteAuto, members, witness)
			votes := members
			if witness && members%2 == 0 {
				votes++
			}
			if got := q.Votes().Count(); got != votes {
				t.Errorf("%d members, witness %v: %d votes, want %d", members, witness, got, votes)
			}
			for left := 1; left <= members; left++ {
				present := AllOf(left)
				mine := left
				if witness {
					present |= Witness
					if members%2 == 0 {
						mine++
					}
				}
				q.Settle(present)
				if got, want := q.Holds(present), mine > votes/2; got != want {
					t.Errorf("%d of %d members, witness %v: quorum is %v", left, members, witness, got)
				}
			}
		}
	}
}

// One after another, any number of members can fail with a witness that votes when
// it has to, down to the last one.
func TestLastMemberStanding(t *testing.T) {
	for members := 2; members <= MaxMembers; members++ {
		q := NewQuorum(Dynamic, VoteAuto, members, true)
		present := AllOf(members) | Witness
		for m := range members - 1 {
			if present &^= VoterOf(m); !q.Holds(present) {
				t.Fatalf("%d members: lost with %d", members, m)
			}
			q.Settle(present)
		}
		if q.Holds(Witness) {
			t.Error("a witness alone has quorum")
		}
	}
}

// The witness's vote can be set by hand, and a member that leaves in order hands
// its vote over.
func TestVotesByHandAndInOrder(t *testing.T) {
	all := AllOf(3) | Witness
	always := NewQuorum(Dynamic, VoteAlways, 3, true)
	never := NewQuorum(Static, VoteNever, 4, true)
	if always.Votes() != all || never.Votes() != AllOf(4) {
		t.Errorf("votes are %b and %b", always.Votes(), never.Votes())
	}
	if always.Settle(AllOf(3)); always.Votes()&Witness == 0 {
		t.Error("a witness that always votes has lost its vote")
	}
	q := NewQuorum(Dynamic, VoteAuto, 2, false)
	if q.Votes() != VoterOf(0) {
		t.Fatalf("of two members, %b votes", q.Votes())
	}
	if q.Holds(VoterOf(1)) {
		t.Error("the member without a vote has quorum")
	}
	if q.Leave(0, AllOf(2)); !q.Holds(VoterOf(1)) {
		t.Error("the vote was not handed over")
	}
}

// Random placement: each member is independently on any host, the witness outside
// where their number is even, and a random host fails. Probabilities are by
// enumeration of all layouts, and equal to the formulas exactly.
func TestRandomPlacement(t *testing.T) {
	for _, c := range []struct {
		members, hosts        int
		distinct, lost, apart *big.Rat // apart: with the members as evenly spread as they can be
	}{
		{2, 2, big.NewRat(1, 2), big.NewRat(1, 4), big.NewRat(0, 1)},
		{2, 3, big.NewRat(2, 3), big.NewRat(1, 9), big.NewRat(0, 1)},
		{3, 2, big.NewRat(0, 1), big.NewRat(1, 2), big.NewRat(1, 2)},
		{3, 3, big.NewRat(2, 9), big.NewRat(7, 27), big.NewRat(0, 1)},
		{4, 3, big.NewRat(0, 1), big.NewRat(1, 9), big.NewRat(0, 1)},
	} {
		for _, mode := range []QuorumMode{Static, Dynamic} {
			distinct, lost, apart, layouts, even := 0, 0, 0, 0, 0
			on := make([]int, c.members)
			var place func(m int)
			place = func(m int) {
				if m < c.members {
					for on[m] = 0; on[m] < c.hosts; on[m]++ {
						place(m + 1)
					}
					return
				}
				layouts++
				has := make([]Voters, c.hosts)
				for m, h := range on {
					has[h] |= VoterOf(m)
				}
				most, least := 0, c.members
				for _, v := range has {
					most, least = max(most, v.Count()), min(least, v.Count())
				}
				if most == 1 {
					distinct++
				}
				if most-least <= 1 {
					even++
				}
				for _, v := range has {
					q := NewQuorum(mode, VoteAuto, c.members, c.members%2 == 0)
					if !q.Holds((AllOf(c.members) | Witness) &^ v) {
						lost++
						if most-least <= 1 {
							apart++
						}
					}
				}
			}
			place(0)
			for name, p := range map[string][2]*big.Rat{
				"all on distinct hosts": {big.NewRat(int64(distinct), int64(layouts)), c.distinct},
				"lost":                  {big.NewRat(int64(lost), int64(layouts*c.hosts)), c.lost},
				"lost, spread evenly":   {big.NewRat(int64(apart), int64(even*c.hosts)), c.apart},
			} {
				if p[0].Cmp(p[1]) != 0 {
					t.Errorf("%d members on %d hosts, %s quorum: %s with probability %v, want %v", c.members, c.hosts, mode, name, p[0], p[1])
				}
			}
		}
	}
}
