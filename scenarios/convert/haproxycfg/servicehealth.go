package haproxycfg

import (
	"slices"

	"lbsim/models/lb"
)

// health reads how a section's servers are checked.
func (r *reader) health(p *proxy) lb.Health {
	var h lb.Health
	h.SetDefaults()
	h.Kind, h.Pace, h.Start, h.Pause = lb.NoCheck, lb.PaceAfter, lb.StartFailing, true
	i := slices.IndexFunc(p.servers, func(s *server) bool { return s.check })
	if i < 0 {
		if i = slices.IndexFunc(p.servers, func(s *server) bool { return s.agent }); i < 0 {
			h.Pace, h.Start, h.Pause = "", "", false
			return h
		}
		h.Kind, h.Fall, h.Rise, h.Every = lb.AgentCheck, 1, 1, p.servers[i].agentInter
		h.Timeout, h.Jitter = h.Every, r.spread
		return h
	}
	s := p.servers[i]
	h.Kind = r.probe(p)
	h.Every, h.FastEvery, h.DownEvery = s.inter, s.fast, s.down
	h.Rise, h.Fall = min(s.rise, mostProbes), min(s.fall, mostProbes)
	h.Timeout, h.Jitter = h.Every, r.spread
	switch {
	case p.timeoutCheck == 0:
	case h.Kind == lb.HTTPCheck:
		h.Timeout = p.timeoutCheck
	case p.connect > 0:
		h.Timeout = min(h.Every, p.connect)
	}
	if h.Observe = s.observed(); h.Observe != nil && h.Observe.Layer == "layer7" && p.mode != lb.HTTP {
		h.Observe = nil
		r.remark(s.line, "observe layer7 needs mode http: HAProxy ignores it")
	}
	if s.agent {
		r.remark(s.line, "agent-check: servers are checked, and agents are not asked for weights besides")
	}
	return h
}

// mostProbes is how many probes in a row a scenario may ask for.
const mostProbes = 10000

// probe is what a check does.
func (r *reader) probe(p *proxy) lb.HealthKind {
	switch p.check {
	case "", "tcp-check":
		if p.check == "tcp-check" && p.talks {
			r.remark(p.checkLine, "the probe is a request, which is good once it is answered")
			return lb.HTTPCheck
		}
		return lb.TCPCheck
	case "httpchk":
	default:
		r.remark(p.checkLine, "the probe is a request, which is good once it is answered")
	}
	return lb.HTTPCheck
}
