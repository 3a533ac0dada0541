package traffic

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
)

// Messages describes requests by what planners of mail servers know: how many messages
// a user sends and gets on a working day, and how many megacycles his mailbox takes,
// which is millions of processor cycles in each second of the busy hour ("Mailbox
// Server Processor Capacity Planning", Exchange 2010). Each message is a request.
//
// The work is given, whatever the rate: of messages that are half as many, each costs
// twice as much.
type Messages struct {
	// PerDay is the number of messages sent and received on a working day.
	PerDay float64 `yaml:"per_day" doc:"messages that a user sends and gets on a working day"`
	// BusyHour is the share of the day's messages in the busy hour: an eighth on a day
	// of eight even hours; a fifth is a usual assumption.
	BusyHour flow.Share `yaml:"busy_hour" doc:"share of the day's messages in the busy hour, which is what is simulated; 20% is an assumption"`
	// Megacycles are those of a mailbox where it is active.
	Megacycles float64 `yaml:"megacycles" doc:"megacycles of a mailbox where it is active; Exchange 2010: 1 for each 50 messages a day (unverified)"`
	// Copies are those beside the active one, and Passive what each takes.
	Copies  int        `yaml:"copies" doc:"copies of a mailbox beside the active one"`
	Passive flow.Share `yaml:"passive" doc:"what each of these takes, as a share of the megacycles; Exchange 2010: 15%"`
	// Core is the megacycles of a core.
	Core float64 `yaml:"core" doc:"megacycles of a core, 3333 of the baseline of Exchange 2010 (unverified): SPECint2006 rate of a core x 2000 / 33.75 from Exchange 2013 on"`
	// CV is the coefficient of variation of a message's CPU time, 0 to 10; lognormal.
	CV float64 `yaml:"cv" doc:"coefficient of variation of a message's CPU time; an assumption"`
}

// SetDefaults makes it mailboxes of Exchange 2010 without copies.
func (m *Messages) SetDefaults() {
	*m = Messages{BusyHour: 0.2, Passive: 0.15, Core: 3333, CV: 1}
}

// Validate checks the fields.
func (m *Messages) Validate() []flow.Problem {
	var c flow.Checks
	c.Float("per_day", m.PerDay, 0.01, 100_000)
	if !(m.BusyHour > 0 && m.BusyHour <= 1) {
		c.Add("busy_hour", "is not above 0% and at most 100%", "an eighth of an even day of eight hours is 12.5%")
	}
	c.Float("megacycles", m.Megacycles, 0.001, 10_000)
	c.Number("copies", m.Copies, 0, 100)
	c.Share("passive", m.Passive)
	c.Float("core", m.Core, 1, 1e6)
	c.Float("cv", m.CV, 0, 10)
	return c
}

// Requests are the requests that the messages are.
func (m *Messages) Requests() *Requests {
	rate := m.PerDay * float64(m.BusyHour) / 3600
	load := m.Megacycles * (1 + float64(m.Copies)*float64(m.Passive)) / m.Core // in cores, of a mailbox
	mean := time.Duration(math.Round(load / rate * 1e9))
	r := &Requests{Rate: flow.Rate(rate), Demand: &dist.Lognormal{Mean: mean, CV: m.CV}}
	if m.CV < 0.001 {
		r.Demand = &dist.Constant{Mean: mean}
	}
	return r
}

// checkMessages reports requests that are not those of the messages.
func (s *Stream) checkMessages() []flow.Problem {
	if s.Messages == nil || len(s.Messages.Validate()) > 0 {
		return nil
	}
	if s.Arrivals != nil || s.Trace != "" {
		return []flow.Problem{{Path: "messages", Text: "belong to clients who hold connections", Hint: "leave out arrivals and trace"}}
	}
	want := s.Messages.Requests()
	same := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(b) }
	if r := s.Requests; r != nil && r.Demand != nil && !(same(float64(r.Rate), float64(want.Rate)) && same(r.Demand.Build().Mean(), want.Demand.Build().Mean())) {
		return []flow.Problem{{Path: "requests", Text: fmt.Sprintf("messages are requests already, %.4g/s of each client", float64(want.Rate)), Hint: "leave one of them out"}}
	}
	return nil
}

// Complete fills in what was left out: how long clients wait before they try again,
// and the requests that messages are.
func (s *Stream) Complete() {
	if s.Retry.Backoff == nil {
		s.Retry.Backoff = DefaultBackoff()
	}
	if m := s.Messages; m != nil && s.Requests == nil && len(m.Validate()) == 0 {
		s.Requests = m.Requests()
	}
}
