package haproxycfg

import (
	"slices"

	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
)

// A service is one as the configuration has it.
type service struct {
	lb.Service
	proxy *proxy
	key   string // of requests, that persistence goes by
}

// services returns the services of a configuration that was read: its sections with
// servers, in order.
func (r *reader) services() (list []*service) {
	r.follow()
	for _, p := range r.proxies {
		for _, l := range p.sticks {
			if i := slices.Index(l.from(0), "table"); i > 0 && l.word(i+1) != p.name && len(p.servers) > 0 {
				r.lending[l.word(i+1)] = true
			}
		}
	}
	for _, p := range r.proxies {
		if !p.serves() || len(p.servers) == 0 {
			if p.serves() && (p.kind == "listen" || p.stickTable == nil) {
				r.remark(p.begun, "has no servers: it is not a service")
			}
			continue
		}
		if len(list) == maxServices {
			r.fail(p.begun, 0, "", "more than %d services", maxServices)
			return list
		}
		list = append(list, r.service(p))
	}
	return list
}

// follow finds out which frontends lead to which backends.
func (r *reader) follow() {
	for _, p := range r.proxies {
		if !p.takes() {
			continue
		}
		routes := p.routes
		if l := p.backendLine; l != nil {
			routes = append(slices.Clip(routes), route{l, l.word(1)})
		}
		seen := map[string]bool{}
		for _, to := range routes {
			if seen[to.name] {
				continue
			}
			seen[to.name] = true
			switch backend := r.serving[to.name]; {
			case backend == p:
			case backend != nil:
				backend.used = append(backend.used, p)
			case len(to.line.words) > 1 && !to.line.words[1].env && !dynamic(to.name):
				var names []string
				for _, o := range r.proxies {
					if o.serves() {
						names = append(names, o.name)
					}
				}
				r.unknown(to.line, 1, "the name of a backend", names)
			}
		}
	}
}

// dynamic reports whether a backend's name is computed for each request.
func dynamic(name string) bool {
	return slices.ContainsFunc([]byte(name), func(c byte) bool { return c == '%' || c == '[' })
}

// service returns the service that a section is.
func (r *reader) service(p *proxy) *service {
	s := &service{proxy: p}
	s.SetDefaults()
	s.Drain.SetDefaults()
	s.Name, s.Mode, s.Port = p.name, p.mode, r.port(p)
	inner := r.scheduler(p)
	s.Scheduler = inner
	backups := slices.ContainsFunc(p.servers, func(o *server) bool { return o.backup })
	if backups || p.allBackups {
		groups := sched.WithPriorities(inner, like)
		groups.AllBackups = p.allBackups
		s.Scheduler = groups
	}
	s.Persistence, s.key = r.persistence(p)
	s.SlowStart = ramp.None{}
	if slow := p.servers[0].slowStart; slow > 0 {
		s.SlowStart = &ramp.HAProxy{Time: slow}
	}
	s.Health = r.health(p)
	s.Full, s.OnRemove = overflow(inner), lb.Refused
	s.OnDown, s.OnUp = lb.Kept, lb.BackupsKept
	if p.servers[0].cut {
		s.OnDown = lb.Cut
	}
	if p.servers[0].cutBackups {
		s.OnUp = lb.BackupsCut
	}
	r.connecting(p, s)
	for _, o := range p.servers {
		s.Servers = append(s.Servers, lb.MemberConfig{Name: o.name, Weight: o.weight, MaxConnections: o.limit, Backup: o.backup})
	}
	r.unlike(p)
	return s
}

// port is where clients reach a section: its own port, or that of the first frontend
// that leads to it.
func (r *reader) port(p *proxy) int {
	binds := slices.Clone(p.binds)
	for _, f := range p.used {
		binds = append(binds, f.binds...)
	}
	if len(binds) == 0 {
		r.remark(p.begun, "no frontend leads to it: it is a service all the same")
		return 0
	}
	for _, b := range binds[1:] {
		if b.port != binds[0].port {
			r.remark(b.line, "a service has one port, for output only: %d", binds[0].port)
		}
	}
	for _, f := range p.used {
		if f.mode != p.mode {
			r.remark(p.begun, "has another mode than frontend %s: the scenario has the backend's", f.name)
		}
	}
	return binds[0].port
}

// overflow is what becomes of a connection whose server is full.
func overflow(p lb.SchedulerPolicy) lb.Overflow {
	switch p.(type) {
	case *sched.Random:
		return lb.FullQueues
	case *sched.SourceHash, *sched.URLHash, *sched.HeaderHash:
		return lb.FullWaits
	}
	return lb.FullNext
}

// unlike remarks on servers that have what a scenario has for a service as a whole.
func (r *reader) unlike(p *proxy) {
	first := p.servers[0].serverSettings
	checked := slices.ContainsFunc(p.servers, func(s *server) bool { return s.check || s.agent })
	for _, s := range p.servers {
		if checked && !s.check && !s.agent {
			r.remark(s.line, "is not checked: the scenario checks all servers")
		}
		one := s.serverSettings
		one.weight, one.limit, one.backup, one.cookie, one.disabled = first.weight, first.limit, first.backup, first.cookie, first.disabled
		one.check, one.agent = first.check, first.agent
		if one != first {
			r.remark(s.line, "has other checks, slow start or on-marked lines than %s: all have that one's", p.servers[0].name)
		}
	}
}

// seen is what the servers see of clients: their addresses, if all sections have it
// so.
func (r *reader) seen(list []*service) lb.SourceKind {
	own := slices.IndexFunc(list, func(s *service) bool { return !s.proxy.transparent })
	through := slices.IndexFunc(list, func(s *service) bool { return s.proxy.transparent })
	switch {
	case through < 0:
		return lb.SNAT
	case own >= 0:
		r.remark(list[through].proxy.begun, "its servers see clients' addresses, those of %s do not: in the scenario none do", list[own].Name)
		return lb.SNAT
	}
	return lb.Transparent
}
