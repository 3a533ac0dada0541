package persist

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Options are what all modes have in common besides a time-out: when records
// age, what becomes of a request without the key, and how strong a record is.
// Zero values are the defaults.
type Options struct {
	// Refresh is whether each use starts the time-out anew or it runs from when
	// the record was made.
	Refresh string `yaml:"refresh" doc:"the time-out starts anew with each use (use), or runs from when the record was made (never)"`
	// Round rounds the time-out down to a multiple; what is then 0 is no
	// persistence at all. KEMP counts whole minutes.
	Round time.Duration `yaml:"round" doc:"the time-out is rounded down to a multiple of this, and 0 turns persistence off; 0: as it is"`
	// Fallback is where a request without the key is looked up, and only such a
	// request: KEMP's modes with -src, F5's fallback persistence, NetScaler's
	// backup persistence.
	Fallback string `yaml:"fallback" doc:"what a request without the key goes by: none or source-ip"`
	// Per is what a record is looked up for in mode http: each request, or the
	// first of a connection (KEMP's default). In mode tcp there are connections
	// only.
	Per string `yaml:"per" doc:"in mode http, what is looked up: each request (request), or the first of a client's connection (connection)"`
	// KeepAlive is how long a client's connection outlives its last request,
	// above 0 to 24h.
	KeepAlive time.Duration `yaml:"keep_alive" doc:"with per: connection, how long a client's connection lasts without a request"`
	lb.Ties   `yaml:",inline"`
}

// Room bounds a table.
type Room struct {
	// Size is how many records fit: HAProxy demands it, NetScaler has 250,000.
	// A client counts once, though its lost keys would linger in a real table.
	Size int `yaml:"size" doc:"records that fit; 0: any number"`
	// Evict is what happens then: the record that would expire first goes, or
	// nothing new is stored (HAProxy's nopurge).
	Evict string `yaml:"evict" doc:"a full table: the oldest record goes (oldest), or nothing new is stored (none)"`
}

const (
	use, never       = "use", "never"
	oldest           = "oldest"
	nothing, bySrcIP = "none", "source-ip"
	maxSize          = 100_000_000

	request, connection = "request", "connection"
	defaultKeepAlive    = time.Minute
)

func newOptions() Options {
	return Options{Refresh: use, Fallback: nothing, Per: request, KeepAlive: defaultKeepAlive, Ties: lb.NewTies()}
}

func newRoom() Room { return Room{Evict: oldest} }

// check finds fault with a mode's time-out, options and, unless it is nil, room.
func check(timeout time.Duration, o *Options, r *Room) []flow.Problem {
	ps := checkTimeout(timeout)
	ps = append(ps, flow.OneOfOrNone("refresh", o.Refresh, use, never)...)
	if o.Round < 0 {
		ps = append(ps, flow.Problem{Path: "round", Text: fmt.Sprintf("%v is negative", o.Round)})
	}
	ps = append(ps, flow.OneOfOrNone("fallback", o.Fallback, nothing, bySrcIP)...)
	ps = append(ps, flow.OneOfOrNone("per", o.Per, request, connection)...)
	if o.KeepAlive < 0 || o.KeepAlive > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "keep_alive", Text: fmt.Sprintf("%v is not between 0s and 24h", o.KeepAlive)})
	}
	ps = append(ps, o.Ties.Validate()...)
	if r == nil {
		return ps
	}
	if r.Size < 0 || r.Size > maxSize {
		ps = append(ps, flow.Problem{Path: "size", Text: fmt.Sprintf("%d is not between 0 and %d", r.Size, maxSize), Hint: "0 means any number"})
	}
	return append(ps, flow.OneOfOrNone("evict", r.Evict, oldest, nothing)...)
}

func checkTimeout(d time.Duration) []flow.Problem {
	if d <= 0 {
		return []flow.Problem{{Path: "timeout", Text: "must be more than 0", Hint: "persistence: none remembers nobody"}}
	}
	return nil
}

// Effective returns the time-out that holds after rounding; 0 is no
// persistence.
func (o *Options) Effective(timeout time.Duration) time.Duration {
	if o.Round > 0 {
		return timeout.Truncate(o.Round)
	}
	return timeout
}

// asked returns a table as it is asked: for each request, or for the first of a
// connection. Personal is whether records belong to clients.
func (o *Options) asked(p lb.Persistence, env lb.PersistenceEnv, personal bool) lb.Persistence {
	if env.PerRequest && o.Per == connection {
		return newPerConnection(p, o, env.Clients, personal)
	}
	return p
}
