package haproxycfg

import (
	"net"
	"net/netip"
	"strconv"
)

// address is where a server of a service is found. Number is the server's in the
// scenario, from 0.
func (o *Options) address(name string, number, port int) string {
	if a, ok := o.Addresses[name]; ok {
		return a
	}
	if _, err := netip.ParseAddrPort(name); err == nil {
		return name
	}
	host := net.IPv4(192, 0, 2, byte(number+1))
	if number >= 254 { // more than there are: RFC 2544, for benchmarks
		host = net.IPv4(198, 18+byte(number>>16&1), byte(number>>8), byte(number))
	}
	return net.JoinHostPort(host.String(), strconv.Itoa(port))
}
