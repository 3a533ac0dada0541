package haproxycfg

import (
	"slices"
	"strings"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// algorithms are the words that may follow balance.
var algorithms = []string{"roundrobin", "static-rr", "leastconn", "first", "random", "source", "uri", "url_param", "hdr", "rdp-cookie", "hash", "log-hash", "sticky"}

// balance checks a line "balance", which is understood once the mode is known.
func (r *reader) balance(p *proxy, l *line) {
	name, inside, brackets := strings.Cut(l.word(1), "(")
	switch {
	case !slices.Contains(algorithms, name):
		r.unknown(l, 1, "an algorithm: "+strings.Join(algorithms, ", "), algorithms)
		return
	case brackets && !strings.HasSuffix(inside, ")"):
		r.fail(l, 1, "", "the bracket of %q is not closed", l.word(1))
		return
	case name == "random" && brackets:
		if _, why := parseNumber(strings.TrimSuffix(inside, ")"), 1, 1<<31-1); why != "" {
			r.fail(l, 1, "", "random: %q %s", strings.TrimSuffix(inside, ")"), why)
			return
		}
	case name == "hdr" && cookieArgument(l.word(1)) == "", name == "url_param" && cookieArgument(l.word(1)) == "" && l.word(2) == "",
		name == "hash" && isNoSample(l.word(2)):
		r.fail(l, 2, "", "%s of what?", name)
		return
	}
	p.balance = l
}

// isNoSample reports whether a text is not even the beginning of what can be taken
// from a request.
func isNoSample(text string) bool { return text == "" || strings.ContainsRune(",()", rune(text[0])) }

// hashType checks a line "hash-type".
func (r *reader) hashType(p *proxy, l *line) {
	methods, functions := []string{"map-based", "consistent"}, []string{"sdbm", "djb2", "wt6", "crc32", "none"}
	switch {
	case !slices.Contains(methods, l.word(1)):
		r.unknown(l, 1, "one of map-based, consistent", methods)
	case l.word(2) != "" && !slices.Contains(functions, l.word(2)):
		r.unknown(l, 2, "a hash function: "+strings.Join(functions, ", "), functions)
	case l.word(3) != "" && l.word(3) != "avalanche":
		r.unknown(l, 3, "avalanche", []string{"avalanche"})
	default:
		p.hashType = l
		if l.word(2) == "none" {
			r.remark(l, "the key is hashed by sdbm: an algorithm without a function is not modelled")
		}
	}
}

// scheduler returns the algorithm of a section.
func (r *reader) scheduler(p *proxy) lb.SchedulerPolicy {
	l := p.balance
	if l == nil {
		if r.release.before(3, 5) {
			return inTurn()
		}
		r.remark(p.begun, "without a line balance HAProxy takes random(2), and before 3.5-dev roundrobin: say which with --release")
		return randomOf(2)
	}
	name, _, _ := strings.Cut(l.word(1), "(")
	argument := cookieArgument(l.word(1))
	if layer7 := []string{"uri", "url_param", "hdr"}; p.mode != lb.HTTP && slices.Contains(layer7, name) {
		r.remark(l, "needs mode http: HAProxy balances in turn")
		return inTurn()
	}
	switch name {
	case "static-rr":
		return &sched.StaticRoundRobin{}
	case "leastconn":
		least := named[*sched.LeastConnections](sched.Table, "least-connections")
		least.Like = like
		return least
	case "first":
		return &sched.First{}
	case "random":
		choices := 2
		if argument != "" {
			choices, _ = parseNumber(argument, 1, 1000)
			choices = max(1, choices)
		}
		return randomOf(choices)
	case "source":
		return r.sourceHash(p)
	case "uri":
		if !slices.Contains(l.from(2), "whole") {
			r.remark(l, "the whole URL is hashed, with what follows the question mark")
		}
		if slices.Contains(l.from(2), "len") || slices.Contains(l.from(2), "depth") {
			r.remark(l, "the URL is hashed to its end")
		}
		return &sched.URLHash{KeyHashing: r.keyHashing(p)}
	case "url_param":
		if argument == "" {
			argument = l.word(2)
		}
		r.remark(l, "the item of the query is a key of the traffic's requests")
		return &sched.HeaderHash{Header: argument, KeyHashing: r.keyHashing(p)}
	case "hdr":
		if slices.Contains(l.from(2), "use_domain_only") {
			r.remark(l, "the whole header is hashed")
		}
		return &sched.HeaderHash{Header: argument, KeyHashing: r.keyHashing(p)}
	case "rdp-cookie":
		if argument == "" {
			argument = loginName
		}
		r.remark(l, "the login name is a key of the traffic's requests")
		return &sched.HeaderHash{Header: argument, KeyHashing: r.keyHashing(p)}
	case "hash":
		return r.hashOf(p, l)
	case "log-hash", "sticky":
		r.remark(l, "is for logs: the scenario balances in turn")
	}
	return inTurn()
}

// like is whose variant of an algorithm is meant.
const like = "haproxy"

func inTurn() *sched.RoundRobin {
	p := named[*sched.RoundRobin](sched.Table, "round-robin")
	p.Like = like
	return p
}

func randomOf(choices int) *sched.Random {
	p := named[*sched.Random](sched.Table, "random")
	p.Choices, p.Replace, p.Like = choices, true, like
	return p
}

// hashOf returns the algorithm of "balance hash EXPRESSION".
func (r *reader) hashOf(p *proxy, l *line) lb.SchedulerPolicy {
	expression := strings.Join(l.from(2), " ")
	fetch, converters, _ := strings.Cut(expression, ",")
	name, _, _ := strings.Cut(fetch, "(")
	if converters != "" {
		r.remark(l, "the value is hashed as it is")
	}
	switch name {
	case "src":
		r.remark(l, "the address is hashed as by balance source")
		return r.sourceHash(p)
	case "url", "uri", "path", "pathq", "base":
		if name != "url" {
			r.remark(l, "the whole URL is hashed")
		}
		return &sched.URLHash{KeyHashing: r.keyHashing(p)}
	case "hdr", "req.hdr", "req.fhdr", "url_param", "urlp", "req.cook", "cook":
		if argument := cookieArgument(fetch); argument != "" {
			return &sched.HeaderHash{Header: argument, KeyHashing: r.keyHashing(p)}
		}
	}
	r.remark(l, "what is hashed is a key of the traffic's requests of that name")
	return &sched.HeaderHash{Header: fetch, KeyHashing: r.keyHashing(p)}
}

// sourceHash returns the hash of source addresses, which are numbers that no function
// hashes.
func (r *reader) sourceHash(p *proxy) *sched.SourceHash {
	s := named[*sched.SourceHash](sched.Table, "source-hash")
	s.Hashing = p.hashing(s.Hashing)
	l := p.hashType
	if l == nil || l.word(2) == "" {
		return s
	}
	avalanche := l.word(3) == "avalanche"
	switch {
	case s.Table == "map" && avalanche:
		s.Hash = "avalanche"
	case s.Table == "ring" && !avalanche:
		s.Hash = "address"
	}
	return s
}

// keyHashing returns the hash of texts.
func (r *reader) keyHashing(p *proxy) sched.KeyHashing {
	k := named[*sched.URLHash](sched.Table, "url-hash").KeyHashing
	k.Hashing = p.hashing(k.Hashing)
	l := p.hashType
	if l == nil || l.word(2) == "" {
		return k
	}
	hash := l.word(2)
	if hash == "none" {
		hash = "sdbm"
	}
	if l.word(3) == "avalanche" {
		hash += "-avalanche"
	}
	// What goes with the table needs no word.
	if hash != map[string]string{"map": "sdbm", "ring": "sdbm-avalanche"}[k.Table] {
		k.Hash = hash
	}
	return k
}

// hashing is how the section's hashes lead to servers.
func (p *proxy) hashing(h sched.Hashing) sched.Hashing {
	h.Table, h.Like = "map", like
	if p.hashType != nil && p.hashType.word(1) == "consistent" {
		h.Table = "ring"
		h.LoadBound = float64(p.factor) / 100
	}
	return h
}

// named returns the policy of a kind with its defaults.
func named[T, P any](table flow.Table[P], kind string) T {
	p, _ := table.Lookup(kind)
	return any(p).(T)
}
