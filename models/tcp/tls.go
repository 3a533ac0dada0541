package tcp

import "lbsim/models/flow"

// TLS is how the ends of a connection agree on keys when it is opened. What that
// costs their processors is not said here.
type TLS string

// The handshakes.
const (
	NoTLS        TLS = "none"
	TLS12        TLS = "1.2"
	TLS12Resumed TLS = "1.2-resumed"
	TLS13        TLS = "1.3"
	TLS13Resumed TLS = "1.3-resumed"
	ZeroRTT      TLS = "0-rtt"
)

// TLSKinds lists the handshakes with their documentation.
var TLSKinds = flow.Table[TLS]{
	{Name: string(NoTLS), Doc: "none", New: func() TLS { return NoTLS }},
	{Name: string(TLS12), Doc: "TLS 1.2, full: two round trips", New: func() TLS { return TLS12 }},
	{Name: string(TLS12Resumed), Doc: "TLS 1.2, resumed: one round trip, no certificates", New: func() TLS { return TLS12Resumed }},
	{Name: string(TLS13), Doc: "TLS 1.3, full: one round trip", New: func() TLS { return TLS13 }},
	{Name: string(TLS13Resumed), Doc: "TLS 1.3, resumed: one round trip, no certificates", New: func() TLS { return TLS13Resumed }},
	{Name: string(ZeroRTT), Doc: "TLS 1.3, resumed with early data: the request goes with the first message", New: func() TLS { return ZeroRTT }},
}

// Full returns the handshake of a client without a session to resume.
func (t TLS) Full() TLS {
	switch t {
	case TLS12Resumed:
		return TLS12
	case TLS13Resumed, ZeroRTT:
		return TLS13
	}
	return t
}

// Resumed returns the handshake of a client with one.
func (t TLS) Resumed() TLS {
	switch t {
	case TLS12:
		return TLS12Resumed
	case TLS13:
		return TLS13Resumed
	}
	return t
}

// A handshake is what the ends send each other, by turns, beginning with the
// client, before the first request; and what they send at the same instant as the
// first request, or answer, which then is one write with it.
//
// The flights themselves are not held back by Nagle: a library for TLS writes each
// at once, and the next one of the other side acknowledges it.
type handshake struct {
	flights      [4]int
	count        int // of flights
	withRequest  int
	withResponse int
}

// Sizes of messages in bytes: usual ones, general knowledge. All but the
// certificates fit into a segment.
const (
	clientHello   = 300
	serverHello   = 150 // of TLS 1.2, with its Finished
	encrypted     = 250 // of TLS 1.3: hello to Finished, without certificates
	keyExchange   = 130
	clientFinish  = 60
	clientFinish3 = 80
	serverFinish  = 60
)

// messages returns the messages of a handshake (RFC 5246, section 7.3; RFC 8446,
// section 2). TLS 1.3 lets the client's last message and the request leave at the
// same instant, as does a resumed session of TLS 1.2.
func (t TLS) messages(certificate int) handshake {
	switch t {
	case TLS12:
		return handshake{flights: [4]int{clientHello, certificate, keyExchange, serverFinish}, count: 4}
	case TLS12Resumed:
		return handshake{flights: [4]int{clientHello, serverHello}, count: 2, withRequest: clientFinish}
	case TLS13:
		return handshake{flights: [4]int{clientHello, certificate}, count: 2, withRequest: clientFinish3}
	case TLS13Resumed:
		return handshake{flights: [4]int{clientHello, encrypted}, count: 2, withRequest: clientFinish3}
	case ZeroRTT:
		return handshake{withRequest: clientHello, withResponse: encrypted}
	}
	return handshake{}
}
