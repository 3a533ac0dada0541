package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A balancer that terminates connections waits for a server that does not
// answer: ConnectTimeout, within which its kernel sends the SYN again 1, 3, 7, 15
// and 31 s after the first (RFC 6298: after 1 s, doubled each time). As long as
// it waits, the connection counts on the server. What it does then is what it
// does at once when a server refuses: it tries the same server again as often as
// Retries says, RetryWait later each time, and then others as Redispatch says.
//
// Without a time-out, as at layer 4, it is the client's own SYN that is lost, and
// the client that sends it again.

// checkConnecting checks how the balancer connects to servers.
func (s *Service) checkConnecting() (ps []flow.Problem) {
	if s.ConnectTimeout < 0 || s.ConnectTimeout > time.Hour {
		ps = append(ps, flow.Problem{Path: "connect_timeout", Text: fmt.Sprintf("%v is not between 0s and 1h", s.ConnectTimeout)})
	}
	if s.Retries < 0 || s.Retries > 100 {
		ps = append(ps, flow.Problem{Path: "retries", Text: fmt.Sprintf("%d is not between 0 and 100", s.Retries)})
	}
	if s.RetryWait < time.Millisecond && s.Retries > 0 || s.RetryWait < 0 || s.RetryWait > time.Hour {
		ps = append(ps, flow.Problem{Path: "retry_wait", Text: fmt.Sprintf("%v is not between 1ms and 1h", s.RetryWait)})
	}
	return ps
}

// dial is a connection under way to a server, after its first attempt.
type dial struct {
	id    flow.ConnID
	in    *instance
	m     int32     // member that is being tried
	waits bool      // for the member's answer, and not for the time of another attempt
	began sim.Time  // when it was sent the first SYN
	tried []int     // members that have not taken it
	was   int32     // as in Query
	why   flow.Move // as in Query
}

// dials are the connections under way to servers.
type dials struct {
	all  []dial
	free []uint32
}

func (d *dials) add() (uint32, *dial) {
	if n := len(d.free); n > 0 {
		i := d.free[n-1]
		d.free = d.free[:n-1]
		return i, &d.all[i]
	}
	d.all = append(d.all, dial{})
	return uint32(len(d.all) - 1), &d.all[len(d.all)-1]
}

// firstSYN is when a SYN that is not answered is sent again.
const firstSYN = time.Second

// postpone goes on later with a connection that member m has not taken: when it
// answers, or when it is to be tried again.
func (b *Balancer) postpone(in *instance, m int, id flow.ConnID, c *flow.Conn, q *Query) {
	i, d := b.dials.add()
	*d = dial{
		id: id, in: in, m: int32(m), waits: in.silent, began: b.e.Now(),
		tried: append(d.tried[:0], in.tries...), was: q.was, why: q.why,
	}
	c.Member, c.Server = d.m, flow.NoServer
	if d.waits {
		in.count(m, +1)
		b.ports.dial.After(min(firstSYN, in.config.ConnectTimeout), i)
		return
	}
	c.Retried++
	b.ports.dial.After(in.config.RetryWait, i)
}

// onDial goes on with a connection that was postponed.
func (b *Balancer) onDial(i uint32) {
	d := b.dials.all[i]
	in, m := d.in, int(d.m)
	if d.waits && b.awaits(i) {
		return
	}
	b.dials.free = append(b.dials.free, i)
	b.dials.all[i].id = nobody
	if d.id == nobody {
		return // its client has given up, or its balancer has failed
	}
	if d.waits {
		in.count(m, -1)
	}
	if late := d.waits && b.e.Now().Sub(d.began) >= in.config.ConnectTimeout; !late && !in.stillTakes(&d) {
		b.reopen(d.id)
		b.serveQueues(in, m)
		return
	}
	c := b.fl.Conns.At(uint32(d.id))
	q := b.ask(d.id, c)
	q.was, q.why = d.was, d.why
	for _, t := range d.tried {
		in.tries = append(in.tries, t)
		in.setTried(t, true)
	}
	var o flow.Outcome
	if d.waits {
		o = b.answerOf(&d, c, q)
	} else {
		o = b.again(in, m, d.id, c, q)
	}
	in.forgetTries()
	b.tell(d.id, o)
	if d.waits {
		b.serveQueues(in, m) // its place may be free again
	}
}

// stillTakes reports whether the member of a connection that was postponed has not
// been drained, taken out or filled meanwhile. Where the same server is tried again
// and no other, it is also when checks have found it down or it is drained: HAProxy
// 2.6 without option redispatch does so, even in maintenance (src/backend.c, and as
// seen), where others are tried here.
func (in *instance) stillTakes(d *dial) bool {
	m := int(d.m)
	if in.config.Retries > 0 && in.config.Redispatch == 0 && !d.waits {
		return !in.full(m) && !in.members[m].duty.off()
	}
	return !in.full(m) && in.keeps(m) && (in.open(m) || d.was == d.m)
}

// answerOf goes on with a connection whose member has answered at last, or has not
// within the time-out.
func (b *Balancer) answerOf(d *dial, c *flow.Conn, q *Query) flow.Outcome {
	in, m := d.in, int(d.m)
	if b.e.Now().Sub(d.began) < in.config.ConnectTimeout {
		return b.again(in, m, d.id, c, q)
	}
	c.Server, in.silent = in.members[m].server, false
	b.failed(in, m)
	if c.Ignored++; int(c.Ignored) > in.attempts() {
		return flow.Reset // it has waited in queues in between, or it would not have come so far
	}
	return b.goOn(in, m, d.id, c, q)
}

// attempts is how often a connection may be tried after the first time.
func (in *instance) attempts() int {
	if in.config.Redispatch == Unlimited {
		return min(200, in.config.Retries+len(in.members))
	}
	return min(200, in.config.Retries+in.config.Redispatch)
}

// awaits lets a connection wait on for its member's answer, and reports whether
// it does.
func (b *Balancer) awaits(i uint32) bool {
	d := &b.dials.all[i]
	waited, most := b.e.Now().Sub(d.began), d.in.config.ConnectTimeout
	if d.id == nobody || waited >= most || b.backend.Connect(d.in.members[d.m].server, d.in.index) != flow.Silent {
		return false
	}
	// Each SYN comes twice as long after the one before as that did.
	b.ports.dial.After(min(waited+firstSYN, most-waited), i)
	return true
}

// tell tells the client what became of a connection that had to wait.
func (b *Balancer) tell(id flow.ConnID, o flow.Outcome) {
	switch {
	case o != flow.Accepted:
		b.front.Refused(id, o)
	case b.fl.Conns.At(uint32(id)).Server != flow.NoServer:
		b.front.Taken(id)
	}
}

// nobody stands for a connection that is no more.
const nobody = ^flow.ConnID(0)

// hangUp ends connections under way to servers and returns them.
func (b *Balancer) hangUp(which func(d *dial) bool) (ids []flow.ConnID) {
	for i := range b.dials.all {
		d := &b.dials.all[i]
		if d.id == nobody || !which(d) {
			continue
		}
		ids = append(ids, d.id)
		d.id = nobody
		if d.waits {
			d.in.count(int(d.m), -1)
			b.serveQueues(d.in, int(d.m))
		}
	}
	return ids
}
