package haproxycfg

import (
	"slices"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// usesCookie reports whether a line "cookie" has an effect.
func (r *reader) usesCookie(p *proxy) bool {
	l := p.cookie
	if p.mode != lb.HTTP {
		r.remark(l, "needs mode http: HAProxy ignores it")
		return false
	}
	words := l.from(2)
	dynamic := slices.Contains(words, "dynamic")
	with := 0
	for _, s := range p.servers {
		if s.cookie != "" || dynamic {
			with++
		}
	}
	switch {
	case with == 0:
		r.remark(l, "no server has a value for the cookie: nobody is kept by it")
		return false
	case with < len(p.servers):
		r.remark(l, "clients of servers without a value for the cookie are kept, too")
	}
	switch {
	case slices.Contains(words, "insert"):
	case slices.Contains(words, "rewrite"), slices.Contains(words, "prefix"):
		r.remark(l, "is like a cookie that the balancer inserts: clients without the servers' own are kept, too")
	default:
		r.remark(l, "the balancer inserts the cookie that servers would set")
	}
	for _, w := range []string{"postonly", "preserve"} {
		if slices.Contains(words, w) {
			r.remark(l, "%s: the balancer sets the cookie with each answer to who has none", w)
		}
	}
	return true
}

// cookieAge is how long a cookie is good for, and whether each use makes it so anew.
func (r *reader) cookieAge(l *line) (time.Duration, string) {
	if l.word(1) == "" {
		r.fail(l, 1, "", "the cookie has no name")
	}
	age := map[string]time.Duration{}
	for i := 2; i < len(l.words); i++ {
		switch word := l.word(i); word {
		case "maxidle", "maxlife":
			d, why := parseTime(l.word(i+1), time.Second)
			if r.value(l, i, why) {
				age[word] = d
			}
			i++
		case "domain", "attr":
			i++
		case "rewrite", "insert", "prefix", "indirect", "nocache", "postonly", "preserve", "httponly", "secure", "dynamic":
		default:
			r.unknown(l, i, "a word of cookie", []string{"rewrite", "insert", "prefix", "indirect", "nocache", "postonly", "preserve", "httponly", "secure", "dynamic", "maxidle", "maxlife", "domain", "attr"})
		}
	}
	idle, life := age["maxidle"], age["maxlife"]
	switch {
	case idle > 0 && life > 0:
		r.remark(l, "ends %s after the last use: maxlife is not read beside maxidle", timeText(idle))
		return idle, "use"
	case idle > 0:
		return idle, "use"
	case life > 0:
		return life, "never"
	}
	return forever, "use"
}

// afterCookie reads the samples beside a cookie: where a client has none, its source
// address decides.
func (r *reader) afterCookie(p *proxy, c *persist.CookieInsert, samples []sample) lb.PersistencePolicy {
	for _, s := range samples[1:] {
		r.remark(s.line, "is not read: beside a cookie a scenario goes by the source address alone")
	}
	first := samples[0]
	if first.text != "src" {
		r.remark(first.line, "is not read: beside a cookie a scenario goes by the source address alone")
		return c
	}
	both := named[*persist.CookieOrSourceIP](persist.Table, "cookie-or-source-ip")
	t, _ := tableOf(both)
	if r.table(p, first, t); *t.timeout != c.Timeout {
		r.remark(first.line, "the table's records are as old as the cookie's")
	}
	t.options.Share = ""
	fallback := both.Fallback
	both.Timeout, both.Options = c.Timeout, c.Options
	both.Fallback = fallback
	return both
}
