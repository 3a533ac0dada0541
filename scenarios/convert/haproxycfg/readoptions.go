package haproxycfg

import (
	"slices"
	"strings"
	"time"
)

// option reads a line "option X" or "no option X".
func (r *reader) option(p *proxy, l *line) {
	options := known()["option"]
	name := l.word(1)
	if !options.has(name) {
		r.unknown(l, 1, "an option", options.names)
		return
	}
	switch name {
	case "redispatch":
		p.redispatch, p.interval = !l.no, -1
		if n := len(l.words); n > 2 {
			interval, why := parseNumber(strings.TrimPrefix(l.word(2), "-"), 0, 1<<31-1)
			if !r.value(l, 1, why) {
				return
			}
			if strings.HasPrefix(l.word(2), "-") {
				interval = -interval
			}
			p.interval = interval
			p.redispatch = p.redispatch && interval != 0
		}
		if p.redispatch && p.interval != 1 && p.interval != -1 {
			r.remark(l, "with persistence or a hash only the last attempt is at another server")
		}
	case "persist":
		p.persist = !l.no
	case "allbackups":
		p.allBackups = !l.no
	case "httpchk", "tcp-check", "external-check", "ldap-check", "mysql-check", "pgsql-check", "redis-check", "smtpchk", "ssl-hello-chk", "spop-check":
		switch {
		case !l.no:
			p.check, p.checkLine = name, l
		case p.check == name:
			p.check = ""
		}
	default:
		if l.no {
			r.minor(l, "no option")
			return
		}
		r.minor(l, "option "+name)
	}
}

// timeout reads a line "timeout X", or one of those of former times.
func (r *reader) timeout(p *proxy, l *line) {
	what, i := l.word(1), 2
	if l.word(0) != "timeout" {
		what, i = map[string]string{"contimeout": "connect", "clitimeout": "client", "srvtimeout": "server"}[l.word(0)], 1
	}
	names := []string{"connect", "check", "queue", "server", "client", "tunnel", "http-request", "http-keep-alive", "client-fin", "server-fin", "tarpit", "client-hs"}
	if !slices.Contains(names, what) {
		r.unknown(l, 1, "a time-out: "+strings.Join(names, ", "), names)
		return
	}
	d, why := parseTime(l.word(i), time.Millisecond)
	if !r.value(l, i-1, why) {
		return
	}
	switch what {
	case "connect":
		p.connect, p.connectLine = d, l
	case "check":
		p.timeoutCheck = d
	case "queue":
		if d < 24*time.Hour {
			r.remark(l, "who waits for a server is not turned away before its client gives up")
		}
	case "client", "server", "tunnel":
		if d > 0 && d < 24*time.Hour {
			r.remark(l, "a connection over which nothing is sent stays for as long as its client wants")
		}
	default:
		r.minor(l, "timeout")
	}
}

// checkRule reads a line tcp-check or http-check.
func (r *reader) checkRule(p *proxy, l *line) {
	switch l.word(1) {
	case "send", "send-binary", "send-lf", "send-binary-lf", "expect":
		p.talks = p.talks || l.word(0) == "tcp-check"
		if l.word(0) == "http-check" && l.word(1) == "expect" {
			r.remark(l, "a good answer is any that comes: what it says is not looked at")
		}
	case "disable-on-404":
		r.remark(l, "no server asks to be drained: see drain in the timeline")
	default:
		r.minor(l, l.word(0))
	}
}
