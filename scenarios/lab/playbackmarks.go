package lab

import (
	"fmt"

	"lbsim/models/flow"
)

// passive reports whether the balancer says of a service's servers when they are
// down, and not when it tries them again.
func (s *scene) passive(service int) bool {
	return s.config.Balancer.Services[service].Health.Kind == "passive"
}

// mark carries out a mark. Those of all services are one for each that has the
// server, but for what happens to the server itself.
func (s *scene) mark(m *Mark) {
	if m.Kind == flow.Failed || m.Kind == flow.Recovered {
		s.machines[m.Server].failed = m.Kind == flow.Failed
		actor, text := s.config.Servers[m.Server].Name, m.Text
		if m.Service >= 0 {
			actor += "/" + s.config.Balancer.Services[m.Service].Name
		}
		s.recorder.Noted(flow.Note{At: s.engine.Now(), Kind: m.Kind, Service: m.Service, Server: m.Server, Actor: actor, Text: text})
		return
	}
	for i := range s.services {
		for k := range s.services[i].members {
			if x := &s.services[i].members[k]; x.server == m.Server && (m.Service < 0 || m.Service == i) {
				s.note(m.Kind, i, x, m.Text)
			}
		}
	}
}

// note follows what a balancer thinks of a member, and reports it.
func (s *scene) note(kind flow.NoteKind, service int, m *sceneMember, text string) {
	switch kind {
	case flow.MarkedDown, flow.MarkedUp:
		if down := kind == flow.MarkedDown; down == m.down {
			return // it has said so before
		}
		m.down = !m.down
	case flow.TakenOut:
		m.out, m.draining = true, true
	case flow.PutBack:
		m.out, m.draining = false, false
	}
	sv := &s.config.Balancer.Services[service]
	s.recorder.Noted(flow.Note{
		At: s.engine.Now(), Kind: kind, Service: service, Server: m.server,
		Actor: sv.Name, Text: fmt.Sprintf("%s %s", s.config.Servers[m.server].Name, text),
	})
	s.emptied(service, m)
}

// emptied reports that a server that was taken out has nothing left.
func (s *scene) emptied(service int, m *sceneMember) {
	if m.draining && m.held.Level() == 0 {
		m.draining = false
		s.note(flow.Emptied, service, m, "is empty: it can be taken out")
	}
}
