package haproxycfg

import (
	"fmt"
	"strconv"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// cookieName is that of cookies that the balancer sets, sessionCookie of those of the
// servers; a scenario does not say.
const cookieName, sessionCookie = "SERVERID", "JSESSIONID"

// persistence writes the lines of a service's persistence into its section.
func (x *exporter) persistence(s *lb.Service, section string) {
	if !canBeNamed(s.Persistence) {
		return
	}
	t, isTable := tableOf(s.Persistence)
	if isTable {
		if in := x.shared[t.options.Share]; in == "" || in == section {
			x.stickTable(t)
		}
	}
	switch p := s.Persistence.(type) {
	case *persist.SourceIP:
		x.stick("on", source(p), t)
	case *persist.CookieInsert:
		x.cookie(p.Timeout, &p.Options)
	case *persist.CookieOrSourceIP:
		x.cookie(p.Timeout, &p.Options)
		x.stick("on", "src", t)
	case *persist.CookieServer:
		x.stick("match", "req.cook("+sessionCookie+")", t)
		x.stick("store-response", "res.cook("+sessionCookie+")", t)
	case *persist.CookieHash:
		x.stick("on", "req.fhdr(cookie)", t)
	case *persist.SuperHTTP:
		x.stick("on", "req.fhdr(user-agent)", t)
	case *persist.SSLSessionID:
		// As HAProxy's manual has it: clients of TLS up to version 1.2 name the
		// session in their first message, and servers in theirs.
		x.line("tcp-request inspect-delay", "5s")
		x.line("acl", "clienthello", "req.ssl_hello_type", "1")
		x.line("acl", "serverhello", "res.ssl_hello_type", "2")
		x.line("tcp-request content accept", "if", "clienthello")
		x.line("tcp-response content accept", "if", "serverhello")
		x.stick("on", "req.payload_lv(43,1)", t, "if", "clienthello")
		x.stick("store-response", "res.payload_lv(43,1)", t, "if", "serverhello")
	case *persist.URLHash:
		x.stick("on", "url", t)
	case *persist.HostHeader:
		x.stick("on", "req.hdr(host)", t)
	case *persist.QueryItem:
		x.stick("on", "url_param("+p.Name+")", t)
	case *persist.Header:
		x.stick("on", "req.hdr("+p.Name+")", t)
	case *persist.RDP:
		x.awaitRDP()
		x.stick("on", "req.rdp_cookie(mstshash)", t)
	case *persist.RDPToken:
		x.awaitRDP()
		x.line("persist", "rdp-cookie")
	case *persist.DestIP:
		x.stick("on", "dst", t)
	}
	if isTable && t.options.Fallback == "source-ip" && t.kind != addresses {
		x.stick("on", "src", t)
	}
	if tied, ok := s.Persistence.(lb.Tying); ok && tied.Tied().Down == "keep" {
		x.line("option persist")
	}
}

// awaitRDP writes that a connection is not assigned to a server before its client
// has sent something.
func (x *exporter) awaitRDP() {
	x.line("tcp-request inspect-delay", "5s")
	x.line("tcp-request content accept", "if", "RDP_COOKIE")
}

// source is the address of a connection, or the network that it is in.
func source(p *persist.SourceIP) string {
	v4, v6 := p.Prefix, p.Prefix6
	if v4 == 0 {
		v4 = 32
	}
	switch {
	case v6 != 0 && v6 != 128:
		return fmt.Sprintf("src,ipmask(%d,%d)", v4, v6)
	case v4 != 32:
		return fmt.Sprintf("src,ipmask(%d)", v4)
	}
	return "src"
}

// stick writes a line on the use of a table.
func (x *exporter) stick(use, sample string, t stickTable, condition ...string) {
	words := []string{sample}
	if name := x.shared[t.options.Share]; name != "" {
		words = append(words, "table", name)
	}
	x.line("stick "+use, append(words, condition...)...)
}

// cookie writes that the balancer sets a cookie.
func (x *exporter) cookie(timeout time.Duration, o *persist.Options) {
	words := []string{cookieName, "insert", "indirect", "nocache"}
	if timeout < forever {
		keyword := "maxidle"
		if o.Refresh == "never" {
			keyword = "maxlife"
		}
		words = append(words, keyword, strconv.FormatInt(int64((timeout+time.Second-1)/time.Second), 10)+"s")
	}
	x.line("cookie", words...)
}
