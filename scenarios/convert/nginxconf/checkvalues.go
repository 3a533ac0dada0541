package nginxconf

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"lbsim/models/flow"
)

// single are directives that may stand only once in a block, as far as they matter
// here.
func single(name string) bool {
	return slices.Contains([]string{"http", "stream", "events", "worker_processes", "proxy_bind", "zone", "queue"}, name) ||
		slices.Contains(passes, name) || prefixed(name, "_connect_timeout", "_next_upstream", "_next_upstream_tries")
}

// checkOnce finds a directive that may not stand a second time in its block.
func checkOnce(list []*directive) error {
	first := map[string]*directive{}
	for _, d := range list {
		if before := first[d.name]; before != nil && single(d.name) {
			return d.fail("", "%s stands on line %d already", shownName(d.name), before.begin.line)
		}
		first[d.name] = d
	}
	return nil
}

// checkMethod finds fault with the arguments of a load balancing method.
func (d *directive) checkMethod() error {
	var may [][]string // what each argument may be
	switch d.name {
	case "hash":
		may = [][]string{nil, {"consistent"}}
	case "random":
		may = [][]string{{"two"}, {"least_conn", "least_time", "least_time=header", "least_time=last_byte", "least_time=connect", "least_time=first_byte"}}
	default:
		return nil
	}
	for i, arg := range d.args {
		if may[i] == nil || slices.Contains(may[i], arg) {
			continue
		}
		hint := ""
		if near := flow.Nearest(arg, may[i]); near != "" {
			hint = "did you mean " + near + "?"
		}
		return d.fail(hint, "%s does not know %s", d.name, shownName(arg))
	}
	return nil
}

// checkAddress finds fault with the address of a server. Where connections are
// forwarded it has a port.
func (d *directive) checkAddress(address string, stream bool) error {
	if strings.HasPrefix(address, "unix:") {
		return nil
	}
	host, port := splitAddress(address)
	n, err := strconv.Atoi(port)
	_, isAddress := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case host == "":
		return d.fail("", "the server %s has no host", shownName(address))
	case port == "" && strings.HasSuffix(address, ":"), port != "" && (err != nil || n < 1 || n > 65535):
		return d.fail("", "%s is not a port (1 to 65535)", shownName(port))
	case port == "" && stream:
		return d.fail("write "+address+":443 or the like", "the server %s has no port", shownName(address))
	case isAddress != nil && strings.ContainsAny(host, "=;{}[]:"):
		return d.fail("", "%s is not a host", shownName(host))
	}
	return nil
}

// listenWords are the parameters of listen, with = where a value follows: those of
// http alone, and of both.
var (
	listenHTTP = []string{"default_server", "default", "http2", "spdy", "quic", "accept_filter=", "deferred", "setfib="}
	listenBoth = []string{"ssl", "udp", "proxy_protocol", "fastopen=", "backlog=", "rcvbuf=", "sndbuf=", "bind", "ipv6only=", "reuseport", "so_keepalive="}
)

// checkListen finds fault with the parameters of listen.
func (d *directive) checkListen(stream bool) error {
	words := listenBoth
	if !stream {
		words = slices.Concat(listenBoth, listenHTTP)
	}
	for _, arg := range d.args[1:] {
		key, _, _ := strings.Cut(arg, "=")
		if slices.Contains(words, arg) || strings.Contains(arg, "=") && slices.Contains(words, key+"=") {
			continue
		}
		hint := ""
		if near := flow.Nearest(key, words); near != "" {
			hint = "did you mean " + near + "?"
		}
		return d.fail(hint, "%s is no parameter of listen", shownName(arg))
	}
	return nil
}
