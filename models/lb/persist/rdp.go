package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// RDP keeps a client by the cookie with its login name that Remote Desktop
// clients send when they connect; those that do not go by their source address.
// KEMP calls it rdp-src (rdp with fallback: none), F5 msrdp, NetScaler RULE or
// token, HAProxy rdp-cookie. For the broker's token see rdp-token.
type RDP struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the login's last connection"`
	// Absent is the share of clients that send no login name.
	Absent  flow.Share `yaml:"absent" doc:"share of clients that send no login name"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

func newRDP() *RDP {
	p := &RDP{Timeout: time.Hour, Options: newOptions(), Room: newRoom()}
	p.Fallback = bySrcIP
	return p
}

// Validate checks the parameters.
func (p *RDP) Validate() []flow.Problem {
	return append(check(p.Timeout, &p.Options, &p.Room), flow.CheckShare("absent", p.Absent)...)
}

// NewPersistence implements lb.PersistencePolicy.
func (p *RDP) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return mode{
		name: "rdp", keys: &logins{env.Rand, float64(p.Absent)}, size: env.Clients, clients: true,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

type logins struct {
	u      *sim.Stream
	absent float64
}

func (l *logins) of(q *lb.Query) key {
	sends := l.absent == 0 || l.u.Nth(uint64(q.Client)) >= l.absent
	return key{id: uint32(q.Client), sent: sends, kept: sends}
}
