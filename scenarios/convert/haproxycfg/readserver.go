package haproxycfg

import (
	"net"
	"strconv"
	"strings"
	"time"

	"lbsim/models/lb"
)

// A server is one of a section, or what those to come have in common.
type server struct {
	line    *line
	name    string
	address string // as it is written
	host    string // of it
	serverSettings
}

type serverSettings struct {
	weight, limit    int
	check, agent     bool
	inter, fast      time.Duration // fast, down: 0 is inter
	down, agentInter time.Duration
	rise, fall       int
	slowStart        time.Duration
	backup, disabled bool
	cookie           string
	observe          string
	errorLimit       int
	onError          string
	cut, cutBackups  bool // on-marked-down, on-marked-up
}

// newServer returns what HAProxy has where nothing is said.
func newServer() server {
	return server{serverSettings: serverSettings{
		weight: 1, inter: 2 * time.Second, agentInter: 2 * time.Second, rise: 2, fall: 3, errorLimit: 10, onError: "fail-check",
	}}
}

// server reads a line server, server-template or default-server.
func (r *reader) server(p *proxy, l *line) {
	if l.word(0) == "default-server" {
		r.serverWords(p, &p.defaultServer, l, 1)
		return
	}
	first := 1 // word that is the address, but for one
	names := []string{l.word(1)}
	if l.word(0) == "server-template" {
		first = 2
		names = r.templated(l)
	}
	if l.word(1) == "" || l.word(first+1) == "" {
		r.fail(l, len(l.words), "", "%s: expected %s", l.word(0), map[int]string{1: "a name and an address", 2: "a prefix, a number and an address"}[first])
		return
	}
	if strings.Trim(l.word(1), nameCharacters) != "" {
		r.fail(l, 1, "", "%q is not a name: letters, digits and - _ . : are allowed", l.word(1))
	}
	s := server{line: l, address: l.word(first + 1), serverSettings: p.defaultServer.serverSettings}
	s.host = hostOf(s.address)
	r.serverWords(p, &s, l, first+2)
	for _, name := range names {
		if other := p.named[name]; other != nil {
			r.fail(l, 1, "", "server %s exists already, in line %d", name, other.line.number)
			return
		}
		if r.servers++; r.servers > maxServers {
			r.fail(l, 0, "", "more than %d servers", maxServers)
			return
		}
		one := s
		one.name = name
		p.servers, p.named[name] = append(p.servers, &one), &one
	}
}

// templated returns the names that a server-template stands for.
func (r *reader) templated(l *line) (names []string) {
	low, high, ranged := strings.Cut(l.word(2), "-")
	if !ranged {
		low, high = "1", low
	}
	from, why := parseNumber(low, 0, 1<<30)
	to, why2 := parseNumber(high, 1, 1<<30)
	if why != "" || why2 != "" || to < from {
		r.fail(l, 2, "", "%q is not a number of servers, or a range as 1-5", l.word(2))
		return nil
	}
	if to-from >= maxServers {
		r.fail(l, 2, "", "more than %d servers", maxServers)
		return nil
	}
	for i := from; i <= to; i++ {
		names = append(names, l.word(1)+strconv.Itoa(i))
	}
	return names
}

// hostOf is an address without its port, and without the family that may stand
// before it.
func hostOf(address string) string {
	for _, family := range []string{"ipv4@", "ipv6@", "tcp@", "tcp4@", "tcp6@"} {
		address = strings.TrimPrefix(address, family)
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	host, port, ok := cutLast(address, ":")
	if ok && strings.Trim(port, "0123456789+-") == "" && !strings.Contains(host, ":") {
		return host
	}
	return address
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// observed is what servers' traffic is watched for, nil if it is not.
func (s *server) observed() *lb.Observe {
	if s.observe == "" {
		return nil
	}
	return &lb.Observe{Layer: s.observe, Limit: min(s.errorLimit, 65535), OnError: s.onError}
}
