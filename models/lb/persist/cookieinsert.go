package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// CookieInsert keeps each client on its server by a cookie that the balancer
// sets, whatever address the client comes from. Every client returns its
// cookie, which makes this the ideal against which address-based modes are
// measured.
type CookieInsert struct {
	// Timeout is how long a cookie outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a cookie outlives the client's last connection"`
}

// Validate checks the parameters.
func (p *CookieInsert) Validate() []flow.Problem { return checkTimeout(p.Timeout) }

// NewPersistence implements lb.PersistencePolicy.
func (p *CookieInsert) NewPersistence(clients, _ int) lb.Persistence {
	return &cookieInsert{newTable(clients, p.Timeout)}
}

type cookieInsert struct{ table }

func (t *cookieInsert) Lookup(q *lb.Query) (int, bool) { return t.lookup(uint32(q.Client), q.Now) }
func (t *cookieInsert) Store(q *lb.Query, m int)       { t.store(uint32(q.Client), m, q.Now) }
