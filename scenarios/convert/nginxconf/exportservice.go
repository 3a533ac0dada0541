package nginxconf

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"lbsim/models/lb"
)

// service is a service's upstream and its server.
func (x *exporter) service(s *lb.Service) []*directive {
	name := x.upstreams.upstreamName(s.Name)
	up := block(words("upstream", name))
	if name != s.Name {
		up.comment = nameComment(s.Name)
	}
	method := x.method(s)
	servers := x.members(s, method)
	if x.workers != 1 && s.Instances <= 1 {
		up.add(words("zone", name, zoneSize(len(servers))))
	}
	if method.directive != nil {
		up.add(method.directive)
	}
	up.add(x.sticky(s, name)...)
	up.add(servers...)
	up.add(x.queue(s)...)
	server := block(words("server"), x.listen(s))
	if s.Mode == lb.HTTP {
		server.add(block(words("location", "/"), append([]*directive{words("proxy_pass", "http://"+name)}, x.proxy(s)...)...))
	} else {
		server.add(words("proxy_pass", name))
		server.add(x.proxy(s)...)
	}
	x.remarkService(s)
	return []*directive{up, server}
}

// namePrefix begins a comment that gives a name in the scenario.
const namePrefix = "name: "

// nameComment is the comment for a name, none if it does not fit on a line.
func nameComment(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) || strings.TrimSpace(name) != name {
		return ""
	}
	return namePrefix + name
}

// zoneSize is enough memory for so many servers: nginx takes about 1 KB for each,
// and 8 pages of 4 KB for the rest.
func zoneSize(servers int) string { return strconv.Itoa(64+2*servers) + "k" }

// listen is where the service listens.
func (x *exporter) listen(s *lb.Service) *directive {
	if at, ok := x.options.Binds[s.Name]; ok {
		return words("listen", at, "backlog=4096")
	}
	port := x.ports.port(s)
	switch {
	case s.Port == 0:
		x.remark(servicePath(s)+".port", "there is none: the service listens at %d", port)
	case s.Port != port:
		x.remark(servicePath(s)+".port", "another service has it: this one listens at %d", port)
	}
	return words("listen", strconv.Itoa(port))
}

// idle is how long a connection may be silent. A scenario's balancer does not mind,
// and nginx cannot be told so.
const idle = "1d"

// proxy is how a service's server treats connections and the servers behind it.
func (x *exporter) proxy(s *lb.Service) (list []*directive) {
	if x.config.Balancer.Source.Kind == lb.Transparent && x.options.Lab == nil {
		list = append(list, words("proxy_bind", "$remote_addr", "transparent"))
	}
	if s.Mode == lb.HTTP {
		list = append(list, words("proxy_read_timeout", idle), words("proxy_send_timeout", idle))
	} else {
		list = append(list, words("proxy_timeout", idle))
	}
	connect := s.ConnectTimeout
	if connect == 0 {
		connect = time.Minute // which is nginx's own
		x.remark(servicePath(s)+".connect_timeout", "nginx itself waits for a server that does not answer: %v", connect)
	}
	list = append(list, words("proxy_connect_timeout", x.duration(servicePath(s)+".connect_timeout", connect, time.Millisecond)))
	return append(append(list, x.next(s)...), x.healthCheck(s)...)
}

// next is which other servers are tried.
func (x *exporter) next(s *lb.Service) (list []*directive) {
	statuses := s.Health.Passive != nil && s.Health.Passive.Statuses
	switch {
	case statuses && s.Mode == lb.HTTP: // with off they would not count
		list = append(list, words("proxy_next_upstream", "error", "timeout", "http_500", "http_502", "http_503", "http_504"))
	case s.Redispatch == 0:
		list = append(list, words("proxy_next_upstream", "off"))
	}
	if statuses && s.Mode != lb.HTTP {
		x.remark(servicePath(s)+".health", "where connections are forwarded no answers are seen that could be errors")
	}
	if s.Redispatch > 0 || s.Redispatch == 0 && statuses && s.Mode == lb.HTTP {
		list = append(list, words("proxy_next_upstream_tries", strconv.Itoa(s.Redispatch+1)))
	}
	if s.Retries > 0 {
		x.remark(servicePath(s)+".retries", "nginx does not try the same server twice: after a failure it goes on to the next")
	}
	return list
}

// duration is a time as nginx reads it, rounded up to the unit that it counts in.
func (x *exporter) duration(path string, d, unit time.Duration) string {
	n := (d + unit - 1) / unit * unit
	if n != d {
		x.remark(path, "nginx counts in units of %v: %v", unit, n)
	}
	if n%time.Second == 0 {
		return strconv.FormatInt(int64(n/time.Second), 10) + "s"
	}
	return strconv.FormatInt(int64(n/time.Millisecond), 10) + "ms"
}
