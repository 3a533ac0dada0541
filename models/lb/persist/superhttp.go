package persist

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// SuperHTTP keeps clients by a fingerprint of the User-Agent header and, if they
// send it, the Authorization header. Without Authorization all users of one
// browser are one client, so that there are few records, and large ones. KEMP
// calls it super (super-src with fallback: source-ip); elsewhere it is an
// expression or an iRule.
type SuperHTTP struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the last request with the fingerprint"`
	// Agents is how many different User-Agents there are, equally frequent.
	Agents int `yaml:"agents" doc:"different User-Agent headers, equally frequent"`
	// Authorization is the share of clients that send their own Authorization
	// header with every request.
	Authorization flow.Share `yaml:"authorization" doc:"share of clients that send an Authorization header of their own"`
	// Absent is the share of clients that send neither.
	Absent  flow.Share `yaml:"absent" doc:"share of clients that send neither header"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

func newSuperHTTP() *SuperHTTP {
	return &SuperHTTP{Timeout: time.Hour, Agents: 20, Options: newOptions(), Room: newRoom()}
}

// Validate checks the parameters.
func (p *SuperHTTP) Validate() []flow.Problem {
	ps := append(check(p.Timeout, &p.Options, &p.Room), flow.CheckShare("authorization", p.Authorization)...)
	if p.Agents < 1 || p.Agents > 1_000_000 {
		ps = append(ps, flow.Problem{Path: "agents", Text: fmt.Sprintf("%d is not between 1 and 1000000", p.Agents)})
	}
	ps = append(ps, flow.CheckShare("absent", p.Absent)...)
	if p.Absent+p.Authorization > 1 {
		ps = append(ps, flow.Problem{Path: "absent", Text: "with authorization these are more than all clients"})
	}
	return ps
}

// NewPersistence implements lb.PersistencePolicy.
func (p *SuperHTTP) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	f := &fingerprints{env.Rand, uint32(env.Clients), float64(p.Agents), float64(p.Authorization), float64(p.Absent)}
	return mode{
		name: fmt.Sprintf("super-http/%d", p.Agents), keys: f, size: env.Clients + p.Agents, clients: true,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

type fingerprints struct {
	u                             *sim.Stream
	clients                       uint32
	agents, authorization, absent float64
}

func (f *fingerprints) of(q *lb.Query) key {
	u := f.u.Nth(uint64(q.Client))
	switch {
	case u < f.authorization:
		return key{id: uint32(q.Client), sent: true, kept: true}
	case u >= 1-f.absent:
		return key{id: uint32(q.Client)}
	}
	return key{id: f.clients + uint32(f.u.Nth(^uint64(q.Client))*f.agents), sent: true, kept: true}
}
