package flow

// Answer is what a connection attempt to a server meets.
type Answer uint8

// The answers.
const (
	Accepts Answer = iota
	Refuses        // the machine answers, the port is closed
	Silent         // nothing answers
)
