package flow

import "lbsim/sim"

// Ladder is what passes between the ends of connections during an exchange, for a
// ladder diagram, in which time runs downwards. Times count from the exchange's
// beginning.
type Ladder struct {
	// Title says what it is the ladder of.
	Title string
	// Ends are the systems in their order: client and server, or client, balancer
	// and server. Connection k, a leg, is between Ends[k] and Ends[k+1].
	Ends    []string
	Packets []LadderPacket // in the order in which they leave
	Waits   []LadderWait
	// Done is when the client has the whole answer.
	Done sim.Time
	// Stalls is how many of Waits are stalls.
	Stalls int
	// More is how many packets follow that are left out.
	More int
}

// LadderPacket is a packet on its way, or several alike that leave, and arrive, at
// the same instants.
type LadderPacket struct {
	Leg int
	// Back is whether it is from Ends[Leg+1] to Ends[Leg].
	Back bool
	Kind PacketKind
	// Leaves and Arrives are its times, also of one that is lost: when it would.
	Leaves, Arrives sim.Time
	Bytes           int // of data, each
	Count           int // how many they are
	Again, Lost     bool
}

// PacketKind is what a packet is for.
type PacketKind uint8

// The kinds.
const (
	PacketData   PacketKind = iota
	PacketAck               // an acknowledgement alone
	PacketSyn               // it opens a connection
	PacketSynAck            // the answer to that
	PacketFin               // it ends one
)

// String returns the kind as the flags of a TCP header, or "data".
func (k PacketKind) String() string {
	return [...]string{"data", "ACK", "SYN", "SYN, ACK", "FIN"}[k]
}

// LadderWait is a time in which one end of a leg does not send what it could, or
// works on a request.
type LadderWait struct {
	Leg      int
	Back     bool // at Ends[Leg+1], else at Ends[Leg]
	Kind     WaitKind
	From, To sim.Time
	Bytes    int // of what is held back
}

// WaitKind is what an end waits for.
type WaitKind uint8

// The kinds.
const (
	WaitHeld  WaitKind = iota // data, for acknowledgements of earlier ones
	WaitAck                   // an acknowledgement, for data to travel with
	WaitStall                 // the same, and data of the other end wait for it
	WaitLost                  // data that were lost, until that is noticed
	WaitWork                  // the server's application works on the answer
)
