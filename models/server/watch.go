package server

import "lbsim/sim"

// Watch has f told of how many cores of a server are at work, whenever that may have
// changed, before anything else happens. f may change the speed of any server.
func (p *Pool) Watch(f func(s int32, busy int)) { p.watch = f }

// occupy counts the cores that are at work from now on.
func (p *Pool) occupy(s int32, m *machine, now sim.Time) {
	n := m.working()
	m.busy.Set(float64(n), now)
	if p.watch != nil {
		p.watch(s, int(n))
	}
}
