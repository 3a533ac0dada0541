package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SSLSessionID keeps a client by the number of its TLS session, which can be
// read without decrypting. A client that begins a new session is a new client:
// see renegotiates in the behaviour of the traffic. KEMP calls it ssl, F5 ssl,
// NetScaler SSLSESSION; with HAProxy it is an expression.
type SSLSessionID struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the session's last connection"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

// Validate checks the parameters.
func (p *SSLSessionID) Validate() []flow.Problem { return check(p.Timeout, &p.Options, &p.Room) }

// NewPersistence implements lb.PersistencePolicy.
func (p *SSLSessionID) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return mode{
		name: "ssl-session-id", keys: sessions{habits(env)}, given: anew, size: env.Clients, clients: true,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

type sessions struct{ habits lb.Habits }

func (s sessions) of(q *lb.Query) key {
	return key{id: uint32(q.Client), gen: s.habits.Session(q.Conn, q.Now), sent: true, kept: true}
}
