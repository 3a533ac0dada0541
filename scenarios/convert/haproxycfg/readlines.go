package haproxycfg

import (
	"net"
	"slices"
	"strings"

	"lbsim/models/lb"
)

// line reads a line of a section.
func (r *reader) line(p *proxy, l *line) {
	if first := l.word(0); first == "no" || first == "default" {
		l.no = true
		l.words = l.words[1:]
		if len(l.words) == 0 {
			r.fail(l, 0, "", "%s what?", first)
			return
		}
	}
	proxies := known()["proxy"]
	if !proxies.has(l.word(0)) {
		r.unknown(l, 0, "a keyword of "+p.kind, proxies.names)
		return
	}
	if p.kind == "defaults" && slices.Contains(notInDefaults, l.word(0)) {
		r.fail(l, 0, "", "%s may not stand in defaults", l.word(0))
		return
	}
	switch keyword := l.word(0); keyword {
	case "server", "server-template", "default-server":
		if p.kind == "frontend" {
			r.remark(l, "a frontend has no servers: HAProxy ignores the line")
			return
		}
		r.server(p, l)
	case "bind":
		r.bind(p, l)
	case "mode":
		r.mode(p, l)
	case "balance":
		r.balance(p, l)
	case "hash-type":
		r.hashType(p, l)
	case "hash-balance-factor":
		if n, why := parseNumber(l.word(1), 0, 65535); why == "" && n > 0 && n <= 100 {
			r.fail(l, 1, "0 switches the bound off", "hash-balance-factor: %q is not more than 100", l.word(1))
		} else if r.value(l, 0, why) {
			p.factor = n
		}
	case "stick-table":
		p.stickTable = l
	case "stick":
		if len(p.sticks) == maxSticks {
			r.fail(l, 0, "", "more than %d lines stick in a section", maxSticks)
		}
		p.sticks = append(p.sticks, l)
	case "cookie":
		p.cookie = l
	case "appsession":
		r.remark(l, "HAProxy has none any more since 1.6: learn the cookie with stick store-response")
	case "option":
		r.option(p, l)
	case "persist":
		r.oneOf(l, 1, "rdp-cookie", "rdp-cookie("+cookieArgument(l.word(1))+")")
		p.rdpCookie = true
	case "retries":
		if n, why := parseNumber(l.word(1), 0, 1<<31-1); r.value(l, 0, why) {
			p.retries = min(n, 100)
		}
	case "timeout", "contimeout", "clitimeout", "srvtimeout":
		r.timeout(p, l)
	case "source":
		r.source(p, l)
	case "default_backend":
		r.route(p, l)
		p.backendLine = l
	case "use_backend":
		r.route(p, l)
		p.routes = append(p.routes, route{l, l.word(1)})
		r.remark(l, "conditions are not looked at: give each service the traffic that it has")
	case "tcp-check", "http-check":
		r.checkRule(p, l)
	case "acl", "description", "stats":
		r.minor(l, keyword)
	case "disabled":
		r.remark(l, "the section is off; the scenario has it on")
	case "tcp-request", "tcp-response":
		if slices.Contains(l.from(1), "accept") || l.word(1) == "inspect-delay" {
			return // waits for what balance and stick go by
		}
		r.minor(l, keyword)
	default:
		r.minor(l, keyword)
	}
}

// notInDefaults are the keywords of other sections that are read here and that
// defaults may not have.
var notInDefaults = []string{"bind", "server", "server-template", "stick", "stick-table", "use_backend", "use-server"}

// cookieArgument is what stands in the brackets of a word.
func cookieArgument(word string) string {
	_, inside, _ := strings.Cut(word, "(")
	return strings.TrimSuffix(inside, ")")
}

// bind reads where a section listens.
func (r *reader) bind(p *proxy, l *line) {
	if l.word(1) == "" {
		r.fail(l, 1, "", "bind: an address is expected, as :80 or 192.0.2.1:443")
		return
	}
	for i, address := range strings.Split(l.word(1), ",") {
		b := bind{line: l}
		_, port, ok := cutLast(address, ":")
		low, _, _ := strings.Cut(port, "-")
		n, why := parseNumber(low, 1, 65535)
		switch {
		case strings.Contains(address, "@") && !strings.HasPrefix(address, "ip"), strings.HasPrefix(address, "/"):
		case ok && why == "":
			b.port = n
		case !l.words[1].env:
			r.fail(l, 1, "", "bind: %q has no port between 1 and 65535", address)
		}
		if i == 0 || p.binds == nil {
			p.binds = append(p.binds, b)
		}
	}
	if net.ParseIP(l.word(1)) != nil {
		r.fail(l, 1, "", "bind: %q has no port", l.word(1))
	}
	if len(l.words) > 2 {
		r.minor(l, "bind")
	}
}

func (r *reader) mode(p *proxy, l *line) {
	switch word := l.word(1); word {
	case "tcp", "http":
		p.mode = lb.Mode(word)
	case "health", "log", "syslog", "spop", "haterm":
		r.remark(l, "is not modelled: the scenario has mode tcp")
		p.mode = lb.TCP
	default:
		r.unknown(l, 1, "a mode: tcp or http", []string{"tcp", "http"})
	}
}

// source reads from which address the section connects to servers.
func (r *reader) source(p *proxy, l *line) {
	if l.word(1) == "" {
		r.fail(l, 1, "", "source: an address is expected")
		return
	}
	i := slices.Index(l.from(0), "usesrc")
	switch {
	case i < 0:
		p.transparent = false
		r.remark(l, "the balancer has one address, and the ports that Linux gives it")
	case l.word(i+1) == "client" || l.word(i+1) == "clientip":
		p.transparent = true
	default:
		p.transparent = true
		r.remark(l, "servers see the clients' addresses as the balancer does")
	}
}

// route checks a line that names a backend.
func (r *reader) route(p *proxy, l *line) {
	if l.word(1) == "" {
		r.fail(l, 1, "", "%s: the name of a backend is expected", l.word(0))
	}
	if p.kind == "backend" {
		r.remark(l, "a backend leads to no other: HAProxy ignores the line")
	}
}
