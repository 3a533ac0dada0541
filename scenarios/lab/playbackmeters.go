package lab

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

var _ flow.Metering = (*scene)(nil)

// Meter implements flow.Metering.
func (s *scene) Meter(service, i int, now sim.Time) flow.Meter {
	m := &s.services[service].members[i]
	r := flow.Meter{Conns: int(m.held.Level()), ConnsArea: m.held.Value(now), Refused: m.refused}
	if !m.down && !m.out {
		r.Weight = 1
	}
	return r
}

// ServerMeter implements flow.Metering.
func (s *scene) ServerMeter(i int, now sim.Time) flow.ServerMeter {
	m := &s.machines[i]
	return flow.ServerMeter{
		Cores: s.config.Servers[i].Cores, Up: !m.failed,
		Busy: int(m.busy.Level()), BusyArea: m.busy.Value(now),
		Queue: int(m.wait.Level()), QueueMax: m.waitMost, QueueArea: m.wait.Value(now),
	}
}

// QueueMeter implements flow.Metering.
func (s *scene) QueueMeter(service int, now sim.Time) flow.QueueMeter {
	q := &s.services[service]
	return flow.QueueMeter{Limited: q.limited, Most: q.most, Area: q.waiting.Value(now)}
}

// SourceMeter implements flow.Metering.
func (s *scene) SourceMeter() flow.SourceMeter { return flow.SourceMeter{} }

// ResetPeaks implements flow.Metering.
func (s *scene) ResetPeaks() {
	for i := range s.services {
		s.services[i].most = int(s.services[i].waiting.Level())
	}
	for i := range s.machines {
		s.machines[i].waitMost = int(s.machines[i].wait.Level())
	}
}

// Conns implements flow.Metering.
func (s *scene) Conns(f func(id flow.ConnID, c *flow.Conn)) {
	for i := range s.conns {
		if s.there[i] {
			f(flow.ConnID(i), &s.conns[i])
		}
	}
}
