package plot

import (
	"math"
	"strconv"
	"strings"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/sim"
)

// waitWords say what waits and how long, on one line or two.
func waitWords(w *flow.LadderWait) []string {
	what, long := "ACK delayed", milliseconds(w.To-w.From)+" ms"
	switch w.Kind {
	case flow.WaitHeld:
		what = results.Plain.Human(float64(w.Bytes)) + " held"
	case flow.WaitLost:
		what = results.Plain.Human(float64(w.Bytes)) + " lost"
	case flow.WaitWork:
		what = "works"
	}
	s := written(ink, ladderText, w.Kind == flow.WaitStall)
	if one := what + " " + long; s.Width(one) <= ladderWords {
		return []string{one}
	}
	return []string{what, long}
}

// milliseconds writes a time without its unit.
func milliseconds(t sim.Time) string {
	return strconv.FormatFloat(math.Round(float64(t)/1e3)/1e3, 'f', -1, 64)
}

// packetWords say what a packet is.
func packetWords(x *flow.LadderPacket) string {
	words := x.Kind.String()
	if x.Bytes > 0 {
		words += " " + results.Plain.Human(float64(x.Bytes))
	}
	if x.Count > 1 {
		words = strings.TrimPrefix(words, "data ")
		words = strconv.Itoa(x.Count) + " × " + words
	}
	switch {
	case x.Lost:
		words += ", lost"
	case x.Again:
		words += ", again"
	}
	return words
}
