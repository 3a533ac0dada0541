package haproxycfg

import (
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// connecting reads what becomes of a connection that its server does not take. Without
// option redispatch the same server is tried again. With it another one is, at once
// where neither persistence nor a hash has chosen, else for the last attempt, or for
// each with an interval of 1 (stream_choose_redispatch). A map leads to the same server
// then, which is tried without a pause. All of that was seen with HAProxy 2.6.12.
func (r *reader) connecting(p *proxy, s *service) {
	s.ConnectTimeout = p.connect
	switch {
	case p.connectLine == nil:
		r.remark(p.begun, "without timeout connect HAProxy waits for a server that does not answer, as the scenario's clients do")
	case p.connect >= 24*time.Hour:
		s.ConnectTimeout = 0
	case p.connect > time.Hour:
		s.ConnectTimeout = time.Hour
		r.remark(p.connectLine, "the scenario has an hour, its longest")
	}
	s.RetryWait = time.Second
	if s.ConnectTimeout > 0 {
		s.RetryWait = min(time.Second, s.ConnectTimeout)
	}
	s.Retries = p.retries
	if !p.redispatch || p.retries == 0 {
		return
	}
	kept, hash := chosen(s)
	s.Retries, s.Redispatch = p.retries-1, 1
	if p.interval == 1 || !kept && hash == "" {
		s.Retries, s.Redispatch = 0, p.retries
	}
	if !kept && hash == "map" {
		s.Redispatch = 0
	}
}

// chosen reports whether persistence decides on a connection's server, and by which
// table a hash does, if one does.
func chosen(s *service) (kept bool, hash string) {
	_, kept = s.Persistence.(lb.Tying)
	p := s.Scheduler
	if g, ok := p.(*sched.Priority); ok {
		p = g.Within
	}
	switch p := p.(type) {
	case *sched.SourceHash:
		hash = p.Table
	case *sched.URLHash:
		hash = p.Table
	case *sched.HeaderHash:
		hash = p.Table
	}
	return kept, hash
}
