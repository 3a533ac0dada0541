package lb

import "fmt"

// Miscounted compares what the balancer counts with a look at all members, and
// says what is wrong.
func (b *Balancer) Miscounted() string {
	for _, in := range b.instances {
		waits, fulls := in.queue.n, 0
		for m := range in.members {
			waits += in.members[m].queue.n
			if in.full(m) && in.open(m) && !in.members[m].tried {
				fulls++
			}
		}
		if waits != in.waits || fulls != in.fulls {
			return fmt.Sprintf("%s counts %d that wait and %d full servers, there are %d and %d", in.actor, in.waits, in.fulls, waits, fulls)
		}
	}
	return ""
}
