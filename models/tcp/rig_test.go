package tcp

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/internal/transcript"
	"lbsim/scenarios/strict"
)

// The vectors in testdata; rig.Command lists the commands.
func TestTranscripts(t *testing.T) {
	transcript.Run(t, func() transcript.Rig { return newRig() })
}

// A rig is a network and an exchange by hand.
type rig struct {
	network  Config
	exchange Exchange
	out      []string
}

var policies = strict.NewPolicies(
	strict.PolicyOf(StackNames, strict.PolicyOptions{}),
	strict.PolicyOf(Nagles, strict.PolicyOptions{}),
	strict.PolicyOf(Timers, strict.PolicyOptions{}),
	strict.PolicyOf(Counts, strict.PolicyOptions{}),
	strict.PolicyOf(Growths, strict.PolicyOptions{}),
	strict.PolicyOf(TLSKinds, strict.PolicyOptions{}),
	strict.PolicyOf(Authentications, strict.PolicyOptions{}),
	strict.PolicyOf(IntrospectionKinds, strict.PolicyOptions{}),
	strict.PolicyOf(IntrospectedSides, strict.PolicyOptions{}),
)

// The numbers that all cases have in common: 5 ms either way, 2 ms for the server.
func newRig() *rig {
	return &rig{network: NewConfig(10 * ms), exchange: Request(300, 500, 2*ms)}
}

func (r *rig) Flush() []string {
	out := r.out
	r.out = nil
	return out
}

func (r *rig) say(format string, args ...any) { r.out = append(r.out, fmt.Sprintf(format, args...)) }

// Command carries out one line:
//
//	network {rtt: 1ms, …}       the network, as in a scenario; what is not said stays
//	exchange {…}                the exchange; the server thinks for 2 ms unless said
//	run [OPTION…]               all packets, and the sums
//	sums [OPTION…]              the sums alone
//	table                       what could be done about it
//	ladders                     what passes then, for each of the cases that differ
//
// with the options fresh, resumed, close, lose=3,4 and at=100ms.
func (r *rig) Command(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "network":
		return decode(rest, &r.network)
	case "exchange":
		r.exchange = Exchange{Count: 1}
		if err := decode(rest, &r.exchange); err != nil {
			return err
		}
		if r.exchange.Think == 0 && r.exchange.Turns == nil {
			r.exchange.Think = 2 * ms
		}
		return nil
	}
	switch verb {
	case "table":
		return r.table()
	case "ladders":
		return r.ladders()
	}
	o, err := options(strings.Fields(rest))
	if err != nil {
		return err
	}
	t, err := Simulate(&r.network, &r.exchange, o)
	if err != nil {
		return err
	}
	switch verb {
	case "run":
		for i := range t.Packets {
			r.say("%s", &t.Packets[i])
		}
	case "sums":
	default:
		return fmt.Errorf("no command %s", verb)
	}
	line = fmt.Sprintf("latency %v", t.Latency)
	if t.Stalls > 0 {
		line += fmt.Sprintf(", stalls %d of %v", t.Stalls, t.StallTime)
	}
	if verb == "sums" {
		line += fmt.Sprintf(", %d packets", len(t.Packets))
	}
	r.say("%s", line)
	return nil
}

func (r *rig) table() error {
	rows, err := WhatIf(&r.network, []Exchange{r.exchange})
	if err != nil {
		return err
	}
	for i, e := range rows[0] {
		line := fmt.Sprintf("%-27s %v", Remedies[i].Name, e.Latency)
		if e.Stalls > 0 {
			line += fmt.Sprintf(", stalls %d of %v", e.Stalls, e.StallTime)
		}
		r.say("%s", line)
	}
	return nil
}

func (r *rig) ladders() error {
	cases, err := Cases(&r.network, &r.exchange)
	if err != nil {
		return err
	}
	for i := range cases {
		l := &cases[i]
		r.say("%s: done at %v, stalls %d", l.Title, l.Done, l.Stalls)
		end := func(leg int, back bool) string {
			if back {
				leg++
			}
			return l.Ends[leg]
		}
		for _, p := range l.Packets {
			line := fmt.Sprintf("  %v-%v %s to %s: %d %s", p.Leaves, p.Arrives, end(p.Leg, p.Back), end(p.Leg, !p.Back), p.Count, p.Kind)
			if p.Bytes > 0 {
				line += fmt.Sprint(" ", p.Bytes)
			}
			r.say("%s", line)
		}
		for _, w := range l.Waits {
			r.say("  %v-%v %s: %s %d", w.From, w.To, end(w.Leg, w.Back), waits[w.Kind], w.Bytes)
		}
		if l.More > 0 {
			r.say("  %d more packets", l.More)
		}
	}
	return nil
}

var waits = [...]string{"holds", "delays ack", "delays ack (stall)", "lost", "works"}

func options(words []string) (o Options, err error) {
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "fresh":
			o.State = Fresh
		case "resumed":
			o.State = Resumed
		case "close":
			o.Close = true
		case "at":
			d, e := time.ParseDuration(value)
			o.Start, err = o.Start.Add(d), e
		case "lose":
			for n := range strings.SplitSeq(value, ",") {
				i, e := strconv.Atoi(n)
				o.Lose, err = append(o.Lose, i), e
			}
		default:
			err = fmt.Errorf("no option %s", key)
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

// decode reads a value on one line into what it points to, as a scenario's section
// is read, with the values of named stacks where it is silent.
func decode(text string, into any) error {
	doc, problems := strict.Parse("transcript", []byte(text))
	if problems != nil {
		return problems
	}
	for _, end := range []string{"client", "server", "inner.balancer"} {
		n := doc.Lookup(end + ".stack")
		if n == nil {
			continue
		}
		name, _ := n.Text()
		s := FindStack(StackName(name))
		if s == nil { // reported when decoding
			continue
		}
		if err := fillStack(doc, end, s); err != nil {
			return err
		}
	}
	if problems = doc.Decode(into, policies); problems != nil {
		return problems
	}
	return flow.Join(flow.Check(into))
}

// fillStack puts a stack's values where the document is silent.
func fillStack(doc *strict.Document, end string, s *Stack) error {
	values, err := strict.Leaves(&s.End, policies)
	if err != nil {
		return err
	}
	for _, v := range values {
		n, problems := strict.ParseValue(v.Path, v.Text, "stack "+string(s.Name))
		if problems != nil {
			return problems
		}
		doc.Fill(end+"."+v.Path, n)
	}
	return nil
}
