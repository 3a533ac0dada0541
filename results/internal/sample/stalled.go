package sample

import (
	"time"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/sim"
)

// Stalled is a result with a network, over which one exchange stalls and another is
// too long.
func Stalled() *results.Result {
	const ms = time.Millisecond
	at := func(d time.Duration) sim.Time { return sim.Time(d) }
	r := Minimal()
	r.Scenario = "stalled"
	r.WhatIf = &flow.WhatIf{
		Remedies: []flow.Remedy{
			{Name: "as is", Doc: "nothing is changed"},
			{Name: "no delay", Doc: "applications ask for TCP_NODELAY"},
			{Name: "RTT 100 ms", Doc: "as it is, for clients with a round trip of 100 ms"},
		},
		Rows: []flow.WhatIfRow{
			{
				Name: "mail <outlook>", Writes: "100 + 200 -> 500",
				Effects: []flow.Effect{
					{Latency: 222 * ms, Stalls: 1, StallTime: 200 * ms, Packets: 5},
					{Latency: 12 * ms, Packets: 5},
					{Latency: 402 * ms, Stalls: 1, StallTime: 200 * ms, Packets: 5},
				},
				Ladders: []flow.Ladder{{
					Title: "as is", Ends: []string{"client", "server"}, Done: at(222 * ms), Stalls: 1, More: 3,
					Packets: []flow.LadderPacket{
						{Leaves: 0, Arrives: at(5 * ms), Bytes: 100, Count: 1},
						{Kind: flow.PacketAck, Back: true, Leaves: at(205 * ms), Arrives: at(210 * ms), Count: 1},
						{Leaves: at(210 * ms), Arrives: at(215 * ms), Bytes: 200, Count: 1, Lost: true},
						{Leaves: at(520 * ms), Arrives: at(525 * ms), Bytes: 200, Count: 1, Again: true},
					},
					Waits: []flow.LadderWait{
						{Kind: flow.WaitStall, Back: true, From: at(5 * ms), To: at(205 * ms)},
						{Kind: flow.WaitHeld, To: at(210 * ms), Bytes: 200},
						{Kind: flow.WaitLost, From: at(210 * ms), To: at(520 * ms), Bytes: 200},
					},
				}},
			},
			{
				Name: "rooms", Writes: "300 times 300 -> 1,860",
				Effects: []flow.Effect{
					{Latency: 66_600 * ms, Stalls: 300, StallTime: time.Minute, Packets: 1500},
					{Latency: 3600 * ms, Packets: 1200},
					{Latency: 120_600 * ms, Stalls: 300, StallTime: time.Minute, Packets: 1500},
				},
			},
			{Name: "copies", Writes: "100,000 times 100 -> 100", Missing: "the exchange takes more than 1000000 packets"},
		},
		Unlisted: 2,
	}
	return r
}
