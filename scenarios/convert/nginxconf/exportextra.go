package nginxconf

import (
	"slices"
	"strconv"
	"time"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// sticky is how clients are kept on the servers of an upstream.
func (x *exporter) sticky(s *lb.Service, upstream string) []*directive {
	at := servicePath(s) + ".persistence"
	var d *directive
	switch p := s.Persistence.(type) {
	case nil, persist.None:
		return nil
	case *persist.CookieInsert:
		d = words("sticky", "cookie", "lbsim")
		if p.Timeout < forever {
			d.args = append(d.args, "expires="+x.duration(at+".timeout", p.Timeout, time.Second))
		}
	case *persist.CookieServer:
		d = words("sticky", "learn", "create=$upstream_cookie_session", "lookup=$cookie_session", "zone=sessions-"+upstream+":1m",
			"timeout="+x.duration(at+".timeout", p.Timeout, time.Second))
	default:
		x.remark(at, "nginx has no such table: clients are not kept on their servers")
		return nil
	}
	if s.Mode != lb.HTTP {
		x.remark(at, "cookies are for mode: http: clients are not kept on their servers")
		return nil
	}
	if !x.commercial(at, "sticky is of nginx 1.29.6, before that of the commercial edition: clients are not kept on their servers") {
		return nil
	}
	return []*directive{d}
}

// forever is the time-out from which a cookie is taken for one that lasts as long
// as the browser is open.
const forever = 365 * 24 * time.Hour

// healthCheck is an active check.
func (x *exporter) healthCheck(s *lb.Service) []*directive {
	h, at := &s.Health, servicePath(s)+".health"
	if !h.Probes() || !x.options.Commercial {
		return nil
	}
	if s.Mode == lb.HTTP && h.Kind != lb.HTTPCheck || s.Mode != lb.HTTP && h.Kind != lb.TCPCheck {
		x.remark(at+".kind", "nginx checks %s servers by %s", s.Mode, map[lb.Mode]string{lb.HTTP: "requests", lb.TCP: "connections"}[s.Mode])
	}
	d := words("health_check", "interval="+x.duration(at+".every", h.Every, time.Millisecond), "fails="+strconv.Itoa(h.Fall), "passes="+strconv.Itoa(h.Rise))
	if h.Delay > 0 {
		d.args = append(d.args, "jitter="+x.duration(at+".delay", h.Delay, time.Millisecond))
	}
	if h.Start == lb.StartChecking && s.Mode == lb.HTTP {
		d.args = append(d.args, "mandatory")
	}
	return []*directive{d}
}

// queue is where connections wait when all servers are full.
func (x *exporter) queue(s *lb.Service) []*directive {
	limited := slices.ContainsFunc(s.Servers, func(m lb.MemberConfig) bool { return m.MaxConnections > 0 })
	if !limited {
		return nil
	}
	at := servicePath(s) + ".queue"
	if s.Full != lb.FullNext && s.Full != "" {
		x.remark(servicePath(s)+".full", "nginx passes over a server that is full: next")
	}
	if s.Resume > 0 {
		x.remark(servicePath(s)+".resume", "nginx uses a server again as soon as it has a place")
	}
	switch {
	case s.Queue == 0:
		return nil
	case s.Mode != lb.HTTP:
		x.remark(at, "connections that are forwarded do not wait: they are closed when all servers are full")
		return nil
	case !x.commercial(at, "the queue is of the commercial edition: requests are answered 502 when all servers are full"):
		return nil
	}
	size := s.Queue
	if size < 0 {
		size = 1_000_000
		x.remark(at, "nginx wants a limit: 1000000")
	}
	return []*directive{words("queue", strconv.Itoa(size))}
}

// remarkService says what else of a service nginx cannot be told.
func (x *exporter) remarkService(s *lb.Service) {
	at := servicePath(s)
	if s.Offload {
		x.remark(at+".offload", "listen ... ssl and the certificates are left to you")
	}
	if s.Panic > 0 {
		x.remark(at+".panic", "nginx has no such share: it clears all failures when no server is left")
	}
	if s.OnDown != lb.Kept && s.OnDown != "" {
		x.remark(at+".on_down", "nginx keeps the connections")
	}
	if s.OnUp != lb.BackupsKept && s.OnUp != "" {
		x.remark(at+".on_up", "nginx keeps the connections")
	}
	removes := slices.ContainsFunc(x.config.Timeline, func(a models.Action) bool { return a.Remove != "" })
	if s.OnRemove != lb.Kept && s.OnRemove != "" && removes {
		x.remark(at+".on_remove", "nginx lets a server's connections go on when it is removed: keep")
	}
	if s.Drain.Time > 0 {
		x.remark(at+".drain", "nginx drains for as long as the operator pleases")
	}
	if s.Linger > 0 {
		x.remark(at+".linger", "nginx forgets a connection when it is closed")
	}
	if s.Health.GiveUps {
		x.remark(at+".health", "give_ups stands for nginx's own time-out: proxy_read_timeout should be the clients'")
	}
	if h := &s.Health; h.Observe != nil || h.Outlier != nil {
		x.remark(at+".health", "of what is watched nginx knows max_fails alone")
	}
}
