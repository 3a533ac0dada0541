package haproxycfg

import (
	"strings"
	"time"
)

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
