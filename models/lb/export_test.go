package lb

import (
	"fmt"

	"lbsim/models/flow"
)

// Miscounted compares what the balancer counts with a look at all members, and
// says what is wrong.
func (b *Balancer) Miscounted() string {
	for _, in := range b.instances {
		waits, fulls := in.queue.n, 0
		for m := range in.members {
			waits += in.members[m].queue.n
			if in.full(m) && in.open(m) && !in.view.Members[m].Tried {
				fulls++
			}
		}
		if waits != in.waits || fulls != in.fulls {
			return fmt.Sprintf("%s counts %d that wait and %d full servers, there are %d and %d", in.actor, in.waits, in.fulls, waits, fulls)
		}
	}
	return ""
}

// Dialling reports whether a connection is under way to a server, and whether it
// counts there.
func (b *Balancer) Dialling(id flow.ConnID) (is, counts bool) {
	for i := range b.dials.all {
		if d := &b.dials.all[i]; d.id == id {
			return true, d.waits
		}
	}
	return false, false
}

// Share is the part of its configured weight that member m of the only service
// has in full.
func (b *Balancer) Share(m int) float64 {
	in := b.instances[0]
	return float64(in.members[m].weight) / float64(in.view.Members[m].Base*FullWeight)
}

// HealthCounter is what HAProxy calls the health of member m of the only service:
// 0 is down, rise+fall-1 up.
func (b *Balancer) HealthCounter(m int) int {
	in := b.instances[0]
	if ms := &in.members[m]; !ms.up {
		return ms.streak
	} else {
		return in.config.Health.Rise + in.config.Health.Fall - 1 - ms.streak
	}
}
