package nginxconf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/scenarios/convert"
)

// convert writes the services.
func (m *importer) convert() error {
	names, servers := m.serviceNames(), m.serverNames()
	standings, transparent := m.standings(servers), 0
	for i, s := range m.services {
		out := convert.BalancerService{Name: names[i]}
		if err := m.settings(s, &out); err != nil {
			return err
		}
		m.members(s, servers, standings, &out)
		m.remarkNames(s, servers)
		m.balancer.Services = append(m.balancer.Services, out)
		if s.timing.transparent {
			transparent++
		}
	}
	switch {
	case transparent == len(m.services):
		m.balancer.Settings = append(m.balancer.Settings, convert.Setting{Key: "source", Value: "transparent"})
	case transparent > 0:
		m.balancer.Remarks = append(m.balancer.Remarks, convert.Remark{Why: "the servers of some services see the clients' addresses (proxy_bind transparent): in the scenario those of all see the balancer's"})
	}
	if m.sharePorts() {
		m.balancer.Remarks = append(m.balancer.Remarks, convert.Remark{Why: "which service a request goes to, by server_name and location, is not in the scenario: each has traffic of its own"})
	}
	for _, u := range m.upstreams {
		if u.used == nil && u.at.blocked {
			m.remark(u.at, "nothing is passed to it: it is left out")
		}
	}
	return nil
}

// sharePorts reports whether services of http have the same port.
func (m *importer) sharePorts() bool {
	seen := map[int]bool{}
	for _, s := range m.services {
		if !s.stream && seen[s.port] {
			return true
		}
		seen[s.port] = seen[s.port] || !s.stream
	}
	return false
}

// settings are a service's keys but for its name and servers.
func (m *importer) settings(s *service, out *convert.BalancerService) error {
	set := func(key, format string, args ...any) {
		out.Settings = append(out.Settings, convert.Setting{Key: key, Value: fmt.Sprintf(format, args...)})
	}
	set("port", "%d", s.port)
	if !s.stream {
		set("mode", "http")
	}
	set("scheduler", "%s", m.scheduler(s, out))
	for _, add := range []func(*service, func(string, string, ...any)) error{m.persistence, m.ramp, m.health} {
		if err := add(s, set); err != nil {
			return err
		}
	}
	m.instances(s, set)
	if s.queue != nil {
		n, err := s.queue.number("the queue", s.queue.args[0], 0)
		if err != nil {
			return err
		}
		if len(s.queue.args) > 1 {
			m.remark(s.queue, "what waits does so for as long as the client does")
		}
		set("queue", "%d", min(n, mostCount))
	}
	if s.timing.tries >= 0 {
		set("redispatch", "%d", min(s.timing.tries, mostCount))
	}
	if s.timing.connect != time.Minute {
		set("connect_timeout", "%s", duration(s.timing.connect))
	}
	return nil
}

// mostCount is the largest number of things that a scenario counts.
const mostCount = 1_000_000_000

// persistence is what sticky says.
func (m *importer) persistence(s *service, set func(string, string, ...any)) error {
	d := s.sticky
	if d == nil {
		return nil
	}
	timeout := ""
	for _, arg := range d.args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		if key != "expires" && key != "timeout" || value == "max" {
			continue
		}
		t, err := d.time(key, value, false)
		if err != nil {
			return err
		}
		if t > 0 {
			timeout = ", timeout: " + duration(min(t, forever))
		}
	}
	switch d.args[0] {
	case "cookie":
		set("persistence", "{kind: cookie-insert%s}", timeout)
	case "learn":
		set("persistence", "{kind: cookie-server%s}", timeout)
	default:
		m.remark(d, "clients are not kept on their servers by this")
	}
	return nil
}

// ramp is what slow_start says.
func (m *importer) ramp(s *service, set func(string, string, ...any)) error {
	first := s.servers[0]
	for _, b := range s.servers {
		if b.slowStart != first.slowStart {
			m.remark(b.at, "slow_start is one for all servers of a service: %s", duration(first.slowStart))
		}
	}
	if first.slowStart > 24*time.Hour {
		m.remark(first.at, "slow_start is 24h at most")
	}
	if first.slowStart > 0 {
		set("slow_start", "{kind: linear, time: %s}", duration(min(first.slowStart, 24*time.Hour)))
	}
	return nil
}

// health are the checks: passive ones, and active ones besides.
func (m *importer) health(s *service, set func(string, string, ...any)) error {
	first := s.servers[0]
	for _, b := range s.servers {
		if b.maxFails != first.maxFails || b.failTimeout != first.failTimeout {
			m.remark(b.at, "failures count as with the first server: max_fails=%d fail_timeout=%s", first.maxFails, duration(first.failTimeout))
		}
	}
	fails, window := min(first.maxFails, 65535), min(max(first.failTimeout, time.Second), 24*time.Hour)
	if fails != first.maxFails || window != first.failTimeout && fails > 0 {
		m.remark(first.at, "in the simulation max_fails=%d fail_timeout=%s", fails, duration(window))
	}
	passive := fmt.Sprintf("max_fails: %d, fail_timeout: %s", fails, duration(window))
	statuses := ""
	if s.timing.statuses {
		statuses = ", statuses: true"
	}
	switch {
	case s.timing.check != nil:
		check, err := m.healthCheck(s, s.timing.check)
		if err != nil {
			return err
		}
		if fails > 0 {
			check += ", passive: {" + passive + statuses + "}"
		}
		set("health", "{%s}", check)
	case fails == 0:
		set("health", "none")
	case statuses != "":
		set("health", "{kind: none, passive: {%s%s}}", passive, statuses)
	case fails != 1 || window != 10*time.Second:
		set("health", "{kind: passive, %s}", passive)
	}
	return nil
}

// instances is how many processes have counts of their own.
func (m *importer) instances(s *service, set func(string, string, ...any)) {
	switch {
	case s.zone || m.workers == 1:
	case m.workers == 0:
		m.remark(m.process, "each process, one for a core, has counts of its own of upstream %s, which has no zone: here there is one; instances says how many", s.name)
	default:
		if m.workers > 255 {
			m.remark(m.process, "255 in the simulation")
		}
		set("instances", "%s", strconv.Itoa(min(m.workers, 255)))
	}
}

// scheduler is the load balancing method.
func (m *importer) scheduler(s *service, out *convert.BalancerService) string {
	d := s.method
	if d == nil {
		return "round-robin"
	}
	switch d.name {
	case "least_conn":
		return "least-connections"
	case "least_time":
		if slices.ContainsFunc(d.args, func(a string) bool { return a != "header" && a != "last_byte" }) {
			m.remark(d, "the time to the whole answer counts, of requests that have one")
		}
		return "least-response-time"
	case "ip_hash":
		return "ip-hash"
	case "random":
		if len(d.args) == 0 {
			return "random"
		}
		if len(d.args) > 1 && d.args[1] != "least_conn" {
			m.remark(d, "the one with fewer connections is picked")
		}
		return "two-choices"
	}
	return m.hashOf(d, out)
}

// hashOf is the scheduler for a hash of variables.
func (m *importer) hashOf(d *directive, out *convert.BalancerService) string {
	table := ""
	if len(d.args) > 1 {
		table = ", table: ring"
	}
	key := strings.NewReplacer("{", "", "}", "").Replace(d.args[0])
	header, isHeader := strings.CutPrefix(key, "$http_")
	switch {
	case key == "$remote_addr":
		return "{kind: source-hash" + table + "}"
	case key == "$binary_remote_addr":
		m.remark(d, "the simulation hashes the address as text: other clients meet, but as many")
		return "{kind: source-hash" + table + "}"
	case strings.Contains(key, "$request_uri") || strings.Contains(key, "$uri"):
		if key != "$request_uri" {
			m.remark(d, "the URL is hashed")
		}
		out.Keys = append(out.Keys, "url")
		return "{kind: url-hash" + table + "}"
	case key == "$host":
		header = "host"
	case !isHeader || strings.Contains(header, "$"):
		header = convert.Printable(key)
		m.remark(d, "the traffic of the scenario has a key of this name, whose values are assumed")
	default:
		header = strings.ReplaceAll(header, "_", "-")
	}
	out.Keys = append(out.Keys, header)
	return fmt.Sprintf("{kind: header-hash, header: %s%s}", strconv.Quote(header), table)
}
