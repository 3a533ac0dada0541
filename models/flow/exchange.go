package flow

import (
	"fmt"
	"time"
)

// Exchange is what the applications at both ends of a connection write and wait
// for: a request and its answer, or several by turns.
type Exchange struct {
	// ClientWrites are the sizes of what the client writes, one after the other
	// without a pause, before it waits for the answer; ServerWrites those of the
	// answer, which begins when the whole request is there.
	ClientWrites []int `yaml:"client_writes,omitempty" doc:"bytes of each of the client's writes of a request: [300], or [100, 200] if it writes twice"`
	ServerWrites []int `yaml:"server_writes,omitempty" doc:"bytes of each of the server's writes of the answer"`
	// Think is what the server takes between them. Where a model of the server
	// says that, it stays 0.
	Think time.Duration `yaml:"think,omitempty" doc:"time that the server takes for the answer, besides what its model says"`
	// Turns, instead of the three, are requests and answers in one exchange, as a
	// remote procedure call of several legs has them.
	Turns []Turn `yaml:"turns,omitempty" doc:"instead of client_writes, server_writes and think: several requests and answers that make one exchange"`
	// Count is how many such exchanges follow each other.
	Count int `yaml:"count" doc:"exchanges that follow each other, each after the one before"`
	// ClientThink is what the client waits between two of them.
	ClientThink time.Duration `yaml:"client_think,omitempty" doc:"time from an answer to the client's next request, with count"`
}

// Turn is one request and its answer.
type Turn struct {
	ClientWrites []int         `yaml:"client_writes" doc:"bytes of each of the client's writes"`
	ServerWrites []int         `yaml:"server_writes" doc:"bytes of each of the server's writes"`
	Think        time.Duration `yaml:"think,omitempty" doc:"time that the server takes for the answer"`
}

// The ranges of an exchange's values.
const (
	MaxTurns         = 100
	MaxWrites        = 1000       // of a turn and a side
	MaxExchangeBytes = 16_000_000 // in all its repetitions
	MaxCount         = 100_000
	MaxThink         = time.Hour
)

// SetDefaults makes it one exchange of nothing yet.
func (x *Exchange) SetDefaults() { x.Count = 1 }

// Validate checks the exchange with its turns.
func (x *Exchange) Validate() []Problem {
	var c Checks
	c.Number("count", x.Count, 1, MaxCount)
	c.Duration("client_think", x.ClientThink, 0, MaxThink)
	total := 0
	switch {
	case len(x.Turns) > 0 && (x.ClientWrites != nil || x.ServerWrites != nil || x.Think != 0):
		c.Add("turns", "they stand instead of client_writes, server_writes and think", "write those as the first turn")
	case len(x.Turns) > MaxTurns:
		c.Add("turns", fmt.Sprintf("%d turns are more than %d", len(x.Turns), MaxTurns), "")
	case len(x.Turns) > 0:
		for i := range x.Turns {
			total += x.Turns[i].check(&c, fmt.Sprintf("turns[%d].", i))
		}
	default:
		total = x.Legs()[0].check(&c, "")
	}
	switch {
	case total > MaxExchangeBytes:
		c.Add("", fmt.Sprintf("%d bytes are more than %d in one exchange", total, MaxExchangeBytes), "")
	case x.Count >= 1 && x.Count <= MaxCount && total > MaxExchangeBytes/x.Count:
		c.Add("count", fmt.Sprintf("%d times %d bytes are more than %d", x.Count, total, MaxExchangeBytes), "")
	}
	return c
}

// check reports what is wrong with a turn, and returns its bytes.
func (t *Turn) check(c *Checks, path string) (total int) {
	for _, side := range []struct {
		key    string
		writes []int
	}{{"client_writes", t.ClientWrites}, {"server_writes", t.ServerWrites}} {
		at := path + side.key
		if len(side.writes) == 0 {
			c.Add(at, "nothing is written", "write [300] for one write of 300 bytes")
		}
		if len(side.writes) > MaxWrites {
			c.Add(at, fmt.Sprintf("%d writes are more than %d", len(side.writes), MaxWrites), "")
			continue
		}
		for i, n := range side.writes {
			c.Number(fmt.Sprintf("%s[%d]", at, i), n, 1, MaxExchangeBytes)
			total += max(0, min(n, MaxExchangeBytes+1))
		}
	}
	c.Duration(path+"think", t.Think, 0, MaxThink)
	return total
}

// Thinking is what an exchange says of how long its ends take, in all its
// repetitions.
func (x *Exchange) Thinking() time.Duration {
	server := time.Duration(0)
	for _, t := range x.Legs() {
		server += t.Think
	}
	if longest := float64(x.Count) * float64(server+x.ClientThink); longest > 1e18 {
		return 1e18 // longer than any run
	}
	return time.Duration(x.Count)*server + time.Duration(x.Count-1)*x.ClientThink
}

// Legs returns the turns of one exchange, whichever way they are written.
func (x *Exchange) Legs() []Turn {
	if len(x.Turns) > 0 {
		return x.Turns
	}
	return []Turn{{ClientWrites: x.ClientWrites, ServerWrites: x.ServerWrites, Think: x.Think}}
}
