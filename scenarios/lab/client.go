package lab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"lbsim/models/flow"
)

// dialPatience is how long a client tries to connect whose patience has no end of
// its own: on loopback that takes microseconds, unless the balancer accepts nothing.
const dialPatience = 3 * time.Second

// dial connects a client to a service. It returns when the connection is there, so
// that they reach the balancer in the order in which they are opened.
func dial(from netip.Addr, to string, patience time.Duration) (*net.TCPConn, error) {
	d := net.Dialer{Timeout: dialPatience, Control: bindLate, KeepAlive: -1}
	if patience > 0 {
		d.Timeout = min(d.Timeout, patience)
	}
	if from.IsValid() {
		d.LocalAddr = &net.TCPAddr{IP: from.AsSlice()}
	}
	c, err := d.Dial("tcp4", to)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// ask sends what the client has to say at first: a line, or its request.
func (r *rig) ask(c net.Conn, number int) error {
	a := &r.arrivals[number]
	if !a.Request {
		_, err := fmt.Fprintf(c, "%s%d\n", greeting, number)
		return err
	}
	var text strings.Builder
	url := a.URL
	if url == "" {
		url = "/"
	}
	fmt.Fprintf(&text, "GET %s HTTP/1.1\r\nHost: %s\r\n%s: %d\r\n%s: %d\r\n", url, r.services[a.Service].host, arrivalHeader, number, demandHeader, a.Demand)
	for _, h := range a.Headers {
		fmt.Fprintf(&text, "%s: %s\r\n", h.Name, h.Value)
	}
	if cookies := r.jar.cookies(a); cookies != "" {
		fmt.Fprintf(&text, "Cookie: %s\r\n", cookies)
	}
	text.WriteString("\r\n")
	_, err := io.WriteString(c, text.String())
	return err
}

// attend waits for what becomes of a connection, and returns how it ends for the
// client.
func (r *rig) attend(c *net.TCPConn, number int) flow.Outcome {
	a, began := &r.arrivals[number], r.visits[number].Began
	if patience := r.services[a.Service].patience; patience > 0 {
		c.SetReadDeadline(r.instant(began + patience))
	}
	in := bufio.NewReaderSize(c, 512)
	if a.Request {
		return r.await(in, number)
	}
	if _, err := in.ReadString('\n'); err != nil {
		return r.failed(err, number)
	}
	c.SetReadDeadline(r.instant(r.taken(number) + a.Hold))
	_, err := in.ReadByte()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return flow.Completed
	}
	if err == nil {
		r.fail(fmt.Errorf("arrival %d: a server said more than its name", number))
	}
	return flow.Reset
}

// await reads the answer to a request.
func (r *rig) await(in *bufio.Reader, number int) flow.Outcome {
	a := &r.arrivals[number]
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		return r.failed(err, number)
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	r.jar.keep(a, answer.Cookies())
	switch fromServer := answer.Header.Get(serverHeader) != ""; {
	case answer.StatusCode == http.StatusOK:
		return flow.Completed
	case answer.StatusCode == http.StatusServiceUnavailable && fromServer:
		return flow.Rejected
	case answer.StatusCode == http.StatusServiceUnavailable, answer.StatusCode == http.StatusBadGateway:
		return r.refused(number)
	case answer.StatusCode == http.StatusGatewayTimeout:
		return flow.Reset
	}
	r.fail(fmt.Errorf("arrival %d: the balancer answers %s", number, answer.Status))
	return flow.Reset
}

// failed is how a connection ends over which nothing came.
func (r *rig) failed(err error, number int) flow.Outcome {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return flow.TimedOut
	}
	return r.refused(number)
}

// refused is what the balancer means by closing a connection, or by saying itself
// that there is no answer: Rejected if it believes that no server can be used, else
// Reset, as the one that had it, or that was tried last, did not take it.
func (r *rig) refused(number int) flow.Outcome {
	if r.journal.usable(r.arrivals[number].Service) {
		return flow.Reset
	}
	return flow.Rejected
}

// lacks reports whether connecting has failed for want of something that the lab
// has to have: files, or ports of an address.
func lacks(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.EADDRNOTAVAIL) ||
		errors.Is(err, syscall.EADDRINUSE)
}
