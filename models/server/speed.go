package server

// leastSpeed is the least part of its speed that a core has: a host lets no machine
// starve for ever.
const leastSpeed = 0.001

// SetSpeed lets the cores of server s run at a part of their speed, as those of a
// virtual machine do whose host has promised more cores than it has. Under ps all
// requests are slower at once. Under fifo it is those whose work begins from now
// on; what has begun goes on as it began. The time for which a core is slow counts
// as work, which is what the machine itself would measure. The speed stays when the
// server fails.
func (p *Pool) SetSpeed(s int32, speed float64) {
	speed = min(1, max(leastSpeed, speed))
	m := &p.machines[s]
	if q := m.sharing; q != nil {
		if p.Suspended(s) {
			q.speed = speed
			return
		}
		if len(q.jobs) > 0 {
			q.advance(p.e.Now())
		}
		if q.speed = speed; len(q.jobs) > 0 {
			q.setRate()
			p.reschedule(s, m)
		}
		return
	}
	if speed < 1 || m.special != nil {
		p.makeSpecial(s).slow = 1 / speed
	}
}
