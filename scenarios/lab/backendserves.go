package lab

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
)

// What clients and servers of the lab tell each other. A connection that is held
// begins with a line that says which arrival it is, and the server answers with its
// name. A request tells it in its header, with its demand; a request without is a
// health check.
const (
	greeting      = "lab "
	arrivalHeader = "X-Arrival"
	demandHeader  = "X-Demand" // in nanoseconds
	serverHeader  = "X-Server"
	// sessionCookie is what servers set for those modes of persistence that learn it
	// from them, as application servers do; haproxycfg writes of it.
	sessionCookie = "JSESSIONID"
)

// serve serves a connection until it ends.
func (b *backend) serve(c *net.TCPConn, fallen <-chan struct{}) {
	defer b.part(c)
	r := bufio.NewReaderSize(c, 1024)
	start, err := r.Peek(len(greeting))
	switch {
	case err != nil: // a check, which connects and no more
	case string(start) == greeting:
		b.hold(c, r, fallen)
	default:
		for b.answer(c, r, fallen) {
		}
	}
}

// hold keeps a connection until its client closes it.
func (b *backend) hold(c *net.TCPConn, r *bufio.Reader, fallen <-chan struct{}) {
	line, err := r.ReadString('\n')
	if err != nil || b.silent(fallen) {
		return
	}
	if arrival, err := strconv.Atoi(strings.TrimSpace(line[len(greeting):])); err == nil {
		b.took(arrival, b.number)
	}
	if _, err := fmt.Fprintln(c, b.name); err == nil {
		io.Copy(io.Discard, r)
	}
}

// answer answers a request when the worker is done with it, and reports whether
// another may come.
func (b *backend) answer(c *net.TCPConn, r *bufio.Reader, fallen <-chan struct{}) bool {
	q, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	io.Copy(io.Discard, q.Body)
	if b.silent(fallen) {
		return false
	}
	demand, more := b.check, ""
	if arrival, err := strconv.Atoi(q.Header.Get(arrivalHeader)); err == nil {
		if _, err := q.Cookie(sessionCookie); err != nil && b.session {
			more = fmt.Sprintf("Set-Cookie: %s=%s-%d\r\n", sessionCookie, b.name, arrival)
		}
		ns, _ := strconv.ParseInt(q.Header.Get(demandHeader), 10, 64)
		demand = time.Duration(ns)
		b.took(arrival, b.number)
	}
	status := "200 OK"
	if done := b.worker.submit(demand); done == nil {
		status = "503 Service Unavailable"
	} else {
		select {
		case <-done:
		case <-fallen:
			return false
		}
	}
	if q.Close {
		more += "Connection: close\r\n"
	}
	_, err = fmt.Fprintf(c, "HTTP/1.1 %s\r\n%s: %s\r\nContent-Length: 0\r\n%s\r\n", status, serverHeader, b.name, more)
	return err == nil && !q.Close
}

// silent reports whether nobody can reach the server, after it has come back.
func (b *backend) silent(fallen <-chan struct{}) bool {
	b.mu.Lock()
	silent := b.state == flow.Silent
	b.mu.Unlock()
	if silent {
		<-fallen
	}
	return silent
}
