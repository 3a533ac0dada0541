package tcp

import (
	"time"

	"lbsim/models/flow"
)

// StackName names one of Stacks.
type StackName string

// A Stack is what an operating system does where its administrator has set
// nothing.
type Stack struct {
	Name StackName
	Doc  string // one line
	End  End
	// Facts say where the values come from, by key.
	Facts []Fact
}

// A Fact says where values of a Stack were found.
type Fact struct {
	// Keys are the values' names in a scenario.
	Keys []string
	// Source is where they were found, and Verified whether they were read there.
	// What is general knowledge is not verified.
	Source   string
	Verified bool
}

// Stacks lists the operating systems whose values are known. All values of all of
// them have a fact.
var Stacks = []Stack{
	{
		Name: "windows", Doc: "Windows XP to Windows Server 2012 R2: every other segment, 200 ms",
		End: End{
			Nagle: Classic, AckFrequency: 2, DelayedAck: 200 * ms, Timer: FromArrival, Count: AnySegment,
			MSS: 1460, InitialWindow: 4, Growth: BySegments, MinRTO: 300 * ms,
		},
		Facts: append(windowsRules,
			Fact{Keys: []string{"ack_frequency", "delayed_ack", "count"}, Source: "Microsoft KB 328890, Windows 2000 registry reference: TcpAckFrequency 2, TcpDelAckTicks 2 of 100 ms", Verified: true},
			Fact{Keys: []string{"initial_window"}, Source: "Windows before Server 2016: 2 to 4, general knowledge"},
			Fact{Keys: []string{"min_rto"}, Source: "Windows networking blog, 2018: 300 ms", Verified: true},
		),
	},
	{
		Name: "windows-2019", Doc: "Windows Server 2019, InternetCustom template: every other segment, 40 ms",
		End: End{
			Nagle: Classic, AckFrequency: 2, DelayedAck: 40 * ms, Timer: FromArrival, Count: AnySegment,
			MSS: 1460, InitialWindow: 10, Growth: BySegments, MinRTO: 300 * ms,
		},
		Facts: append(windowsRules,
			Fact{Keys: []string{"ack_frequency", "delayed_ack", "initial_window", "min_rto"}, Source: "Windows networking blog, 2018: InternetCustom template, for handshakes of more than 10 ms", Verified: true},
			Fact{Keys: []string{"count"}, Source: "as Windows before it, general knowledge"},
		),
	},
	{
		Name: "windows-datacenter", Doc: "Windows Server 2016 and later, Datacenter template: every other segment, 10 ms",
		End: End{
			Nagle: Classic, AckFrequency: 2, DelayedAck: 10 * ms, Timer: FromArrival, Count: AnySegment,
			MSS: 1460, InitialWindow: 10, Growth: BySegments, MinRTO: 20 * ms,
		},
		Facts: append(windowsRules,
			Fact{Keys: []string{"ack_frequency", "delayed_ack", "count", "initial_window", "min_rto"}, Source: "Windows, Datacenter template, for handshakes of at most 10 ms, general knowledge"},
		),
	},
	{
		Name: "linux", Doc: "Linux: more than one full segment, 40 ms, sixteen at once at first; Minshall's variant of Nagle",
		End: End{
			Nagle: Minshall, AckFrequency: 2, DelayedAck: 40 * ms, Timer: FromArrival, Count: Bytes, QuickAcks: 16,
			MSS: 1448, InitialWindow: 10, Growth: ByBytes, MinRTO: 200 * ms,
		},
		Facts: []Fact{
			{Keys: []string{"nagle"}, Source: "Linux, net/ipv4/tcp_output.c", Verified: true},
			{Keys: []string{"delayed_ack"}, Source: "Linux, include/net/tcp.h: TCP_DELACK_MIN 40 ms; it adapts up to 200 ms, which is not modelled", Verified: true},
			{Keys: []string{"min_rto"}, Source: "Linux, include/net/tcp.h: TCP_RTO_MIN 200 ms", Verified: true},
			{Keys: []string{"initial_window"}, Source: "Linux, include/net/tcp.h: TCP_INIT_CWND 10", Verified: true},
			{Keys: []string{"ack_frequency", "count", "timer"}, Source: "Linux, net/ipv4: at once beyond one full segment, general knowledge"},
			{Keys: []string{"quick_acks"}, Source: "Linux, include/net/tcp.h: TCP_MAX_QUICKACKS 16; that all are used is general knowledge: an answer may end them earlier"},
			{Keys: []string{"mss"}, Source: "1500-byte links, IPv4, with timestamps, general knowledge"},
			{Keys: []string{"growth"}, Source: "Linux: appropriate byte counting, general knowledge"},
		},
	},
	{
		Name: "macos", Doc: "macOS: every other segment, 100 ms",
		End: End{
			Nagle: Classic, AckFrequency: 2, DelayedAck: 100 * ms, Timer: FromArrival, Count: AnySegment,
			MSS: 1448, InitialWindow: 10, Growth: ByBytes, MinRTO: 300 * ms,
		},
		Facts: []Fact{
			{Keys: []string{"ack_frequency", "count", "delayed_ack"}, Source: "macOS: net.inet.tcp.delayed_ack 3 chooses by itself, which is not modelled; the values are general knowledge"},
			{Keys: []string{"nagle", "timer", "quick_acks", "mss", "initial_window", "growth", "min_rto"}, Source: "macOS, general knowledge"},
		},
	},
	{
		Name: "bsd", Doc: "BSD of old: every other full segment, a tick of 200 ms",
		End: End{
			Nagle: Classic, AckFrequency: 2, DelayedAck: 200 * ms, Timer: Tick, Count: FullSegments,
			MSS: 1460, InitialWindow: 4, Growth: BySegments, MinRTO: time.Second,
		},
		Facts: []Fact{
			{Keys: []string{"nagle", "ack_frequency", "count", "delayed_ack", "timer", "quick_acks", "mss", "initial_window", "growth", "min_rto"}, Source: "BSD before 100 ms timers, general knowledge"},
		},
	},
}

// windowsRules are what all versions of Windows have in common. Its length is its
// capacity: appending copies it.
var windowsRules = []Fact{
	{Keys: []string{"nagle", "timer", "quick_acks", "growth"}, Source: "Windows, general knowledge"},
	{Keys: []string{"mss"}, Source: "1500-byte links, IPv4", Verified: true},
}

const ms = time.Millisecond

// StackNames lists the names with their documentation.
var StackNames = stackNames()

func stackNames() (t flow.Table[StackName]) {
	for i := range Stacks {
		s := &Stacks[i]
		t = append(t, flow.Kind[StackName]{Name: string(s.Name), Doc: s.Doc, New: func() StackName { return s.Name }})
	}
	return t
}

// FindStack returns the stack of a name, nil if there is none. Its values may be
// changed in a copy of its End.
func FindStack(name StackName) *Stack {
	for i := range Stacks {
		if Stacks[i].Name == name {
			return &Stacks[i]
		}
	}
	return nil
}
