package persist

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// patient are clients that keep cookies and TLS sessions for ever: what is
// assumed where nothing is known of them.
type patient struct{}

func (patient) Cookies(flow.ConnID) bool             { return true }
func (patient) Session(flow.ConnID, sim.Time) uint32 { return 0 }
func (patient) Occasion(id flow.ConnID) uint64       { return uint64(id) }
func (patient) Dialog(id flow.ConnID) uint64         { return uint64(id) }

func habits(env lb.PersistenceEnv) lb.Habits {
	if env.Habits == nil {
		return patient{}
	}
	return env.Habits
}

// cookies tells clients by a cookie. One that does not return it is stored like
// any other and never found again.
type cookies struct{ habits lb.Habits }

func (c cookies) of(q *lb.Query) key {
	return key{id: uint32(q.Client), sent: c.habits.Cookies(q.Conn), kept: true}
}
