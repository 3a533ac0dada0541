package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SIP keeps the messages of a call, which share a Call-ID, on one server. A
// call is a connection with its retries; where the balancer decides for each
// request, all requests that a client sends in one go. The next call is
// anybody's, so that no client stays where it was. KEMP calls it udpsip, F5 sip,
// NetScaler CALLID; with HAProxy it is an expression.
type SIP struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the call's last message"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

// Validate checks the parameters.
func (p *SIP) Validate() []flow.Problem { return check(p.Timeout, &p.Options, &p.Room) }

// NewPersistence implements lb.PersistencePolicy.
func (p *SIP) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return mode{
		name: "sip", keys: calls{habits(env)}, size: callSlots,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

// callSlots is how many calls are told apart. Call-IDs have no end, so calls
// share places, and one that comes to a place that is taken displaces the other:
// one in a hundred does when ten thousand are under way.
const (
	callBits  = 20
	callSlots = 1 << callBits
)

type calls struct{ habits lb.Habits }

func (c calls) of(q *lb.Query) key {
	x := c.habits.Dialog(q.Conn) * 0x9e3779b97f4a7c15
	return key{id: uint32(x >> (64 - callBits)), gen: uint32(x), sent: true, kept: true}
}
