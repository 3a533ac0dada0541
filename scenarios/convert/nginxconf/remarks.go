package nginxconf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/scenarios/convert"
)

// remark says what becomes of a directive.
func (m *importer) remark(d *directive, why string, args ...any) {
	r := d.remark(why, args...)
	if d.text.file != m.file {
		r.File = d.text.file
	}
	if !m.remarked[r] {
		m.remarked[r] = true
		m.balancer.Remarks = append(m.balancer.Remarks, r)
	}
}

// leftOut is a directive that does not decide who serves what.
type leftOut struct {
	name  string
	times int
}

// understood are directives that are looked up where a service is made.
var understood = map[string]bool{"map": true, "health_check": true, "proxy_bind": true, "zone": true, "load_module": true, "events": true, "daemon": true, "pid": true}

// differs says what becomes of directives that change what a simulation would show.
var differs = map[string]string{
	"auth_request":     "the requests that ask for leave are not sent",
	"keepalive":        "connections to servers are not kept: each request has its own; the server is the same",
	"limit_conn":       "nobody is turned away for this",
	"limit_req":        "nobody is turned away for this",
	"limit_rate":       "answers are as fast as the network",
	"mirror":           "copies of requests are not sent",
	"proxy_cache":      "there is no cache: servers have every request",
	"fastcgi_cache":    "there is no cache: servers have every request",
	"uwsgi_cache":      "there is no cache: servers have every request",
	"scgi_cache":       "there is no cache: servers have every request",
	"proxy_store":      "there is no cache: servers have every request",
	"real_ip_header":   "the address that the balancer sees is that of the scenario's clients",
	"split_clients":    "which part of the clients has which value is not known to the scenario",
	"proxy_protocol":   "servers see the balancer's address",
	"proxy_half_close": "a connection ends for both sides at once",
}

// notRead is what becomes of an include without --include.
const notRead = "the file was not read: with --include it is"

// waits are time-outs that the simulation does not have.
var waits = []string{"proxy_timeout", "_read_timeout", "_send_timeout", "_next_upstream_timeout"}

// note remarks on a directive that is not read otherwise.
func (m *importer) note(d *directive) {
	why, exact := differs[d.name]
	switch wait := slices.IndexFunc(waits, func(end string) bool { return strings.HasSuffix(d.name, end) }); {
	case understood[d.name] || prefixed(d.name, "_connect_timeout", "_next_upstream", "_next_upstream_tries"):
	case d.name == "include" && d.args[0] == modulesEnabled:
	case d.name == "include":
		m.remark(d, notRead)
	case exact && len(d.args) > 0 && strings.EqualFold(d.args[0], "off"):
	case exact:
		m.remark(d, "%s", why)
	case wait >= 0:
		if t, ok := parseTime(d.args[0], true); ok && t > 0 && t < 24*time.Hour {
			m.remark(d, "%s", waitText(d.name))
		}
	case len(known()[d.name]) == 0:
		m.remark(d, "this is no directive of nginx 1.22.1 and its modules: it is left out")
	default:
		m.leave(d.name)
	}
}

// prefixed reports whether a name is that of a protocol with one of these endings.
func prefixed(name string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(end string) bool {
		protocol, ok := strings.CutSuffix(name, end)
		return ok && slices.Contains(passes, protocol+"_pass")
	})
}

// waitText says what becomes of a time-out.
func waitText(name string) string {
	switch {
	case strings.HasSuffix(name, "next_upstream_timeout"):
		return "other servers are tried however long it takes"
	case strings.HasPrefix(name, "proxy_timeout"):
		return "connections may be silent for as long as they like"
	}
	return "the balancer waits for as long as the client does"
}

// leave counts a directive that does not matter.
func (m *importer) leave(name string) {
	for i := range m.rest {
		if m.rest[i].name == name {
			m.rest[i].times++
			return
		}
	}
	m.rest = append(m.rest, leftOut{name, 1})
}

// summarize sorts the remarks by file and line, those without a line behind, and names
// what was left out as it does not matter.
func (m *importer) summarize() {
	slices.SortStableFunc(m.balancer.Remarks, func(a, b convert.Remark) int {
		return cmp.Or(cmp.Compare(min(1, b.Line), min(1, a.Line)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	if len(m.rest) == 0 {
		return
	}
	var list []string
	for _, one := range m.rest {
		if one.times > 1 {
			one.name += fmt.Sprintf(" (%d times)", one.times)
		}
		list = append(list, one.name)
	}
	m.balancer.Remarks = append(m.balancer.Remarks, convert.Remark{
		Why: "left out, as they do not decide which server is chosen: " + strings.Join(list, ", "),
	})
}
