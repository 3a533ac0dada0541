package haproxycfg

import (
	"slices"
	"strings"

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
		s.text = strings.TrimPrefix(strings.TrimPrefix(text, "req."), "res.")
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
