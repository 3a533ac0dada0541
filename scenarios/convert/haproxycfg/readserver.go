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
	inter, fast      time.Duration // fast, down and agentInter: 0 is inter
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
		weight: 1, inter: 2 * time.Second, rise: 2, fall: 3, errorLimit: 10, onError: "fail-check",
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

// serverWords reads the keywords of a server's line from word i on.
func (r *reader) serverWords(p *proxy, s *server, l *line, i int) {
	servers := known()["server"]
	for i < len(l.words) {
		keyword := l.word(i)
		follow, ok := servers.words[keyword]
		if !ok {
			r.unknown(l, i, "a keyword of servers", servers.names)
			return
		}
		if follow > 0 && l.word(i+follow) == "" {
			r.fail(l, i+follow, "", "%s: a value is expected", keyword)
			return
		}
		if !r.serverWord(s, l, i) {
			r.minor(l, "server "+keyword)
		}
		i += 1 + follow
	}
}

// serverWord reads the keyword in word i with what follows it, and reports whether it
// was one that is read.
func (r *reader) serverWord(s *server, l *line, i int) bool {
	number := func(to *int, least, most int) {
		n, why := parseNumber(l.word(i+1), least, most)
		if r.value(l, i, why) {
			*to = n
		}
	}
	duration := func(to *time.Duration, least time.Duration) {
		d, why := parseTime(l.word(i+1), time.Millisecond)
		if why == "" && d < least {
			why = "is less than " + least.String()
		}
		if d > longestScenario {
			d = longestScenario
			r.remark(l, "%s: the scenario has a day, its longest", l.word(i))
		}
		if r.value(l, i, why) {
			*to = d
		}
	}
	switch l.word(i) {
	case "weight":
		number(&s.weight, 0, maxWeight)
	case "maxconn":
		number(&s.limit, 0, 1<<31-1)
		s.limit = min(s.limit, mostConnections)
	case "rise":
		number(&s.rise, 1, 1<<31-1)
	case "fall":
		number(&s.fall, 1, 1<<31-1)
	case "error-limit":
		number(&s.errorLimit, 1, 1<<31-1)
	case "inter":
		duration(&s.inter, time.Millisecond)
	case "fastinter":
		duration(&s.fast, time.Millisecond)
	case "downinter":
		duration(&s.down, time.Millisecond)
	case "agent-inter":
		duration(&s.agentInter, time.Millisecond)
	case "slowstart":
		duration(&s.slowStart, 0)
	case "check", "no-check":
		s.check = l.word(i) == "check"
	case "agent-check", "no-agent-check":
		s.agent = l.word(i) == "agent-check"
	case "backup", "no-backup":
		s.backup = l.word(i) == "backup"
	case "disabled", "enabled":
		s.disabled = l.word(i) == "disabled"
	case "cookie":
		s.cookie = l.word(i + 1)
	case "observe":
		s.observe = r.oneOf(l, i+1, "layer4", "layer7")
	case "on-error":
		s.onError = r.oneOf(l, i+1, "fastinter", "fail-check", "sudden-death", "mark-down")
	case "on-marked-down":
		s.cut = r.oneOf(l, i+1, "shutdown-sessions") != ""
	case "on-marked-up":
		s.cutBackups = r.oneOf(l, i+1, "shutdown-backup-sessions") != ""
	case "agent-port":
	default:
		return false
	}
	return true
}

// Bounds of a scenario: on intervals and slow starts, and on connection limits.
const (
	longestScenario = 24 * time.Hour
	mostConnections = 1_000_000_000
)

// value reports whether nothing is wrong with the value of the keyword in word i, or
// else says what. Where it comes from the environment it is unknown.
func (r *reader) value(l *line, i int, why string) bool {
	if why != "" && i+1 < len(l.words) && l.words[i+1].env {
		return false
	}
	if why != "" {
		r.fail(l, i+1, "", "%s: %q %s", l.word(i), l.word(i+1), why)
	}
	return why == ""
}

// oneOf returns word i if it is one of these, or else says that it is not.
func (r *reader) oneOf(l *line, i int, words ...string) string {
	for _, w := range words {
		if l.word(i) == w {
			return w
		}
	}
	r.unknown(l, i, "one of "+strings.Join(words, ", "), words)
	return ""
}

// minor notes a keyword that is known and not read.
func (r *reader) minor(l *line, keyword string) {
	if why := matters[keyword]; why != "" {
		if name, ofServer := strings.CutPrefix(keyword, "server "); ofServer {
			why = name + ": " + why
		}
		r.remark(l, "%s", why)
		return
	}
	if n := len(r.without); n == 0 || r.without[n-1] != l.number {
		r.without = append(r.without, l.number)
	}
}

// observed is what servers' traffic is watched for, nil if it is not.
func (s *server) observed() *lb.Observe {
	if s.observe == "" {
		return nil
	}
	return &lb.Observe{Layer: s.observe, Limit: min(s.errorLimit, 65535), OnError: s.onError}
}
