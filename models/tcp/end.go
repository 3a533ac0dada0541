package tcp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// End is how one end of connections behaves.
type End struct {
	// Stack names one of Stacks. It is a label: whoever reads a scenario puts the
	// stack's values where the file is silent, and a program begins with FindStack.
	Stack StackName `yaml:"stack,omitempty" doc:"operating system whose values the others have unless given: see lbsim list"`
	// Nagle is what the system does for applications that do not ask for another.
	Nagle Nagle `yaml:"nagle" doc:"when a segment that is not full is held back: off, classic or minshall"`
	// Nodelay is whether the application asks for TCP_NODELAY, which switches Nagle
	// off whatever it is. Linux, net/ipv4/tcp_output.c.
	Nodelay bool `yaml:"nodelay,omitempty" doc:"whether the application switches nagle off for its connections: TCP_NODELAY"`
	// AckFrequency is after how many segments, of those that Count counts, an
	// acknowledgement is not delayed. Windows: TcpAckFrequency, KB 328890.
	AckFrequency int `yaml:"ack_frequency" doc:"segments after which an acknowledgement is not delayed; 1: it never is: TcpAckFrequency"`
	// DelayedAck is at most MaxDelayedAck; 0 delays nothing.
	DelayedAck time.Duration `yaml:"delayed_ack" doc:"how long an acknowledgement waits for data to travel with, below 500ms; 0s: not at all"`
	Timer      Timer         `yaml:"timer" doc:"from when the delay counts: arrival, or tick of the system's clock"`
	// Phase is the instant of the first tick, below DelayedAck.
	Phase time.Duration `yaml:"phase,omitempty" doc:"with timer tick: when the first tick is, below delayed_ack"`
	Count Count         `yaml:"count" doc:"what counts towards ack_frequency: any segment, full ones, or bytes"`
	// QuickAcks is how many segments are acknowledged without delay when a
	// connection is new or was idle. Linux: TCP_MAX_QUICKACKS, 16, until the
	// connection looks interactive.
	QuickAcks int `yaml:"quick_acks" doc:"first segments of a connection that is new or was idle that are acknowledged at once"`
	// MSS is the largest segment: 1460 bytes on links of 1500 with IPv4, 1448 with
	// TCP timestamps.
	MSS int `yaml:"mss" doc:"bytes of a full segment"`
	// InitialWindow is 10 segments by RFC 6928, and 2 to 4 by RFC 5681.
	InitialWindow int `yaml:"initial_window" doc:"segments that may be outstanding at first, and after an idle time"`
	// Growth is how the congestion window grows from there.
	Growth Growth `yaml:"growth" doc:"how that grows in slow start: bytes or segments"`
	// MinRTO is what is added to the round-trip time before a segment without an
	// acknowledgement is sent again.
	MinRTO time.Duration `yaml:"min_rto" doc:"how much later than a round trip a segment is sent again; below delayed_ack it is for nothing"`
}

// The ranges of an end's values.
const (
	// MaxDelayedAck is below the 500 ms that RFC 9293, section 3.8.6.3, forbids.
	MaxDelayedAck    = 500*time.Millisecond - 1
	MaxAckFrequency  = 255
	MaxQuickAcks     = 1000
	MinMSS           = 536
	MaxMSS           = 65_495
	MaxInitialWindow = 100
)

// SetDefaults makes it an end as Windows has it, by its documentation, with the
// initial window of RFC 6928.
func (e *End) SetDefaults() {
	*e = End{
		Nagle: Classic, AckFrequency: 2, DelayedAck: 200 * time.Millisecond, Timer: FromArrival, Count: AnySegment,
		MSS: 1460, InitialWindow: 10, Growth: ByBytes, MinRTO: 300 * time.Millisecond,
	}
}

// Validate checks the fields.
func (e *End) Validate() []flow.Problem {
	var c flow.Checks
	c = append(c, flow.OneOfOrNone("stack", e.Stack, StackNames.Names()...)...)
	c = append(c, flow.OneOf("nagle", e.Nagle, Nagles.Names()...)...)
	c.Number("ack_frequency", e.AckFrequency, 1, MaxAckFrequency)
	if e.DelayedAck < 0 || e.DelayedAck > MaxDelayedAck {
		c.Add("delayed_ack", fmt.Sprintf("%v is not below 500ms", e.DelayedAck), "RFC 9293, section 3.8.6.3")
	}
	c = append(c, flow.OneOf("timer", e.Timer, Timers.Names()...)...)
	switch {
	case e.Phase != 0 && e.Timer != Tick:
		c.Add("phase", "only a timer with ticks has one", "write timer: tick")
	case e.Phase < 0 || e.Phase != 0 && e.Phase >= e.DelayedAck:
		c.Add("phase", fmt.Sprintf("%v is not below delayed_ack (%v)", e.Phase, e.DelayedAck), "")
	}
	c = append(c, flow.OneOf("count", e.Count, Counts.Names()...)...)
	c.Number("quick_acks", e.QuickAcks, 0, MaxQuickAcks)
	c.Number("mss", e.MSS, MinMSS, MaxMSS)
	c.Number("initial_window", e.InitialWindow, 1, MaxInitialWindow)
	c = append(c, flow.OneOf("growth", e.Growth, Growths.Names()...)...)
	c.Duration("min_rto", e.MinRTO, time.Millisecond, time.Minute)
	return c
}

// rule is when the end holds back a segment that is not full.
func (e *End) rule() Nagle {
	if e.Nodelay {
		return NagleOff
	}
	return e.Nagle
}
