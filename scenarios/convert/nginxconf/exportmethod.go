package nginxconf

import (
	"regexp"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// method is a load balancing method of an upstream.
type method struct {
	directive *directive // nil: round robin
	backups   bool       // knows backup servers
	byName    bool       // hashes the servers' names
}

// method is the service's scheduler as nginx has it.
func (x *exporter) method(s *lb.Service) method {
	at := servicePath(s) + ".scheduler"
	policy := s.Scheduler
	if p, ok := policy.(*sched.Priority); ok {
		policy = p.Within
		x.remarkLike(at, p.Like)
	}
	switch p := policy.(type) {
	case *sched.RoundRobin:
		x.remarkLike(at, p.Like)
		return method{backups: true}
	case *sched.LeastConnections:
		x.remarkLike(at, p.Like)
		return method{directive: words("least_conn"), backups: true}
	case *sched.TwoChoices:
		x.remarkLike(at, p.Like)
		return method{directive: words("random", "two", "least_conn")}
	case *sched.Random:
		return x.random(at, p)
	case *sched.IPHash:
		if s.Mode == lb.HTTP {
			return method{directive: words("ip_hash")}
		}
		x.remark(at, "ip_hash is for http alone: hash $remote_addr, by which an address and not a /24 has a server")
		return method{directive: words("hash", "$remote_addr")}
	case *sched.SourceHash:
		return x.hash(at, "$remote_addr", p.Hash, &p.Hashing)
	case *sched.URLHash:
		return x.hashRequest(s, "$request_uri", p.Hash, &p.Hashing)
	case *sched.HeaderHash:
		variable := headerVariable(p.Header)
		if back := strings.ReplaceAll(strings.TrimPrefix(variable, "$http_"), "_", "-"); variable != p.Header && back != p.Header {
			x.remark(at+".header", "nginx calls it %s", variable)
		}
		return x.hashRequest(s, variable, p.Hash, &p.Hashing)
	case *sched.LeastResponseTime:
		if x.commercial(at, "least_time is of nginx 1.31, before that of the commercial edition: least_conn instead") {
			return method{directive: words("least_time", "header"), backups: true}
		}
		return method{directive: words("least_conn"), backups: true}
	}
	x.remark(at, "nginx has no such method: round robin instead")
	return method{backups: true}
}

// remarkLike says that nginx does something its own way.
func (x *exporter) remarkLike(at, like string) {
	if like == "" {
		like = "none"
	}
	if like != "nginx" {
		x.remark(at+".like", "the scenario has like: %s, and nginx does as with like: nginx", like)
	}
}

// commercial reports whether a directive is written that nginx 1.22.1 does not
// have, and remarks on it if not.
func (x *exporter) commercial(path, why string) bool {
	if !x.options.Commercial {
		x.remark(path, "%s", why)
	}
	return x.options.Commercial
}

func (x *exporter) random(at string, p *sched.Random) method {
	x.remarkLike(at, p.Like)
	if p.Choices < 2 {
		return method{directive: words("random")}
	}
	if p.Choices > 2 {
		x.remark(at+".choices", "nginx draws two servers at most")
	}
	return method{directive: words("random", "two", "least_conn")}
}

// hash is a hash of a variable.
func (x *exporter) hash(at, variable, function string, h *sched.Hashing) method {
	x.remarkLike(at, h.Like)
	if h.Like == "nginx" && function != "" && function != "default" && function != "crc32" {
		x.remark(at+".hash", "nginx hashes by CRC-32")
	}
	if h.LoadBound != 0 {
		x.remark(at+".load_bound", "nginx knows none")
	}
	if h.Table == "map" {
		return method{directive: words("hash", variable)}
	}
	if h.Table != "ring" {
		x.remark(at+".table", "nginx has a ring for it: hash with consistent")
	}
	return method{directive: words("hash", variable, "consistent"), byName: h.Like == "nginx"}
}

// hashRequest is a hash of something in a request.
func (x *exporter) hashRequest(s *lb.Service, variable, function string, h *sched.Hashing) method {
	if s.Mode != lb.HTTP {
		x.remark(servicePath(s)+".scheduler", "where connections are forwarded no request is read: round robin instead")
		return method{backups: true}
	}
	return x.hash(servicePath(s)+".scheduler", variable, function, h)
}

// variables matches a key that was read as what nginx calls it.
var variables = regexp.MustCompile(`^\$[A-Za-z0-9_$:/.-]+$`)

// headerVariable is the variable of a request's header: $http_ and its name in
// lower case with _ for what is no letter and no digit.
func headerVariable(header string) string {
	if variables.MatchString(header) {
		return header
	}
	return "$http_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(header))
}
