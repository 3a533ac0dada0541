package traffic

import (
	"fmt"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
)

// Stream is one kind of traffic. It is one of
//
//   - an open stream (Arrivals): connections arrive whatever becomes of the
//     earlier ones, each from a client drawn at random;
//   - a population (Connections or Requests without Arrivals): each client
//     keeps its connections open and replaces the ones that end;
//   - a replay (Trace, or Arrivals of kind trace from sites with a log).
type Stream struct {
	Name string   `yaml:"name" doc:"name of the traffic stream"`
	From []string `yaml:"from,omitempty" doc:"sites whose clients take part"`
	To   string   `yaml:"to,omitempty" doc:"service that is asked; may be left out if there is only one"`
	// Trace names a file of recorded connections to replay.
	Trace       string         `yaml:"trace,omitempty" doc:"recorded connections to replay: t_s,client,src,hold_s[,service,demand_s]"`
	Arrivals    ArrivalsPolicy `yaml:"arrivals,omitempty" doc:"an open stream of connections"`
	Connections *Connections   `yaml:"connections,omitempty" doc:"connections that clients hold"`
	Requests    *Requests      `yaml:"requests,omitempty" doc:"requests sent over held connections"`
	// Messages stands for Requests, in the words of planners of mail servers; nil: there
	// are only those.
	Messages *Messages `yaml:"messages,omitempty" doc:"in place of requests: messages a day and megacycles of each user's mailbox"`
	// Demand is the CPU time of the one request that each connection of an
	// open stream carries.
	Demand dist.Spec `yaml:"demand,omitempty" doc:"CPU time of the one request of each connection"`
	Setup  *Setup    `yaml:"setup,omitempty" doc:"what opening a connection costs"`
	// Exchange is what is written for a request and its answer; nil: one write each,
	// of UsualRequest and UsualResponse bytes. It matters where there is a network.
	// The request's demand is that of the whole exchange, which the server works on
	// before its last answer. A stream of arrivals that has an exchange and neither a
	// demand nor requests has one request on each connection that costs nothing.
	Exchange *flow.Exchange `yaml:"exchange,omitempty" doc:"with a network: what client and server write for a request and its answer; left out: one write of 300 bytes and one of 500"`
	// Peak is a time in which more happens; nil: there is none.
	Peak *Peak `yaml:"peak,omitempty" doc:"a time in which more arrivals and requests come"`
	// Keys is what the balancer can read in the requests.
	Keys []Key `yaml:"keys,omitempty" doc:"what a balancer can read in the requests: url, header names and the like"`
	// Behaviour is what clients do with what servers give them; nil: they keep
	// everything.
	Behaviour *Behaviour `yaml:"behaviour,omitempty" doc:"what clients do with cookies and TLS sessions; left out: they keep both"`
	// Mailboxes makes the database group decide who works on requests; nil: the
	// server does that has the connection.
	Mailboxes *Mailboxes `yaml:"mailboxes,omitempty" doc:"clients have mailboxes in the databases of the dag: the server that has mounted a client's database works on its requests; reject or wait while none has"`
	Retry     Retry      `yaml:"retry" doc:"what a client does when it is turned away or cut off"`

	Service int32 `yaml:"-"` // number of the service To
	// PerRequest is whether that service chooses a server for each request.
	PerRequest bool  `yaml:"-"`
	Sites      []int `yaml:"-"` // numbers of the sites From
	// Offload is whether the balancer does the service's TLS handshakes.
	Offload bool `yaml:"-"`
}

// Connections describes connections that clients hold.
type Connections struct {
	// PerClient is how many connections each client of a population holds.
	PerClient int `yaml:"per_client" doc:"connections that each client holds, 1 to 1000"`
	// Lifetime is how long a connection lasts; nil for the whole run.
	Lifetime dist.Spec `yaml:"lifetime,omitempty" doc:"how long a connection lasts; left out: the whole run"`
	// Pause is how long a client of a population waits after the end of a
	// connection before it opens the next. Without a pause the balancer's
	// emptiest server would be the one that has just lost this client, and
	// least connections would keep clients where they are.
	Pause dist.Spec `yaml:"pause,omitempty" doc:"wait between the end of a connection and the client's next one"`
}

// Requests describes the requests that are sent over held connections.
type Requests struct {
	// Rate is the mean number of requests per second of one client, over all
	// its connections; they are sent at random times (Poisson).
	Rate flow.Rate `yaml:"rate,omitempty" doc:"requests per client, over all its connections, at random times"`
	// Think, instead of Rate, makes a closed loop: a connection's next request
	// follows the answer after the think time.
	Think dist.Spec `yaml:"think,omitempty" doc:"instead of rate: time between an answer and the connection's next request"`
	// Demand is the CPU time of a request.
	Demand dist.Spec `yaml:"demand" doc:"CPU time of a request"`
}

// Retry is what a client does when its connection is refused, turned away or
// reset, or when nobody answers.
type Retry struct {
	// Timeout is how long a client waits for an answer, connecting included, 1 ms
	// to 24 h; 0: for ever. See timeout.go.
	Timeout time.Duration `yaml:"timeout" doc:"how long a client waits for an answer before it gives the request and its connection up; 0s: for ever"`
	// ConnectTimeout is how long its TCP tries to connect if nothing is heard at
	// all. Windows gives up after two more SYNs, which is 21 s with a first
	// time-out of 3 s; Linux after 127 s (tcp_syn_retries 6; both unverified).
	// Timeout, if it is shorter, comes first.
	ConnectTimeout time.Duration `yaml:"connect_timeout" doc:"how long a client tries to connect where nobody answers at all"`
	// SYNTimeout is when the first SYN is sent again, 10 ms to 1 min; after that
	// it is twice as long each time. RFC 6298 has 1 s, the older RFC 1122 3 s.
	SYNTimeout time.Duration `yaml:"syn_timeout" doc:"when a SYN that nobody answers is sent again; from then on it is twice as long each time"`
	// Attempts is how often an open stream's connection, or a request over a
	// connection that a client holds, is tried in all. To connect, a client that
	// holds connections tries without end.
	Attempts int           `yaml:"attempts" doc:"tries in all of an open stream's connection, and of a request over a held one; clients that hold connections reconnect without end"`
	Backoff  BackoffPolicy `yaml:"backoff" doc:"how long the client waits before it tries again"`
	// Redraw is whether each try costs the server something else, as where caches
	// and locks decide and not the request. The same request that costs the same
	// again is worse: what has taken too long takes too long again.
	Redraw bool `yaml:"redraw" doc:"whether the CPU time of each try is drawn anew; false: it is the request's"`
	// Budget limits retries to a share of the requests; nil: there is no limit.
	Budget *Budget `yaml:"budget,omitempty" doc:"limits retries to a share of the requests"`
	// Breaker stops sending after failures; nil: nothing does.
	Breaker *Breaker `yaml:"breaker,omitempty" doc:"circuit breaker: sends nothing for a time after several failures in a row"`
}

// SetDefaults makes it a client that waits for ever, reconnects after 1 s,
// doubled with each failure up to 30 s, and does not retry requests.
func (r *Retry) SetDefaults() {
	*r = Retry{ConnectTimeout: 21 * time.Second, SYNTimeout: time.Second, Attempts: 1, Backoff: DefaultBackoff()}
}

// Validate checks the retries' own fields. For programs that leave the time-outs
// out, an attempt that nobody answers has failed at once.
func (r *Retry) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, hint, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
	}
	if r.Attempts < 1 || r.Attempts > 1000 {
		bad("attempts", "1 means no retry", "%d is not between 1 and 1000", r.Attempts)
	}
	if r.Timeout != 0 && (r.Timeout < time.Millisecond || r.Timeout > 24*time.Hour) {
		bad("timeout", "0s means for ever", "%v is not between 1ms and 24h", r.Timeout)
	}
	if r.ConnectTimeout < 0 || r.ConnectTimeout > 24*time.Hour {
		bad("connect_timeout", "", "%v is not between 0s and 24h", r.ConnectTimeout)
	}
	if r.ConnectTimeout > 0 && (r.SYNTimeout < 10*time.Millisecond || r.SYNTimeout > time.Minute) {
		bad("syn_timeout", "RFC 6298 has 1s", "%v is not between 10ms and 1m", r.SYNTimeout)
	}
	return ps
}

// SetDefaults makes it one connection per client, replaced after a second on
// average.
func (c *Connections) SetDefaults() { c.PerClient, c.Pause = 1, &dist.Exponential{Mean: time.Second} }

// Validate checks the stream's own fields.
func (s *Stream) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, text, hint string) { ps = append(ps, flow.Problem{Path: path, Text: text, Hint: hint}) }
	if s.Name == "" {
		bad("name", "the stream has no name", "")
	}
	_, replay := s.Arrivals.(*Replay)
	held := s.Connections != nil || s.Requests != nil || s.Messages != nil
	switch {
	case s.Trace != "":
		if s.Arrivals != nil || held || len(s.From) > 0 {
			bad("trace", "a trace says itself who comes when", "leave out from, arrivals, connections and requests")
		}
	case replay && held:
		bad("arrivals", "a replayed log makes connections of its own", "leave out connections and requests")
	case len(s.From) == 0:
		bad("from", "no clients", "name the sites they sit at, or a trace")
	case s.Arrivals == nil && !held:
		bad("", "no traffic", "give arrivals, connections, requests or a trace")
	case s.Arrivals == nil && s.Demand != nil:
		bad("demand", "belongs to arrivals", "for connections that clients hold write requests: {demand: ...}")
	case s.Requests != nil && s.Demand != nil:
		bad("demand", "a stream with requests has its demand there", "write requests: {demand: ...}")
	}
	if s.Exchange != nil && s.Requests == nil && s.Arrivals == nil && s.Trace == "" && s.Connections != nil {
		bad("exchange", "there are no requests that it could be of", "write requests: {rate: ..., demand: ...}")
	}
	if s.Arrivals != nil && !replay && s.Connections != nil && s.Connections.PerClient > 1 {
		bad("connections.per_client", "arrivals open one connection at a time", "leave per_client out")
	}
	if s.Arrivals != nil && s.Requests != nil && (s.Connections == nil || s.Connections.Lifetime == nil) {
		bad("requests", "arriving connections need a lifetime to send requests in", "write connections: {lifetime: ...}")
	}
	switch _, profile := s.Arrivals.(*Profile); {
	case s.Peak == nil:
	case s.Trace != "" || replay:
		bad("peak", "recorded traffic comes when it came", "leave peak out")
	case s.Arrivals == nil && s.Requests == nil:
		bad("peak", "there are neither arrivals nor requests that could be more", "leave peak out, or write requests: {rate: ...}")
	case profile && s.Peak.Ramp > 0:
		bad("peak.ramp", "a profile rises and falls by itself", "leave ramp out, or put the peak into the profile")
	}
	ps = append(ps, s.checkMessages()...)
	return append(ps, checkNames(s.Keys)...)
}

// Validate checks the connections' own fields.
func (c *Connections) Validate() []flow.Problem {
	if c.PerClient < 1 || c.PerClient > 1000 {
		return []flow.Problem{{Path: "per_client", Text: fmt.Sprintf("%d is not between 1 and 1000", c.PerClient)}}
	}
	return nil
}

// MaxRate bounds rates: more than one event per nanosecond cannot be told
// apart.
const MaxRate = 1e9

// Validate checks the requests' own fields.
func (r *Requests) Validate() []flow.Problem {
	var ps []flow.Problem
	if (r.Rate != 0) == (r.Think != nil) {
		ps = append(ps, flow.Problem{Text: "requests need either rate or think"})
	} else if r.Think == nil && !(r.Rate > 0 && r.Rate <= MaxRate) {
		ps = append(ps, flow.Problem{Path: "rate", Text: fmt.Sprintf("%g/s is not between 0 and 1e9/s", float64(r.Rate))})
	}
	if r.Demand == nil {
		ps = append(ps, flow.Problem{Path: "demand", Text: "the CPU time of a request is missing"})
	}
	return ps
}
