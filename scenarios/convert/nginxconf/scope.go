package nginxconf

import (
	"slices"
	"strings"
)

// scope is a block with those around it, from which it inherits.
type scope struct {
	block  *directive // nil: the main part
	outer  *scope
	stream bool
	maps   map[string][]string // values that variables can have, by name with $
}

// within is the scope of a block inside.
func (s *scope) within(d *directive) *scope {
	return &scope{block: d, outer: s, stream: s.stream, maps: s.maps}
}

// find returns the directive of a name that holds in the scope, nil if there is none.
func (s *scope) find(name string) *directive {
	for ; s != nil && s.block != nil; s = s.outer {
		if d := s.block.first(name); d != nil {
			return d
		}
	}
	return nil
}

// passes are the directives that pass requests or connections to servers.
var passes = []string{"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"}

// server reads a server: its own proxy_pass in stream, those of its locations in
// http.
func (m *importer) server(d *directive, outer *scope) error {
	s := outer.within(d)
	l := &listening{}
	for _, one := range d.block {
		if one.name == "listen" {
			if err := one.checkListen(s.stream); err != nil {
				return err
			}
			l.at = append(l.at, one)
		}
	}
	return m.locations(s, l)
}

// locations reads a server, or a location or an if of it.
func (m *importer) locations(s *scope, l *listening) error {
	for _, d := range s.block.block {
		var err error
		switch {
		case slices.Contains(passes, d.name):
			err = m.pass(d, s, l)
		case d.blocked && (d.name == "location" || d.name == "if" || d.name == "limit_except"):
			before := len(m.services)
			err = m.locations(s.within(d), l)
			if d.name == "if" && len(m.services) > before {
				m.remark(d, "in the scenario the condition does not matter: what it passes on is a service with traffic of its own")
			}
		case d.name == "listen":
		default:
			m.note(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pass reads where requests or connections are passed to. A variable that a map sets
// stands for all its values.
func (m *importer) pass(d *directive, s *scope, l *listening) error {
	target, scheme := d.args[0], ""
	if i := strings.Index(target, "://"); i >= 0 {
		scheme, target = strings.ToLower(target[:i]), target[i+3:]
	} else if d.name == "proxy_pass" && !s.stream && !strings.HasPrefix(target, "$") {
		return d.fail("write http:// before it", "%s is not a URL", shownName(target))
	}
	if slices.Contains([]string{"https", "grpcs", "suwsgi"}, scheme) || s.proxiesTLS() {
		m.remark(d, "TLS to the servers is not in the scenario")
	}
	if !strings.HasPrefix(target, "unix:") {
		target, _, _ = strings.Cut(target, "/")
	}
	if !strings.Contains(target, "$") {
		return m.use(d, target, scheme, s, l)
	}
	values := s.maps[target]
	for _, v := range values {
		if i := strings.Index(v, "://"); i >= 0 {
			v = v[i+3:]
		}
		if v == "" || strings.Contains(v, "$") {
			continue
		}
		if err := m.use(d, v, scheme, s, l); err != nil {
			return err
		}
	}
	if len(values) == 0 {
		m.remark(d, "what the variable stands for is known only when a request comes: it is left out")
	} else {
		m.remark(d, "which of its values the variable has depends on the request: each is a service with traffic of its own")
	}
	return nil
}

// proxiesTLS reports whether a server of stream speaks TLS to its servers.
func (s *scope) proxiesTLS() bool {
	d := s.find("proxy_ssl")
	return s.stream && d != nil && strings.EqualFold(d.args[0], "on")
}
