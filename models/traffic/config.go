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
	// Demand is the CPU time of the one request that each connection of an
	// open stream carries.
	Demand dist.Spec `yaml:"demand,omitempty" doc:"CPU time of the one request of each connection"`
	Setup  *Setup    `yaml:"setup,omitempty" doc:"what opening a connection costs"`
	// Keys is what the balancer can read in the requests.
	Keys []Key `yaml:"keys,omitempty" doc:"what a balancer can read in the requests: url, header names and the like"`
	// Behaviour is what clients do with what servers give them; nil: they keep
	// everything.
	Behaviour *Behaviour `yaml:"behaviour,omitempty" doc:"what clients do with cookies and TLS sessions; left out: they keep both"`
	Retry     Retry      `yaml:"retry" doc:"what a client does when it is turned away or cut off"`

	Service int32 `yaml:"-"` // number of the service To
	// PerRequest is whether that service chooses a server for each request.
	PerRequest bool  `yaml:"-"`
	Sites      []int `yaml:"-"` // numbers of the sites From
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

// Setup is what opening a connection costs its server.
type Setup struct {
	Demand dist.Spec `yaml:"demand" doc:"CPU time of a new connection: handshake, log-on"`
}

// Retry is what a client does when its connection is refused, turned away or
// reset.
type Retry struct {
	// Attempts is how often an open stream's connection is tried in all. A
	// client that holds connections tries without end.
	Attempts int           `yaml:"attempts" doc:"tries in all of an open stream's connection; clients that hold connections never give up"`
	Backoff  BackoffPolicy `yaml:"backoff" doc:"how long the client waits before it tries again"`
}

// SetDefaults makes it a client that reconnects after 1 s, doubled with each
// failure up to 30 s, and whose arrivals of an open stream are not retried.
func (r *Retry) SetDefaults() { r.Attempts, r.Backoff = 1, DefaultBackoff() }

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
	held := s.Connections != nil || s.Requests != nil
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
	if s.Arrivals != nil && !replay && s.Connections != nil && s.Connections.PerClient > 1 {
		bad("connections.per_client", "arrivals open one connection at a time", "leave per_client out")
	}
	if s.Arrivals != nil && s.Requests != nil && (s.Connections == nil || s.Connections.Lifetime == nil) {
		bad("requests", "arriving connections need a lifetime to send requests in", "write connections: {lifetime: ...}")
	}
	if s.Retry.Attempts < 1 || s.Retry.Attempts > 1000 {
		bad("retry.attempts", fmt.Sprintf("%d is not between 1 and 1000", s.Retry.Attempts), "1 means no retry")
	}
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

// Validate checks the set-up's own fields.
func (s *Setup) Validate() []flow.Problem {
	if s.Demand == nil {
		return []flow.Problem{{Path: "demand", Text: "the CPU time of a new connection is missing"}}
	}
	return nil
}
