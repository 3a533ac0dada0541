package lab

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// localhost is where everything is that needs no address of its own.
var localhost = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// listen opens a port of the loopback address that nobody uses. It is none of those
// that the system gives to connections: a server that fails could find its port
// taken by a client when it comes back.
func listen() (*net.TCPListener, error) {
	const lowest, attempts = 10240, 200
	highest := firstEphemeral()
	if highest < lowest+1000 {
		highest = 32768
	}
	var err error
	for range attempts {
		at := netip.AddrPortFrom(localhost, uint16(lowest+rand.IntN(highest-lowest)))
		var l *net.TCPListener
		if l, err = net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(at)); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no port of %s is free: %w", localhost, err)
}

// freeAddress returns an address at which nobody listens, for another program.
func freeAddress() (netip.AddrPort, error) {
	l, err := listen()
	if err != nil {
		return netip.AddrPort{}, err
	}
	return l.Addr().(*net.TCPAddr).AddrPort(), l.Close()
}

// ownAddress returns the address that a server's name is, if it is one that the lab
// can give it. Hashes of nginx are of these names.
func ownAddress(name string) (netip.AddrPort, bool) {
	at, err := netip.ParseAddrPort(name)
	return at, err == nil && at.Addr().Is4() && at.Addr().IsLoopback() && at.Port() != 0
}
