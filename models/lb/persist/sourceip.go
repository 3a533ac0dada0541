package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SourceIP keeps all clients behind one source address on one server. The
// record lives for Timeout after the address's last connection.
type SourceIP struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the address's last connection"`
}

// Validate checks the parameters.
func (p *SourceIP) Validate() []flow.Problem { return checkTimeout(p.Timeout) }

// NewPersistence implements lb.PersistencePolicy.
func (p *SourceIP) NewPersistence(_, addrs int) lb.Persistence {
	return &sourceIP{newTable(addrs, p.Timeout)}
}

type sourceIP struct{ table }

func (t *sourceIP) Lookup(q *lb.Query) (int, bool) { return t.lookup(uint32(q.Addr), q.Now) }
func (t *sourceIP) Store(q *lb.Query, m int)       { t.store(uint32(q.Addr), m, q.Now) }

func checkTimeout(d time.Duration) []flow.Problem {
	if d <= 0 {
		return []flow.Problem{{Path: "timeout", Text: "must be more than 0", Hint: "persistence: none remembers nobody"}}
	}
	return nil
}
