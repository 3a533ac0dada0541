package haproxycfg

import (
	"slices"
	"strings"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// A sample is what lines "stick" look up or store.
type sample struct {
	line          *line
	text          string // without req. and res.
	table         string // "": the section's own
	match, stored bool
	answer        bool // it is learned from servers' answers
	conditional   bool
}

// persistence returns how a section keeps clients on their servers, and the key of
// requests by which it does, "" if there is none.
func (r *reader) persistence(p *proxy) (lb.PersistencePolicy, string) {
	samples := r.samples(p)
	inserts := p.cookie != nil && r.usesCookie(p)
	var policy lb.PersistencePolicy = persist.None{}
	key := ""
	switch {
	case inserts:
		c := named[*persist.CookieInsert](persist.Table, "cookie-insert")
		policy = c
		c.Timeout, c.Refresh = r.cookieAge(p.cookie)
		if len(samples) > 0 {
			policy = r.afterCookie(p, c, samples)
			samples = nil
		}
	case p.rdpCookie:
		token := named[*persist.RDPToken](persist.Table, "rdp-token")
		token.Timeout = forever
		policy = token
		for _, s := range samples {
			r.remark(s.line, "is not read beside persist rdp-cookie, which has the login names itself")
		}
		samples = nil
	case len(samples) > 0:
		policy, key = r.bySample(samples[0])
	}
	if t, ok := tableOf(policy); ok && len(samples) > 0 {
		t.options.TouchDown = true
		t.options.Store = "taken"
		r.table(p, samples[0], t)
		r.fallbacks(samples[1:], t)
	}
	if tied, ok := policy.(lb.Tying); ok && p.persist {
		tied.Tied().Down = "keep"
	}
	return policy, key
}

// samples gathers the lines "stick" of a section: those on one sample are one.
func (r *reader) samples(p *proxy) (samples []sample) {
	for _, l := range p.sticks {
		use, text := l.word(1), l.word(2)
		uses := []string{"on", "match", "store-request", "store-response"}
		if !slices.Contains(uses, use) {
			r.unknown(l, 1, "one of "+strings.Join(uses, ", "), uses)
			continue
		}
		if isNoSample(text) {
			r.fail(l, 2, "", "stick %s what?", use)
			continue
		}
		s := sample{line: l, match: use == "on" || use == "match", stored: use != "match", answer: use == "store-response"}
		s.text = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(text, "req."), "res."), "src_is_")
		for i := 3; i < len(l.words); i++ {
			switch l.word(i) {
			case "table":
				s.table = l.word(i + 1)
			case "if", "unless":
				s.conditional = true
			}
		}
		i := slices.IndexFunc(samples, func(o sample) bool { return o.text == s.text && o.table == s.table })
		if i < 0 {
			samples = append(samples, s)
			continue
		}
		samples[i].match = samples[i].match || s.match
		samples[i].stored = samples[i].stored || s.stored
		samples[i].answer = samples[i].answer || s.answer
	}
	for _, s := range samples {
		switch {
		case !s.match:
			r.remark(s.line, "is stored and never looked up: nobody is kept by it")
		case !s.stored:
			r.remark(s.line, "is looked up and never stored here: the scenario stores it")
		case s.conditional && s.text != tlsSession:
			r.remark(s.line, "holds for all connections: conditions are not looked at")
		}
	}
	return slices.DeleteFunc(samples, func(s sample) bool { return !s.match })
}

// tlsSession is where the name of a session is in the first message of TLS.
const tlsSession = "payload_lv(43,1)"

// bySample returns the persistence that goes by a sample, and the key of requests
// that it goes by.
func (r *reader) bySample(s sample) (lb.PersistencePolicy, string) {
	fetch, converters, _ := strings.Cut(s.text, ",")
	name, _, _ := strings.Cut(fetch, "(")
	argument := strings.ToLower(cookieArgument(fetch))
	if converters != "" && name != "src" {
		r.remark(s.line, "the value is taken as it is")
	}
	switch name {
	case "src":
		p := named[*persist.SourceIP](persist.Table, "source-ip")
		r.prefix(s, converters, p)
		return p, ""
	case "dst":
		return named[*persist.DestIP](persist.Table, "dest-ip"), "destination"
	case "cook":
		if s.answer {
			return named[*persist.CookieServer](persist.Table, "cookie-server"), ""
		}
	case "rdp_cookie":
		return named[*persist.RDP](persist.Table, "rdp"), ""
	case "payload_lv", "ssl_fc_session_id":
		if s.text != tlsSession {
			r.remark(s.line, "is taken for the TLS session")
		}
		return named[*persist.SSLSessionID](persist.Table, "ssl-session-id"), ""
	case "url", "path", "pathq", "uri", "base", "base32":
		if name != "url" {
			r.remark(s.line, "goes by the whole URL")
		}
		return named[*persist.URLHash](persist.Table, "url-hash"), "url"
	case "url_param", "urlp":
		p := named[*persist.QueryItem](persist.Table, "query-item")
		if p.Name = cookieArgument(fetch); p.Name != "" {
			return p, p.Name
		}
	case "hdr", "fhdr":
		switch argument {
		case "host":
			return named[*persist.HostHeader](persist.Table, "host-header"), "host"
		case "cookie":
			return named[*persist.CookieHash](persist.Table, "cookie-hash"), ""
		case "":
		default:
			p := named[*persist.Header](persist.Table, "header")
			p.Name = cookieArgument(fetch)
			return p, p.Name
		}
	}
	r.remark(s.line, "is a key of the traffic's requests of that name")
	p := named[*persist.Header](persist.Table, "header")
	p.Name = fetch
	return p, p.Name
}

// prefix reads how many bits of an address count.
func (r *reader) prefix(s sample, converters string, p *persist.SourceIP) {
	if converters == "" {
		return
	}
	name, _, _ := strings.Cut(converters, "(")
	first, second, both := strings.Cut(cookieArgument(converters), ",")
	v4, why := parseNumber(first, 1, 32)
	v6, why6 := 128, ""
	if both {
		v6, why6 = parseNumber(second, 1, 128)
	}
	if name != "ipmask" || why != "" || why6 != "" {
		r.remark(s.line, "the whole address counts")
		return
	}
	p.Prefix, p.Prefix6 = v4, v6
}

// table reads the table of a sample: the section's own, or one of another.
func (r *reader) table(p *proxy, s sample, t stickTable) {
	l := p.stickTable
	if s.table != "" && s.table != p.name {
		i := slices.IndexFunc(r.proxies, func(o *proxy) bool { return o.name == s.table && o.stickTable != nil })
		if i < 0 {
			r.fail(s.line, len(s.line.words), "", "there is no table %q", s.table)
			return
		}
		l = r.proxies[i].stickTable
		t.options.Share = s.table
	} else if r.lent(p) {
		t.options.Share = p.name
	}
	if l == nil {
		r.fail(s.line, 0, "", "the section has no stick-table")
		return
	}
	*t.timeout = forever
	size, kind := 0, ""
	for i := 1; i < len(l.words); i++ {
		switch word := l.word(i); word {
		case "type":
			kind = l.word(i + 1)
			r.oneOf(l, i+1, "ip", "ipv6", "integer", "string", "binary")
			i++
		case "len", "store", "srvkey", "write-to", "recv-only":
			if word == "srvkey" || word == "write-to" {
				r.remark(l, "%s: is not read", word)
			}
			i++
		case "size":
			n, why := parseSize(l.word(i + 1))
			if r.value(l, i, why) {
				size = n
			}
			i++
		case "expire":
			d, why := parseTime(l.word(i+1), time.Millisecond)
			if r.value(l, i, why) && d > 0 {
				*t.timeout = d
			}
			i++
		case "peers":
			r.remark(l, "no balancer tells others of the table: see balancer.pair and sync")
			i++
		case "nopurge":
			if t.room != nil {
				t.room.Evict = "none"
			}
		default:
			r.unknown(l, i, "a word of stick-table", []string{"type", "len", "size", "expire", "nopurge", "peers", "store", "srvkey", "write-to", "recv-only"})
			return
		}
	}
	switch {
	case kind == "" || size == 0 && !l.hasEnv():
		r.fail(l, len(l.words), "", "stick-table: a type and a size are expected")
	case t.room == nil || size > largestTable:
	default:
		t.room.Size = size
	}
}

// largestTable is the size from which on a table has room for any number of records:
// a scenario does not bound larger ones.
const largestTable = 100_000_000

func (l *line) hasEnv() bool {
	return slices.ContainsFunc(l.words, func(w word) bool { return w.env })
}

// lent reports whether other sections use the section's table.
func (r *reader) lent(p *proxy) bool {
	for _, o := range r.proxies {
		if o == p || !o.serves() || len(o.servers) == 0 {
			continue
		}
		for _, l := range o.sticks {
			if i := slices.Index(l.from(0), "table"); i > 0 && l.word(i+1) == p.name {
				return true
			}
		}
	}
	return false
}

// fallbacks reads the samples after the first: where that is missing, the source
// address.
func (r *reader) fallbacks(samples []sample, t stickTable) {
	t.options.Fallback = "none"
	for _, s := range samples {
		if s.text == "src" && t.kind != addresses && t.options.Fallback == "none" {
			t.options.Fallback = "source-ip"
			continue
		}
		r.remark(s.line, "is not read: a scenario goes by one key, and where it is missing by the source address")
	}
}

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
