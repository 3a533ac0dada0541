package nginxconf

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"lbsim/models/lb"
)

// taken are names or ports that are in use.
type taken map[string]bool

// upstreamName is a service's name as an upstream may have it: without what nginx
// would read as syntax, as a variable, as part of a URL or as an address, and with
// a number where two are the same but for case.
func (t taken) upstreamName(service string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, service)
	name := plain
	for n := 2; t[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", plain, n)
	}
	t[strings.ToLower(name)] = true
	return name
}

// port is the port at which a service listens: its own, or another if it has none
// or another service has it.
func (t taken) port(s *lb.Service) int {
	port := s.Port
	if port == 0 {
		port = 80
	}
	for n := 8080; t[strconv.Itoa(port)]; n++ {
		port = n
	}
	t[strconv.Itoa(port)] = true
	return port
}

// isAddress reports whether a server's name is an address with a port.
func isAddress(name string) bool {
	host, port, err := net.SplitHostPort(name)
	if err != nil || net.ParseIP(host) == nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n > 0 && n < 65536
}

// address is where a server of a service is found. Number is the server's in the
// scenario, from 0.
func (o *Options) address(name string, number, port int) string {
	if a, ok := o.Addresses[name]; ok {
		return a
	}
	if isAddress(name) {
		return name
	}
	if net.ParseIP(name) != nil {
		return net.JoinHostPort(name, strconv.Itoa(port))
	}
	host := net.IPv4(192, 0, 2, byte(number+1))
	if number >= 254 { // more than there are: RFC 2544, for benchmarks
		host = net.IPv4(198, 18+byte(number>>16&1), byte(number>>8), byte(number))
	}
	return net.JoinHostPort(host.String(), strconv.Itoa(port))
}
