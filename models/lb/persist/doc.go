// Package persist holds the persistence modes, a file each: what identifies a
// client, and how long its server is remembered.
//
// The record of a client is looked up before the scheduler is asked. In mode tcp
// that happens for each connection, in mode http for each request, or with per:
// connection for the first request of a connection (see perConnection). What
// happens when the record's server cannot or should not take the client is in
// lb.Ties.
package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Table lists the modes.
var Table = flow.Table[lb.PersistencePolicy]{
	{Name: "none", Doc: "every connection is scheduled", New: func() lb.PersistencePolicy { return None{} }},
	{Name: "source-ip", Doc: "a table of source addresses", New: func() lb.PersistencePolicy { return newSourceIP() }},
	{Name: "cookie-insert", Doc: "a cookie that the balancer inserts: every client on its own", New: func() lb.PersistencePolicy { return &CookieInsert{Timeout: time.Hour, Options: newOptions()} }},
	{Name: "cookie-server", Doc: "a cookie that servers set and the balancer learns", New: func() lb.PersistencePolicy { return newCookieServer() }},
	{Name: "cookie-or-source-ip", Doc: "an inserted cookie; the source address of requests without it", New: func() lb.PersistencePolicy {
		p := &CookieOrSourceIP{Timeout: time.Hour, Options: newOptions()}
		p.Fallback = bySrcIP
		return p
	}},
	{Name: "cookie-hash", Doc: "a hash of all cookies that a client sends", New: func() lb.PersistencePolicy {
		return &CookieHash{Timeout: time.Hour, Options: newOptions(), Room: newRoom()}
	}},
	{Name: "super-http", Doc: "a fingerprint: User-Agent and, if sent, Authorization", New: func() lb.PersistencePolicy { return newSuperHTTP() }},
	{Name: "ssl-session-id", Doc: "the TLS session: new with each renegotiation", New: func() lb.PersistencePolicy {
		return &SSLSessionID{Timeout: time.Hour, Options: newOptions(), Room: newRoom()}
	}},
	{Name: "url-hash", Doc: "a table of URLs, which all clients share", New: func() lb.PersistencePolicy { return &URLHash{newByValue()} }},
	{Name: "host-header", Doc: "a table of host names, which all clients share", New: func() lb.PersistencePolicy { return &HostHeader{newByValue()} }},
	{Name: "query-item", Doc: "a table of the values of an item in the query", New: func() lb.PersistencePolicy { return &QueryItem{Name: "sid", ByValue: newByValue()} }},
	{Name: "header", Doc: "a table of the values of a header", New: func() lb.PersistencePolicy { return &Header{Name: "x-user", ByValue: newByValue()} }},
	{Name: "rdp", Doc: "the login name of a Remote Desktop client", New: func() lb.PersistencePolicy { return newRDP() }},
	{Name: "rdp-token", Doc: "a session broker's token that names the server; else the login name", New: func() lb.PersistencePolicy { return newRDPToken() }},
	{Name: "dest-ip", Doc: "a table of destination addresses, which all clients share", New: func() lb.PersistencePolicy { return &DestIP{newByValue()} }},
	{Name: "sip", Doc: "the Call-ID of a SIP call", New: func() lb.PersistencePolicy {
		return &SIP{Timeout: time.Hour, Options: newOptions(), Room: newRoom()}
	}},
}
