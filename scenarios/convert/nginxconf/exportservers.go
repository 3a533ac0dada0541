package nginxconf

import (
	"fmt"
	"strconv"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
)

// members are the servers of a service's upstream.
func (x *exporter) members(s *lb.Service, m method) (list []*directive) {
	at := servicePath(s) + ".servers"
	common := append(x.failures(s), x.slowStart(s)...)
	backups, renamed := x.backups(s, m), false
	port := s.Port
	if port == 0 {
		port = 80
	}
	for _, one := range s.Servers {
		switch {
		case one.Sorry:
			x.remark(servicePath(s)+".sorry", "error_page with a location of its own is left to you")
			continue
		case x.joins[one.Name]:
			x.remark(at, "%s is added by the timeline: it is left out", one.Name)
			continue
		}
		address := x.options.address(one.Name, x.numbers[one.Name], port)
		renamed = renamed || address != one.Name
		d := words("server", address)
		begins := x.begins[one.Name]
		if begins == "drain" && !x.commercial(at, one.Name+" begins as draining, which only the commercial edition knows: down") {
			begins = "down"
		}
		if begins != "" {
			d.args = append(d.args, begins)
		}
		switch {
		case one.Weight == 0 && begins == "":
			d.args = append(d.args, "down")
			if m.directive != nil && (m.directive.name == "hash" || m.directive.name == "ip_hash") {
				x.remark(at, "%s has weight 0: nginx hashes with a server that is down as if it were there", one.Name)
			}
		case one.Weight > 1:
			d.args = append(d.args, "weight="+strconv.Itoa(one.Weight))
		}
		if one.MaxConnections > 0 {
			d.args = append(d.args, "max_conns="+strconv.Itoa(one.MaxConnections))
		}
		if one.Priority != 0 {
			x.remark(at, "%s has priority %d: nginx knows none, only backup servers", one.Name, one.Priority)
		}
		if one.Backup && backups {
			d.args = append(d.args, "backup")
		}
		d.args = append(d.args, common...)
		d.comment = nameComment(one.Name)
		list = append(list, d)
	}
	if len(list) == 0 {
		x.remark(at, "none is left, and nginx wants one: an address of 192.0.2.0/24")
		list = append(list, words("server", "192.0.2.255:1", "down"))
	}
	if renamed && m.byName {
		x.remark(servicePath(s)+".scheduler", "nginx hashes the addresses of the servers, the simulation their names: call them by address and port to compare")
	}
	return list
}

// backups reports whether servers may stand by.
func (x *exporter) backups(s *lb.Service, m method) bool {
	some, all := false, true
	for _, one := range s.Servers {
		if !one.Sorry && !x.joins[one.Name] {
			some, all = some || one.Backup, all && one.Backup
		}
	}
	switch {
	case some && all:
		x.remark(servicePath(s)+".servers", "all stand by, and nginx wants one that does not: none does")
	case some && !m.backups:
		x.remark(servicePath(s)+".servers", "%s knows no backup servers: they are used like the others", m.directive)
	}
	return some && !all && m.backups
}

// failures are the parameters of passive checks, of every server.
func (x *exporter) failures(s *lb.Service) (list []string) {
	h, at := &s.Health, servicePath(s)+".health"
	f := lb.Failures{MaxFails: h.MaxFails, FailTimeout: h.FailTimeout}
	switch {
	case h.Passive != nil:
		f = *h.Passive
	case h.Kind == lb.NoCheck || h.Kind == "":
		f.MaxFails = 0
	case h.Kind != lb.Passive:
		if x.options.Commercial {
			f.MaxFails = 0
		} else {
			f.SetDefaults()
		}
	}
	if h.Probes() {
		x.commercial(at, fmt.Sprintf("health_check is of the commercial edition: passive checks instead, max_fails=%d in %v", f.MaxFails, f.FailTimeout))
	}
	if f.MaxFails != 1 {
		list = append(list, "max_fails="+strconv.Itoa(f.MaxFails))
	}
	if f.FailTimeout != 10*time.Second && f.MaxFails > 0 {
		list = append(list, "fail_timeout="+x.duration(at+".fail_timeout", f.FailTimeout, time.Second))
	}
	return list
}

// slowStart is the parameter of a slow ramp, of every server.
func (x *exporter) slowStart(s *lb.Service) []string {
	at := servicePath(s) + ".slow_start"
	p, ok := s.SlowStart.(*ramp.Linear)
	switch _, none := s.SlowStart.(ramp.None); {
	case none, ok && p.Time == 0:
		return nil
	case !ok:
		x.remark(at, "nginx has no such ramp")
		return nil
	}
	if !x.commercial(at, "slow_start is of the commercial edition") {
		return nil
	}
	x.remarkLike(at, p.Like)
	return []string{"slow_start=" + x.duration(at+".time", p.Time, time.Second)}
}
