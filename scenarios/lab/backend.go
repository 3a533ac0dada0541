package lab

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"lbsim/models/flow"
	"lbsim/models/server"
)

// backend is a server of the scenario: a port that is really open or closed, and
// what is behind it.
type backend struct {
	name   string
	number int
	at     netip.AddrPort
	worker *worker
	// check is what a health check costs it: processor time of a core.
	check time.Duration
	// session is whether it gives clients a cookie of its own.
	session bool
	// took is told when it has an arrival.
	took func(arrival, server int)

	mu       sync.Mutex
	changed  sync.Cond // of state
	state    flow.Answer
	hung     bool
	listener *net.TCPListener // nil: the port is closed
	conns    map[*net.TCPConn]struct{}
	stuffing []net.Conn // that fill the queue of a silent server's port
	// fallen is closed when all that the server has is lost.
	fallen chan struct{}
}

// newBackend opens a server's port. Its address is the server's name if that is
// one, else any that is free.
func newBackend(c *server.Config, number int, clk *clock) (*backend, error) {
	b := &backend{name: c.Name, number: number, conns: map[*net.TCPConn]struct{}{}, fallen: make(chan struct{})}
	b.changed.L = &b.mu
	var l *net.TCPListener
	var err error
	if at, own := ownAddress(c.Name); own {
		l, err = net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(at))
	} else {
		l, err = listen()
	}
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", c.Name, err)
	}
	b.at = l.Addr().(*net.TCPAddr).AddrPort()
	if b.worker, err = newWorker(c, clk); err != nil {
		l.Close()
		return nil, fmt.Errorf("server %s: %w", c.Name, err)
	}
	b.open(l)
	return b, nil
}

// open lets connections in.
func (b *backend) open(l *net.TCPListener) {
	b.listener = l
	go b.accept(l)
}

// accept takes connections until the port is closed. While the server is silent it
// takes none, so that the port's queue stays full.
func (b *backend) accept(l *net.TCPListener) {
	for {
		c, err := l.AcceptTCP()
		if err != nil {
			return
		}
		b.mu.Lock()
		if b.listener != l {
			b.mu.Unlock()
			abort(c)
			return
		}
		b.conns[c] = struct{}{}
		fallen := b.fallen
		if b.state == flow.Silent { // it came while the queue was being filled
			for b.state == flow.Silent && b.listener == l {
				b.changed.Wait()
			}
			b.mu.Unlock()
			continue
		}
		b.mu.Unlock()
		go b.serve(c, fallen)
	}
}

// part ends a connection. A silent server ends none: its clients would hear of it.
func (b *backend) part(c *net.TCPConn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != flow.Silent {
		c.Close()
		delete(b.conns, c)
	}
}

// abort ends a connection with a reset.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	c.Close()
}

// drop resets all connections, and with them goes what the server worked on.
func (b *backend) drop() {
	for c := range b.conns {
		abort(c)
	}
	for _, c := range b.stuffing {
		abort(c)
	}
	clear(b.conns)
	b.stuffing = nil
	close(b.fallen)
	b.fallen = make(chan struct{})
	b.worker.forget()
}

// shut closes the port.
func (b *backend) shut() {
	if b.listener != nil {
		b.listener.Close()
		b.listener = nil
	}
}

// close ends all that the server has.
func (b *backend) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = flow.Refuses
	b.shut()
	b.drop()
	b.changed.Broadcast()
	b.worker.close()
}
