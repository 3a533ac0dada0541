package flow

import "time"

// WhatIf is how long exchanges take as they are, and what several remedies would
// change. Each exchange is alone: nothing is lost and nobody queues.
type WhatIf struct {
	Remedies []Remedy
	Rows     []WhatIfRow
	// Unlisted is how many different exchanges there are beyond Rows.
	Unlisted int
}

// Remedy is something that could be done about an exchange that takes long, or a
// circumstance that could be another.
type Remedy struct{ Name, Doc string }

// WhatIfRow is one exchange.
type WhatIfRow struct {
	// Name says whose exchange it is, and Writes what is written in it.
	Name, Writes string
	// Effects are what it takes with each of the Remedies; nil if Missing says why
	// they are not known.
	Effects []Effect
	Missing string
	// Ladders are the cases of which the packets differ; nil if Like names an earlier
	// row with the same ones, or if there are too many.
	Ladders []Ladder
	Like    string
}

// Effect is what an exchange takes with a remedy.
type Effect struct {
	Latency   time.Duration
	Stalls    int // delayed acknowledgements that data had to wait for
	StallTime time.Duration
	Packets   int
}
