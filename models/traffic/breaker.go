package traffic

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Breaker is a circuit breaker (Nygard, Release It!, 2007): after so many failures
// in a row nothing is sent for a time, and requests fail at once. Then a few are
// sent on trial. If all are answered, everything is sent again; one that fails
// opens the circuit anew. What was sent before it opened no longer counts.
//
// Where connections carry requests, it is requests that fail or are answered, and
// attempts to connect that fail.
type Breaker struct {
	Failures int           `yaml:"failures" doc:"failures in a row that open the circuit"`
	Open     time.Duration `yaml:"open" doc:"how long nothing is sent then"`
	// HalfOpen is how many are sent on trial.
	HalfOpen int   `yaml:"half_open" doc:"how many are sent on trial after that, and have to succeed"`
	Scope    Scope `yaml:"scope" doc:"who shares a breaker: client or site"`
}

// SetDefaults makes it five failures, half a minute and one trial, for each
// client, as the libraries for programs have it.
func (b *Breaker) SetDefaults() {
	*b = Breaker{Failures: 5, Open: 30 * time.Second, HalfOpen: 1, Scope: ScopeClient}
}

// Validate checks the breaker's own fields.
func (b *Breaker) Validate() []flow.Problem {
	ps := checkScope(b.Scope)
	for _, n := range []struct {
		path string
		n    int
	}{{"failures", b.Failures}, {"half_open", b.HalfOpen}} {
		if n.n < 1 || n.n > 10_000 {
			ps = append(ps, flow.Problem{Path: n.path, Text: fmt.Sprintf("%d is not between 1 and 10000", n.n)})
		}
	}
	if b.Open < time.Millisecond || b.Open > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "open", Text: fmt.Sprintf("%v is not between 1ms and 24h", b.Open)})
	}
	return ps
}

// breakers are those of a stream's clients.
type breakers struct {
	config   *Breaker
	sharers  sharers
	circuits []circuit
}

// circuit is the state of one breaker.
type circuit struct {
	until  sim.Time // the end of the time in which nothing is sent
	count  uint16   // failures in a row; of an open circuit, trials that were sent
	good   uint16   // trials that were answered
	period uint8    // numbers the times in which trials are sent, from 1
	open   bool
}

func newBreakers(c *Breaker, pop Population, sites []int) *breakers {
	if c == nil {
		return nil
	}
	b := &breakers{config: c, sharers: newSharers(c.Scope, pop, sites)}
	b.circuits = make([]circuit, b.sharers.most)
	return b
}

// permit reports whether something may be sent, and as a trial of which period; 0
// if it is none.
func (b *breakers) permit(c flow.ClientID, now sim.Time) (trial uint8, ok bool) {
	x := &b.circuits[b.sharers.of(c)]
	switch {
	case !x.open:
		return 0, true
	case now < x.until || int(x.count) >= b.config.HalfOpen:
		return 0, false
	}
	x.count++
	return x.period, true
}

// report tells what became of something that was sent.
func (b *breakers) report(c flow.ClientID, trial uint8, answered bool, now sim.Time) {
	x := &b.circuits[b.sharers.of(c)]
	switch {
	case x.open && trial != x.period:
		// sent before it opened, or on trial before it opened anew
	case x.open && answered:
		if x.good++; int(x.good) == b.config.HalfOpen {
			x.open, x.count = false, 0
		}
	case x.open:
		b.trip(x, now)
	case trial != 0:
		// one of several trials whose circuit has closed and knows enough
	case answered:
		x.count = 0
	default:
		if x.count++; int(x.count) >= b.config.Failures {
			b.trip(x, now)
		}
	}
}

// connected gives back the trial of an attempt to connect that has succeeded: the
// requests that follow decide.
func (b *breakers) connected(c flow.ClientID, trial uint8) {
	if x := &b.circuits[b.sharers.of(c)]; x.open && trial == x.period {
		x.count--
	}
}

// trip opens a circuit.
func (b *breakers) trip(x *circuit, now sim.Time) {
	x.open, x.count, x.good, x.until = true, 0, 0, now.Add(b.config.Open)
	if x.period++; x.period == 0 {
		x.period = 1
	}
}
