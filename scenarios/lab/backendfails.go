package lab

import (
	"net"
	"time"

	"lbsim/models/flow"
)

// crash closes the port and resets all connections.
func (b *backend) crash() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = flow.Refuses
	b.shut()
	b.drop()
	b.changed.Broadcast()
}

// silence lets nobody hear of the server any more. Who connects gets no answer, as
// the port's queue is full: the kernel then drops what asks for a place in it. The
// connections that there are stay open and carry nothing. What the server works on
// stands still; it will know nothing of it when it comes back.
func (b *backend) silence() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = flow.Silent
	b.worker.stop()
	if err := setBacklog(b.listener, 0); err != nil {
		return err
	}
	const most, patience = 8, 50 * time.Millisecond
	for range most { // one is in accept's hands, one in the queue
		c, err := net.DialTimeout("tcp4", b.at.String(), patience)
		if err != nil {
			break
		}
		b.stuffing = append(b.stuffing, c)
	}
	return nil
}

// hang lets the server take what comes, and answer nothing. Connections that ask
// for nothing do not mind.
func (b *backend) hang() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hung = true
	b.worker.stop()
}

// recover lets the server work again: one that hung goes on where it stood, any
// other is empty. It reports whether there was anything to mend.
func (b *backend) recover() (restarted, mended bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	hung := b.hung
	b.hung = false
	if b.state == flow.Accepts {
		b.worker.resume()
		return false, hung, nil
	}
	b.shut()
	b.drop()
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(b.at))
	if err != nil {
		return false, false, err
	}
	b.state = flow.Accepts
	b.worker.resume()
	b.open(l)
	b.changed.Broadcast()
	return true, true, nil
}

// alive reports whether the server's port answers.
func (b *backend) alive() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == flow.Accepts
}
