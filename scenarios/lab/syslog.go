package lab

import (
	"net"
	"net/netip"
	"regexp"
	"strings"

	"lbsim/models/flow"
)

// syslog hears what the balancer says of its servers.
type syslog struct {
	conn *net.UDPConn
	over chan struct{} // closed when nothing more is heard
}

// hear opens a port for messages and calls f with each.
func hear(f func(text string)) (*syslog, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(localhost, 0)))
	if err != nil {
		return nil, err
	}
	s := &syslog{conn, make(chan struct{})}
	go func() {
		defer close(s.over)
		buffer := make([]byte, 65536)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			f(string(buffer[:n]))
		}
	}()
	return s, nil
}

func (s *syslog) address() string { return s.conn.LocalAddr().String() }

func (s *syslog) close() {
	s.conn.Close()
	<-s.over
}

// haproxyState is how HAProxy tells that checks have changed a server's state
// (srv_append_status in src/server.c), as in
//
//	Server rpc/ex1 is DOWN, reason: Layer4 connection problem, info: ...
//
// What operators do is told in other words: going DOWN, DOWN for maintenance,
// UP/READY.
var haproxyState = regexp.MustCompile(`(?:Backup )?[Ss]erver (\S+)/(\S+) is (DOWN|UP)(?:, reason|\.| via )`)

// nginxState is how nginx tells that failures leave a server out for a while
// (ngx_http_upstream_free_round_robin_peer, and the same of stream). That it is used
// again is not told.
var nginxState = regexp.MustCompile(`upstream server temporarily disabled.*, upstream: "(?:https?://)?([^"/]*)`)

// told enters what a message says of a server's state, if it does, during a run.
func (r *rig) told(text string) {
	if r.began.Load() < 0 {
		return
	}
	if m := haproxyState.FindStringSubmatch(text); m != nil {
		x, known := r.known[m[1]+"/"+m[2]]
		if !known {
			return
		}
		kind, words := flow.MarkedUp, "is marked up"
		if m[3] == "DOWN" {
			kind, words = flow.MarkedDown, "is marked down"
		}
		r.mark(kind, x.service, x.server, words)
		return
	}
	m := nginxState.FindStringSubmatch(text)
	if m == nil {
		return
	}
	at, err := netip.ParseAddrPort(m[1])
	if err != nil {
		return
	}
	for i := range r.services {
		// Of stream the message has where the service listens, of http what was asked for.
		if r.shared && !strings.Contains(text, r.services[i].host) {
			continue
		}
		for _, s := range r.journal.members[i] {
			if r.backends[s].at == at {
				r.mark(flow.MarkedDown, i, s, "is left out")
			}
		}
	}
}
