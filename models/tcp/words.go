package tcp

import "lbsim/models/flow"

// Nagle is when an end holds back a segment that is not full.
type Nagle string

// The rules.
const (
	NagleOff Nagle = "off"
	Classic  Nagle = "classic"
	Minshall Nagle = "minshall"
)

// Nagles lists the rules with their documentation.
var Nagles = flow.Table[Nagle]{
	{Name: string(NagleOff), Doc: "never", New: func() Nagle { return NagleOff }},
	{Name: string(Classic), Doc: "while anything is outstanding (RFC 896): Windows, BSD", New: func() Nagle { return Classic }},
	{Name: string(Minshall), Doc: "while an earlier segment that was not full is outstanding: Linux", New: func() Nagle { return Minshall }},
}

// Timer is when a delayed acknowledgement is due.
type Timer string

// The timers.
const (
	FromArrival Timer = "arrival"
	Tick        Timer = "tick"
)

// Timers lists them with their documentation.
var Timers = flow.Table[Timer]{
	{Name: string(FromArrival), Doc: "delayed_ack after the segment has come", New: func() Timer { return FromArrival }},
	{Name: string(Tick), Doc: "at the next tick of a clock of the whole system, one every delayed_ack: BSD", New: func() Timer { return Tick }},
}

// Count is what counts towards an acknowledgement without delay.
type Count string

// The ways of counting.
const (
	AnySegment   Count = "any"
	FullSegments Count = "full"
	Bytes        Count = "bytes"
)

// Counts lists them with their documentation.
var Counts = flow.Table[Count]{
	{Name: string(AnySegment), Doc: "every segment with data: Windows", New: func() Count { return AnySegment }},
	{Name: string(FullSegments), Doc: "full segments alone", New: func() Count { return FullSegments }},
	{Name: string(Bytes), Doc: "bytes: acknowledged at once are more than ack_frequency less one full segments: Linux", New: func() Count { return Bytes }},
}

// Growth is how the congestion window grows in slow start.
type Growth string

// The ways of growing.
const (
	ByBytes    Growth = "bytes"
	BySegments Growth = "segments"
)

// Growths lists them with their documentation.
var Growths = flow.Table[Growth]{
	{Name: string(ByBytes), Doc: "by the bytes acknowledged (RFC 3465): it doubles in a round trip", New: func() Growth { return ByBytes }},
	{Name: string(BySegments), Doc: "by a segment at most for each acknowledgement (RFC 5681): delayed acknowledgements slow it down", New: func() Growth { return BySegments }},
}

// Side is an end of a connection.
type Side uint8

// The sides. On the connection from a balancer to a server the balancer is the
// client.
const (
	ClientSide Side = iota
	ServerSide
)

// String returns the side's name in traces.
func (s Side) String() string { return [...]string{"client", "server"}[s] }

// Other returns the other side.
func (s Side) Other() Side { return 1 - s }
