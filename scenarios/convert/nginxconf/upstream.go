package nginxconf

import (
	"slices"
	"strings"
	"time"

	"lbsim/models/flow"
)

// upstream is a group of servers.
type upstream struct {
	name    string
	stream  bool
	at      *directive
	method  *directive // nil: round robin
	zone    bool
	sticky  *directive
	queue   *directive
	servers []*backend
	used    *service // nil: nothing is passed to it
}

// upstreamKey is what an upstream is found by: case does not matter.
type upstreamKey struct {
	name   string
	stream bool
}

func (u *upstream) key() upstreamKey { return upstreamKey{strings.ToLower(u.name), u.stream} }

// backend is a server of an upstream.
type backend struct {
	at           *directive
	address      string
	name         string // that a comment gives it, or ""
	weight       int
	maxConns     int
	maxFails     int
	failTimeout  time.Duration
	slowStart    time.Duration
	backup, down bool
	drain        bool
}

// methods are the directives that choose a load balancing method, with whether it
// knows backup servers.
var methods = map[string]bool{"least_conn": true, "least_time": true, "ip_hash": false, "hash": false, "random": false}

// upstream reads a group of servers.
func (m *importer) upstream(d *directive, s *scope) error {
	u := &upstream{name: d.args[0], stream: s.stream, at: d}
	if m.find(u.name, s.stream) != nil {
		return d.fail("", "there are two upstreams %s", shownName(u.name))
	}
	for _, one := range d.block {
		_, isMethod := methods[one.name]
		switch {
		case one.name == "server":
			b, err := newBackend(one)
			if err != nil {
				return err
			}
			if err := one.checkAddress(b.address, s.stream); err != nil {
				return err
			}
			if b.backup && u.method != nil && !methods[u.method.name] {
				return one.fail("", "%s knows no backup servers", u.method.name)
			}
			if slices.Contains(one.args, "resolve") {
				m.remark(one, "its name stands for one server, whatever addresses it has")
			}
			u.servers = append(u.servers, b)
		case isMethod:
			if err := one.checkMethod(); err != nil {
				return err
			}
			u.method = one
		case one.name == "zone":
			u.zone = true
		case one.name == "sticky":
			u.sticky = one
		case one.name == "queue":
			u.queue = one
		case one.name == "resolver" || one.name == "resolver_timeout" || strings.HasPrefix(one.name, "keepalive_"):
			m.leave(one.name)
		case one.name == "state":
			m.remark(one, "the servers in that file are not read")
		default:
			m.note(one)
		}
	}
	switch first := slices.IndexFunc(u.servers, func(b *backend) bool { return !b.backup }); {
	case len(u.servers) == 0:
		return d.fail("", "no servers are inside upstream %s", shownName(u.name))
	case first < 0:
		return d.fail("", "all servers of upstream %s are for backup", shownName(u.name))
	}
	m.upstreams = append(m.upstreams, u)
	m.byName[u.key()] = u
	return nil
}

// find returns the upstream of a name, which case does not matter in, or nil.
func (m *importer) find(name string, stream bool) *upstream {
	return m.byName[upstreamKey{strings.ToLower(name), stream}]
}

// parameters are those of a server, with = where a value follows.
var parameters = []string{
	"weight=", "max_conns=", "max_fails=", "fail_timeout=", "backup", "down", "slow_start=", "resolve", "route=", "service=", "drain",
}

// newBackend reads a server of an upstream.
func newBackend(d *directive) (*backend, error) {
	b := &backend{at: d, address: d.args[0], weight: 1, maxFails: 1, failTimeout: 10 * time.Second}
	if b.address == "" {
		return nil, d.fail("", "the server has no address")
	}
	if name, ok := strings.CutPrefix(d.comment, namePrefix); ok {
		b.name = strings.TrimSpace(name)
	}
	for _, arg := range d.args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		var err error
		switch {
		case !slices.ContainsFunc(parameters, func(p string) bool { return p == arg || strings.HasSuffix(p, "=") && strings.HasPrefix(arg, p) }):
			hint := ""
			if near := flow.Nearest(key, parameters); near != "" {
				hint = "did you mean " + near + "?"
			}
			return nil, d.fail(hint, "%s is no parameter of a server", shownName(arg))
		case key == "weight":
			b.weight, err = d.number(key, value, 1)
		case key == "max_conns":
			b.maxConns, err = d.number(key, value, 0)
		case key == "max_fails":
			b.maxFails, err = d.number(key, value, 0)
		case key == "fail_timeout":
			b.failTimeout, err = d.time(key, value, false)
		case key == "slow_start":
			b.slowStart, err = d.time(key, value, false)
		case key == "backup":
			b.backup = true
		case key == "down":
			b.down = true
		case key == "drain":
			b.drain = true
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}
