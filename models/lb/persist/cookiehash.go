package persist

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// CookieHash keeps a client by a hash of all the cookies it sends: when one of
// them changes, it is another client. KEMP calls it cookie-hash (cookie-hash-src
// with fallback: source-ip); that the name says what it does is general
// knowledge. Elsewhere it is an expression or an iRule.
type CookieHash struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the client's last connection"`
	// Changes is how often one of a client's cookies changes.
	Changes time.Duration `yaml:"changes" doc:"time after which one of a client's cookies has another value; 0: never"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

// Validate checks the parameters.
func (p *CookieHash) Validate() []flow.Problem {
	ps := check(p.Timeout, &p.Options, &p.Room)
	if p.Changes < 0 {
		ps = append(ps, flow.Problem{Path: "changes", Text: fmt.Sprintf("%v is negative", p.Changes)})
	}
	return ps
}

// NewPersistence implements lb.PersistencePolicy.
func (p *CookieHash) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return mode{
		name: "cookie-hash", keys: &changing{cookies{habits(env)}, env.Rand, p.Changes}, given: once, size: env.Clients, clients: true,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

// changing are cookies of which one changes at intervals that each client
// begins at a time of its own.
type changing struct {
	cookies
	u     *sim.Stream
	every time.Duration
}

func (c *changing) of(q *lb.Query) key {
	k := c.cookies.of(q)
	if c.every > 0 {
		begun := time.Duration(c.u.Nth(uint64(q.Client)) * float64(c.every))
		k.gen = uint32((time.Duration(q.Now) + begun) / c.every)
	}
	return k
}
