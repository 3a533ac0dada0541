package haproxycfg

import (
	"time"

	"lbsim/models/lb"
)

// A proxy is a section defaults, frontend, backend or listen.
type proxy struct {
	kind, name string
	begun      *line // where
	settings
	binds   []bind
	servers []*server
	named   map[string]*server
	routes  []route  // to backends
	used    []*proxy // frontends that lead to it

	stickTable *line
	sticks     []*line
}

// settings are what a section has from its defaults.
type settings struct {
	mode          lb.Mode
	balance       *line // nil: the default
	hashType      *line
	factor        int // hash-balance-factor, percent
	defaultServer server
	backendLine   *line // default_backend

	cookie    *line
	persist   bool // option persist
	rdpCookie bool // persist rdp-cookie

	check        string // option that is the check: "", httpchk, tcp-check, others
	checkLine    *line
	talks        bool // tcp-check rules that send or expect
	timeoutCheck time.Duration

	connect     time.Duration // 0: none
	connectLine *line
	retries     int
	redispatch  bool
	interval    int // of redispatch
	allBackups  bool
	transparent bool
}

// newProxy returns a section with these defaults, or HAProxy's own.
func newProxy(base *proxy) *proxy {
	p := &proxy{named: map[string]*server{}}
	if base != nil {
		p.settings = base.settings
		return p
	}
	p.mode, p.retries = lb.TCP, 3
	p.defaultServer = newServer()
	return p
}

// takes reports whether the section takes clients' connections, and serves whether
// it has servers.
func (p *proxy) takes() bool  { return p.kind == "frontend" || p.kind == "listen" }
func (p *proxy) serves() bool { return p.kind == "backend" || p.kind == "listen" }

// A bind is where a section listens.
type bind struct {
	line *line
	port int // 0: none is said
}

// A route is from a frontend to a backend.
type route struct {
	line *line
	name string // of the backend
}
