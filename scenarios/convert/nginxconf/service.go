package nginxconf

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// service is an upstream as the first server that passes to it has it.
type service struct {
	*upstream
	pass   *directive
	scope  *scope
	port   int
	prefix string // of the directives that say how it is passed: proxy, fastcgi, ...
	timing timing
}

// use notes that requests or connections are passed to a target, an upstream or an
// address.
func (m *importer) use(d *directive, target, scheme string, s *scope, l *listening) error {
	target = strings.TrimPrefix(target, "unix:")
	if target == "" {
		return d.fail("", "the address is missing")
	}
	u := m.find(target, s.stream)
	if u == nil {
		host, port, ok := strings.Cut(target, ":")
		if ok && m.find(host, s.stream) != nil && !strings.Contains(port, ":") {
			return d.fail("its servers have ports", "upstream %s has no port", shownName(host))
		}
		u = m.single(d, target, scheme, s.stream)
	}
	one := &service{upstream: u, pass: d, scope: s, prefix: strings.TrimSuffix(d.name, "_pass")}
	if m.uses++; m.uses > mostDirectives {
		return d.fail("", "requests are passed on in more than %d ways", mostDirectives)
	}
	var err error
	if one.port, err = m.port(l, s.stream); err != nil {
		return err
	}
	if one.port < 0 {
		m.remark(d, "datagrams (UDP) are not in the simulation: the service is left out")
		return nil
	}
	if one.timing, err = m.timing(one); err != nil {
		return err
	}
	if before := u.used; before != nil {
		if before.timing != one.timing {
			m.remark(d, "upstream %s is one service, with the settings on line %d", u.name, before.pass.begin.line)
		}
		if before.port != one.port {
			m.remark(d, "upstream %s is one service, at port %d", u.name, before.port)
		}
		return nil
	}
	u.used = one
	m.services = append(m.services, one)
	return nil
}

// single is an upstream of the one server that an address stands for.
func (m *importer) single(d *directive, target, scheme string, stream bool) *upstream {
	if u := m.find(" "+target, stream); u != nil {
		return u
	}
	if _, _, err := net.SplitHostPort(target); err != nil && !stream && d.name == "proxy_pass" && !strings.HasPrefix(target, "/") {
		target += map[string]string{"https": ":443"}[scheme]
	}
	one := &directive{name: "server", args: []string{target}, text: d.text, begin: d.begin}
	b, _ := newBackend(one) // it has no parameters
	u := &upstream{name: " " + target, stream: stream, at: d, servers: []*backend{b}, zone: true}
	m.upstreams = append(m.upstreams, u)
	m.byName[u.key()] = u
	return u
}

// listening is where a server listens.
type listening struct {
	at   []*directive
	seen bool // what follows is known
	port int
	err  error
}

// port is the first port at which a server listens, 80 for one that does not say;
// -1: for datagrams alone. Others are remarked on.
func (m *importer) port(l *listening, stream bool) (int, error) {
	if !l.seen {
		l.seen = true
		l.port, l.err = m.firstPort(l.at, stream)
	}
	return l.port, l.err
}

func (m *importer) firstPort(listens []*directive, stream bool) (int, error) {
	port := -1
	if len(listens) == 0 && !stream {
		return 80, nil
	}
	for _, d := range listens {
		if slices.Contains(d.args, "udp") || slices.Contains(d.args, "quic") {
			m.remark(d, "datagrams (UDP) are not in the simulation")
			continue
		}
		if slices.Contains(d.args, "ssl") {
			m.remark(d, "TLS handshakes with clients are not in the scenario: offload, and balancer.tls, would have them")
		}
		n := 0 // a socket of the machine
		if address := d.args[0]; !strings.HasPrefix(address, "unix:") {
			text := address[strings.LastIndexByte(address, ':')+1:]
			var err error
			if n, err = strconv.Atoi(text); err != nil && (text == address || strings.HasSuffix(address, "]")) {
				n = 80 // an address alone
			} else if err != nil || n < 1 || n > 65535 {
				return 0, d.fail("", "%s is not a port (1 to 65535)", shownName(text))
			}
		}
		switch {
		case port < 0:
			port = n
		case n != port:
			m.remark(d, "a service has one port: %d", port)
		}
	}
	return port, nil
}

// plainName keeps what can be written in paths of a scenario.
var plainName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// serviceNames gives each service a name: what a comment behind its upstream says,
// or the upstream's, or where requests are passed to.
func (m *importer) serviceNames() []string {
	used := numbered{}
	var names []string
	for _, s := range m.services {
		name, ok := strings.CutPrefix(s.at.comment, namePrefix)
		if !ok || !s.at.blocked || name == "" {
			name = strings.TrimSpace(s.name)
			if !s.at.blocked {
				name = strings.Trim(plainName.ReplaceAllString(name, "-"), "-")
			}
		}
		if name = scenarioName(name); name == "" {
			name = "service"
		}
		names = append(names, used.name(name))
	}
	return names
}

// numbered are names that are in use, with the last number that was put behind each.
type numbered map[string]int

// name returns the name, with a number if it is in use.
func (u numbered) name(plain string) string {
	name := plain
	for u[name] > 0 {
		u[plain]++
		name = fmt.Sprintf("%s-%d", plain, u[plain])
	}
	u[name] = 1
	return name
}
