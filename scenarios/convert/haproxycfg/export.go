package haproxycfg

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/scenarios/convert"
)

// Export writes the configuration that a scenario's balancer means, and what of it
// HAProxy cannot be told. The error is that there is nothing to write.
func Export(c *models.Config, o Options) (text []byte, remarks []convert.Remark, err error) {
	if c.NLB != nil {
		return nil, nil, fmt.Errorf("the scenario has no balancer: the servers share an address (network load balancing)")
	}
	if len(c.Balancer.Services) == 0 {
		return nil, nil, fmt.Errorf("the scenario's balancer has no services")
	}
	whole := *c
	whole.Complete()
	x := exporter{options: o, config: &whole, names: taken{}, ports: map[int]int{}, numbers: map[string]int{}, joins: models.Joining(c.Timeline)}
	for i, s := range c.Servers {
		x.numbers[s.Name] = i
	}
	for i := range whole.Balancer.Services {
		x.ports[whole.Balancer.Services[i].Port]++
	}
	x.off = map[string]bool{}
	for i := range c.Timeline {
		if a := &c.Timeline[i]; a.At == 0 && a.Disable != "" {
			for _, name := range a.Targets() {
				x.off[name] = true
			}
		}
	}
	x.export()
	x.compare()
	return x.Bytes(), x.remarks, nil
}

// exporter is a configuration that is being written.
type exporter struct {
	writer
	options Options
	config  *models.Config
	names   taken             // of sections
	ports   map[int]int       // how many services have it
	bound   int               // addresses that were given to services
	numbers map[string]int    // of the servers
	shared  map[string]string // section of a table, by its name
	joins   map[string]bool   // servers that the timeline adds
	off     map[string]bool   // servers that it disables at the start
	remarks []convert.Remark
}

// remark says what becomes of a path of the scenario.
func (x *exporter) remark(path, why string, args ...any) {
	x.remarks = append(x.remarks, convert.Remark{Text: path, Why: fmt.Sprintf(why, args...)})
}

func (x *exporter) export() {
	x.WriteString("# Written by `lbsim export haproxy`.\n")
	x.global()
	x.section("defaults", "")
	if x.options.Lab != nil {
		x.line("log global")
	}
	// A scenario has no such limits, and without a line a queue has that of
	// connecting.
	for _, what := range []string{"client", "server", "queue"} {
		x.line("timeout "+what, timeText(longTime))
	}
	services := x.config.Balancer.Services
	var sections []string
	for i := range services {
		sections = append(sections, x.names.name(services[i].Name))
	}
	x.sharedTables(services, sections)
	for i := range services {
		x.service(&services[i], sections[i])
	}
}

// longTime is the time-out that stands for none: HAProxy warns where there is no
// line.
const longTime = 24 * 24 * time.Hour

func (x *exporter) global() {
	percent := x.spread()
	if percent == 0 && x.options.Lab == nil {
		return
	}
	x.section("global", "")
	if l := x.options.Lab; l != nil {
		x.line("nbthread 1")
		x.line("stats socket", l.Socket, "level", "admin")
		x.line("log", l.LogAddress, "local0", "notice")
		x.line("pidfile", l.PidFile)
	}
	if percent > 0 {
		x.line("spread-checks", strconv.Itoa(percent))
	}
}

// spread is by how many percent intervals between checks vary, at most, as HAProxy
// has one number for all services.
func (x *exporter) spread() int {
	most := 0.0
	for i := range x.config.Balancer.Services {
		if h := &x.config.Balancer.Services[i].Health; h.Probes() {
			most = max(most, float64(h.Jitter))
		}
	}
	return int(math.Round(100 * min(most, 0.5)))
}

// service writes the section of a service.
func (x *exporter) service(s *lb.Service, name string) {
	x.section("listen", name)
	x.line("bind", x.bind(s))
	x.line("mode", string(modeOf(s)))
	x.scheduler(s)
	x.persistence(s, name)
	if x.config.Balancer.Source.Kind == lb.Transparent && x.options.Lab == nil {
		x.line("source", "0.0.0.0", "usesrc", "clientip")
	}
	x.connecting(s)
	x.health(s)
	x.defaultServer(s)
	x.servers(s)
}

// bind is where a service listens. Those that have a port in common have addresses of
// 198.51.100.0/24 (RFC 5737, for documentation), as a scenario does not name any, and
// one without a port has some other.
func (x *exporter) bind(s *lb.Service) string {
	if a, ok := x.options.Binds[s.Name]; ok {
		return a
	}
	if s.Port > 0 && x.ports[s.Port] == 1 {
		return ":" + strconv.Itoa(s.Port)
	}
	if s.Port > 0 {
		x.bound++
		host := net.IPv4(198, 51, 100, byte(x.bound))
		if x.bound > 254 { // RFC 2544, for benchmarks
			host = net.IPv4(198, 19, byte(x.bound>>8), byte(x.bound))
		}
		return net.JoinHostPort(host.String(), strconv.Itoa(s.Port))
	}
	port := firstPort
	for x.ports[port] > 0 {
		port++
	}
	x.ports[port]++
	return ":" + strconv.Itoa(port)
}

// firstPort is that of services without one.
const firstPort = 8001

// connecting writes what becomes of connections that a server does not take.
func (x *exporter) connecting(s *lb.Service) {
	connect := s.ConnectTimeout
	if connect == 0 { // it is left to the clients
		connect = longTime
	}
	x.line("timeout connect", timeText(connect))
	again, elsewhere := s.Retries, s.Redispatch
	if elsewhere < 0 {
		elsewhere = len(s.Servers) - 1
	}
	switch {
	case elsewhere <= 0:
		x.line("retries", strconv.Itoa(again))
	case again == 0:
		x.line("retries", strconv.Itoa(elsewhere))
		x.line("option redispatch", "1")
	default:
		x.line("retries", strconv.Itoa(again+1))
		x.line("option redispatch")
	}
}

// modeOf is the mode of a service in HAProxy, which looks into requests in mode http
// alone.
func modeOf(s *lb.Service) lb.Mode {
	if s.Mode == lb.HTTP || readsRequests(s) {
		return lb.HTTP
	}
	return lb.TCP
}

// readsRequests reports whether a service goes by what is in its requests.
func readsRequests(s *lb.Service) bool {
	p := s.Scheduler
	if backups, ok := p.(*sched.Priority); ok {
		p = backups.Within
	}
	switch p := p.(type) {
	case *sched.URLHash:
		return true
	case *sched.HeaderHash:
		if p.Header != loginName {
			return true
		}
	}
	switch s.Persistence.(type) {
	case *persist.CookieInsert, *persist.CookieOrSourceIP, *persist.CookieServer, *persist.CookieHash, *persist.SuperHTTP,
		*persist.URLHash, *persist.HostHeader, *persist.QueryItem, *persist.Header:
		return true
	}
	return false
}
