package dag

import (
	"fmt"
	"testing"
	"time"

	"lbsim/models/internal/theory"
	"lbsim/sim"
)

// holdsAfter runs a group in which members fail, those of each step at one instant
// and the steps a minute apart, and reports whether it has quorum in the end.
func holdsAfter(c Config, steps ...[]int) bool {
	e := sim.New(1, 0)
	d := New(e, c, Options{Listener: &rig{}, Observer: &rig{}})
	for _, members := range steps {
		e.Run(e.Now().Add(time.Minute))
		for _, m := range members {
			d.MemberDown(m)
		}
	}
	e.Run(e.Now().Add(time.Minute))
	return d.HasQuorum()
}

// ofWitness is a group of so many members, and a witness outside or none.
func ofWitness(members int, witness bool) Config {
	c := group(members)
	if !witness {
		c.Witness = None
	}
	return c
}

// The table of TestQuorumTable again, of groups whose members fail in a run.
func TestQuorumTableInRuns(t *testing.T) {
	for _, x := range []struct {
		members       int
		witness       bool
		one, two, now string
	}{
		{2, false, "1/2", "no", "no"},
		{2, true, "yes", "no", "no"},
		{3, false, "yes", "3/6", "no"},
		{3, true, "yes", "yes", "no"},
		{4, false, "yes", "yes", "6/12"},
		{4, true, "yes", "yes", "yes"},
	} {
		c := ofWitness(x.members, x.witness)
		var one, two, now, pairs int
		count := func(n *int, steps ...[]int) {
			if holdsAfter(c, steps...) {
				*n++
			}
		}
		for a := range x.members {
			count(&one, []int{a})
			for b := range x.members {
				if a == b {
					continue
				}
				pairs++
				count(&two, []int{a}, []int{b})
				count(&now, []int{a, b})
			}
		}
		got := [3]string{share(one, x.members), share(two, pairs), share(now, pairs)}
		if want := [3]string{x.one, x.two, x.now}; got != want {
			t.Errorf("%d members, witness %v: got %v, want %v", x.members, x.witness, got, want)
		}
	}
}

// Random placement again, by runs: members are on random hosts, one of these fails,
// and the group has quorum or not. TestRandomPlacement has the same by enumeration.
// Members that are spread as evenly as they can be are on one host after another,
// from a random one on.
func TestRandomPlacementInRuns(t *testing.T) {
	const replications, runs = 16, 2000
	for _, x := range []struct {
		members, hosts        int
		distinct, lost, apart float64
	}{
		{2, 2, 1.0 / 2, 1.0 / 4, 0},
		{2, 3, 2.0 / 3, 1.0 / 9, 0},
		{3, 2, 0, 1.0 / 2, 1.0 / 2},
		{3, 3, 2.0 / 9, 7.0 / 27, 0},
		{4, 3, 0, 1.0 / 9, 0},
	} {
		c := ofWitness(x.members, x.members%2 == 0)
		for _, mode := range []QuorumMode{Static, Dynamic} {
			c.Quorum = mode
			name := fmt.Sprintf("%d members on %d hosts, %s", x.members, x.hosts, mode)
			t.Run(name, func(t *testing.T) {
				var distinct, lost, apart []float64
				for r := range uint64(replications) {
					u := sim.NewStream(1, r, name)
					alone, down, even := 0, 0, 0
					for range runs {
						failed, first := u.IntN(x.hosts), u.IntN(x.hosts)
						on := make([]int, x.hosts)
						var lose, loseEven []int
						for m := range x.members {
							h := u.IntN(x.hosts)
							if on[h]++; h == failed {
								lose = append(lose, m)
							}
							if (first+m)%x.hosts == failed {
								loseEven = append(loseEven, m)
							}
						}
						most := 0
						for _, n := range on {
							most = max(most, n)
						}
						if most == 1 {
							alone++
						}
						if !holdsAfter(c, lose) {
							down++
						}
						if !holdsAfter(c, loseEven) {
							even++
						}
					}
					distinct = append(distinct, float64(alone)/runs)
					lost = append(lost, float64(down)/runs)
					apart = append(apart, float64(even)/runs)
				}
				theory.CheckNumber(t, x.distinct, 0.02, distinct)
				theory.CheckNumber(t, x.lost, 0.02, lost)
				theory.CheckNumber(t, x.apart, 0.02, apart)
			})
		}
	}
}

// A group that nobody follows fails over as any other.
func TestNobodyFollows(t *testing.T) {
	var c Config
	c.SetDefaults()
	for _, name := range []string{"a", "b", "c"} {
		m := Member{Name: name}
		m.SetDefaults()
		c.Members = append(c.Members, m)
	}
	c.Databases = []Database{{Name: "db1", Copies: []Copy{{On: "a"}, {On: "b"}, {On: "c"}}}}
	e := sim.New(1, 0)
	d := New(e, c, Options{})
	d.MemberDown(0)
	e.Run(sim.Time(time.Minute))
	if at, mounted := d.Active(0); at != 1 || !mounted {
		t.Errorf("db1 is on member %d, mounted %v", at, mounted)
	}
}
