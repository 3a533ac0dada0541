package lab

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/results"
)

// Agreement is how often the real balancer and the simulated one sent an arrival to
// the same server, in one repetition. What was on its way at the end of the real run
// does not count.
type Agreement struct {
	// Before are the arrivals before the first mark, After the others. Requests that
	// are under way when a server's state changes may overtake each other.
	Before, After Picks
	// Random says that the simulated picks differ between seeds: then real ones agree
	// with them by chance.
	Random bool
	// Differing are the first arrivals that differ, at most ten.
	Differing []Differing
}

// Picks counts arrivals.
type Picks struct{ Same, All int }

// Differing is an arrival that went to two servers, by name; "" is none.
type Differing struct {
	At              time.Duration
	Arrival         int // its place among those that connected
	Real, Simulated string
}

// mostDiffering is how many of them are listed.
const mostDiffering = 10

// agreementOf compares what was observed with its simulations. The visits must be in
// order.
func agreementOf(o *Observation, simulated []*results.Run, servers []string) Agreement {
	var a Agreement
	picks := simulated[0].Assignments.Servers()
	for _, run := range simulated[1:] {
		a.Random = a.Random || !slices.Equal(run.Assignments.Servers(), picks)
	}
	name := func(server int) string {
		if server == int(flow.NoServer) {
			return ""
		}
		return servers[server]
	}
	for i := range o.Visits {
		v := &o.Visits[i]
		if v.Outcome == flow.Accepted && !v.wasTaken() {
			continue
		}
		part := &a.Before
		if len(o.Marks) > 0 && v.Began >= o.Marks[0].At {
			part = &a.After
		}
		pick := int(flow.NoServer) // an attempt that still waits has no row
		if i < len(picks) {
			pick = int(picks[i])
		}
		part.All++
		if pick == v.Server {
			part.Same++
		} else if len(a.Differing) < mostDiffering {
			a.Differing = append(a.Differing, Differing{v.Began, i, name(v.Server), name(pick)})
		}
	}
	return a
}
