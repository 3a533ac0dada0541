package results

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Noted implements flow.Observer.
func (r *Recorder) Noted(n flow.Note) {
	m := Mark{At: n.At.Seconds(), Kind: noteKinds[n.Kind], Actor: n.Actor, Text: n.Text}
	if n.Server >= 0 {
		m.Server = r.setting.Servers[n.Server]
	}
	if n.Service >= 0 {
		m.Service = r.setting.Services[n.Service].Name
	}
	if n.Kind == flow.MarkedDown {
		r.noticed(n, &m)
	}
	if n.Kind == flow.Emptied {
		r.emptied(n, &m)
	}
	r.mark(m)
	switch {
	case n.Kind == flow.Failed:
		r.broke(n)
		r.endBefore()
		r.stormCut(n.Server)
	case n.Kind == flow.Recovered:
		r.mended(n)
	case n.Service < 0: // hosts, too, are taken out and put back
	case n.Kind == flow.TakenOut:
		r.drains(n)
		r.memberMarked(n, false)
	case n.Kind == flow.MarkedDown:
		r.memberMarked(n, false)
	case n.Kind == flow.PutBack:
		r.returned(n)
		r.memberMarked(n, true)
	case n.Kind == flow.MarkedUp:
		r.memberMarked(n, true)
	}
}

// marksMost is how many events are kept: hosts that fail by chance for years have
// millions.
const marksMost = 10_000

// stormsMost is how many returns of servers are measured, each with histograms of
// its own.
const stormsMost = 300

// mark keeps an event.
func (r *Recorder) mark(m Mark) {
	if len(r.marks) == marksMost {
		r.unlisted++
		return
	}
	r.marks = append(r.marks, m)
}

var noteKinds = [...]string{"fail", "recover", "down", "up", "ramp-end", "out", "back", "set", "converged", "empty"}

// memberMarked follows which members take connections, as the balancer
// believes, and begins a storm when one comes back. Of several balancers the
// first to see it counts.
func (r *Recorder) memberMarked(n flow.Note, up bool) {
	member := -1
	for m, s := range r.setting.Services[n.Service].Servers {
		if s == n.Server {
			member = m
		}
	}
	for _, s := range r.live {
		if up && s.service == n.Service && s.member == member && s.up[member] {
			return
		}
		s.marked(n.Service, member, up)
	}
	if !up || r.meters.Meter(n.Service, member, n.At).Weight == 0 {
		return
	}
	r.endBefore()
	if len(r.storms) == stormsMost {
		return
	}
	s := newStorm(r, n.Service, member, n.At)
	r.storms = append(r.storms, s)
	r.live = append(r.live, s)
	r.services[n.Service].phase = &s.during
}

// stormOver is called when a storm has ended: the returned server is level.
func (r *Recorder) stormOver(s *storm, level sim.Time) {
	r.live = slices.DeleteFunc(r.live, func(l *storm) bool { return l == s })
	if !r.storming(s.service) {
		r.services[s.service].phase = &r.services[s.service].after
	}
	name := r.setting.Servers[r.setting.Services[s.service].Servers[s.member]]
	r.mark(Mark{
		At: level.Seconds(), Kind: "level", Service: r.setting.Services[s.service].Name, Server: name,
		Actor: r.setting.Services[s.service].Name,
		Text:  fmt.Sprintf("%s is level with the others, %v after its first connection", name, level.Sub(s.firstAt).Round(100*time.Millisecond)),
	})
}

// stormCut ends the storms of a server that has failed again, which will never
// be level.
func (r *Recorder) stormCut(server int) {
	before := slices.Clone(r.live)
	r.live = slices.DeleteFunc(r.live, func(s *storm) bool {
		return r.setting.Services[s.service].Servers[s.member] == server
	})
	for _, s := range before {
		if !r.storming(s.service) {
			r.services[s.service].phase = nil
		}
	}
}

// storming reports whether a service has a storm under way.
func (r *Recorder) storming(service int) bool {
	return slices.ContainsFunc(r.live, func(s *storm) bool { return s.service == service })
}
