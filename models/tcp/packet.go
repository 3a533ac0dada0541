package tcp

import (
	"fmt"
	"strings"
	"time"

	"lbsim/sim"
)

// Packet is one packet on its way.
type Packet struct {
	// At is when it leaves, and Arrives when it comes, Never if it is lost. They
	// count from the same instant as Trace.Start.
	At, Arrives sim.Time
	// Leg is 0 for the client's connection, 1 for the balancer's to the server;
	// Relayed is whether there are both.
	Leg     uint8
	Relayed bool
	From    Side
	Flags
	// Seq is the number of the first byte and Ack that of the next one expected,
	// as Wireshark shows them: the SYN of a side has number 0, its first byte 1. A
	// connection that is open when the trace begins is at 1 on both sides.
	Seq, Ack int64
	// Bytes is the payload.
	Bytes int
	// Again is whether it is sent again, as lost or late.
	Again bool
	// Wait is what it waited for, and Held for how long: data of which the first
	// byte was written so much earlier, or an acknowledgement of data that came so
	// much earlier.
	Wait Wait
	Held time.Duration
}

// Flags are those of a TCP header.
type Flags uint8

// The flags, with their values in the header (RFC 9293, section 3.1).
const (
	FIN Flags = 1 << 0
	SYN Flags = 1 << 1
	PSH Flags = 1 << 3
	ACK Flags = 1 << 4
)

// String lists the flags as traces do: "SYN, ACK".
func (f Flags) String() string {
	var names []string
	for _, n := range []struct {
		flag Flags
		name string
	}{{FIN, "FIN"}, {SYN, "SYN"}, {PSH, "PSH"}, {ACK, "ACK"}} {
		if f&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

// String is a line of a trace.
func (p *Packet) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s ", p.At, p.name())
	switch {
	case p.Bytes > 0:
		fmt.Fprintf(&b, "data %d", p.Bytes)
	case p.Flags == ACK:
		fmt.Fprintf(&b, "ack %d", p.Ack)
	default:
		b.WriteString(p.Flags.String())
	}
	if p.Again {
		b.WriteString(", again")
	}
	if p.Held > 0 {
		fmt.Fprintf(&b, ", held %v: %s", p.Held, p.Wait)
	}
	if p.Lost() {
		b.WriteString(", lost")
	}
	return b.String()
}

// name names the end that a packet is from.
func (p *Packet) name() string {
	if p.Leg > 0 && p.From == ClientSide || p.Leg == 0 && p.From == ServerSide && p.Relayed {
		return "balancer"
	}
	return p.From.String()
}

// Lost reports whether a packet does not arrive.
func (p *Packet) Lost() bool { return p.Arrives == sim.Never }

// Wait is what a packet waited for before it left.
type Wait uint8

// The reasons. A segment that waited for several has that of the last.
const (
	NoWait        Wait = iota
	ForNagle           // data, that what was outstanding is acknowledged
	ForWindow          // data, for room in the congestion window
	ForTimer           // an acknowledgement, for data to travel with
	ForRetransmit      // data that were lost, until that was noticed
)

// String returns the reason's name in traces.
func (w Wait) String() string {
	return [...]string{"", "nagle", "window", "delayed ack", "retransmission"}[w]
}
