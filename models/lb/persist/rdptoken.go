package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// RDPToken keeps a Remote Desktop client by the token that a session broker has
// given it and that names the server of its session, as a cookie does: there is
// no table, and all balancers of a service understand it. A client's first
// connection has none. Clients that the broker does not redirect go by their
// login name, as in mode rdp, and those that send neither as fallback says. KEMP
// calls it rdp-sb (rdp-sb-src with fallback: source-ip), NetScaler token.
//
// The broker itself is not modelled: a client's session is where its first
// connection went, or where it was sent when that server could not be used. Nor
// is the table of login names bounded.
type RDPToken struct {
	// Timeout is how long a token, or a login's record, outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a token, or the login's record, outlives the client's last connection"`
	// Tokens is the share of clients that the broker redirects.
	Tokens flow.Share `yaml:"tokens" doc:"share of clients that get a token; the others go by their login name"`
	// Absent is the share of the others that send no login name either.
	Absent  flow.Share `yaml:"absent" doc:"share of the others that send no login name"`
	Options `yaml:",inline"`
}

func newRDPToken() *RDPToken {
	return &RDPToken{Timeout: time.Hour, Tokens: 1, Options: newOptions()}
}

// Validate checks the parameters.
func (p *RDPToken) Validate() []flow.Problem {
	ps := append(check(p.Timeout, &p.Options, nil), flow.CheckShare("tokens", p.Tokens)...)
	return append(ps, flow.CheckShare("absent", p.Absent)...)
}

// NewPersistence implements lb.PersistencePolicy.
func (p *RDPToken) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	all := mode{size: env.Clients, clients: true, timeout: p.Timeout, options: &p.Options}
	tokens, names := all, all
	tokens.name, tokens.keys, tokens.given, tokens.carried = "rdp-token", cookies{patient{}}, once, true
	names.name, names.keys = "rdp-token/login", &logins{env.Rand, float64(p.Absent)}
	b := &brokered{tokens: tokens.memory(env), logins: names.memory(env), u: env.Rand, share: float64(p.Tokens)}
	if b.tokens == nil {
		return nil
	}
	return p.asked(b, env, true)
}

// brokered are clients of which some have tokens.
type brokered struct {
	tokens, logins *memory
	u              *sim.Stream
	share          float64
}

// of returns the records of the client's kind.
func (b *brokered) of(q *lb.Query) *memory {
	if b.share == 1 || b.u.Nth(^uint64(q.Client)) < b.share {
		return b.tokens
	}
	return b.logins
}

// Lookup implements lb.Persistence.
func (b *brokered) Lookup(q *lb.Query) lb.Record { return b.of(q).Lookup(q) }

// Store implements lb.Persistence.
func (b *brokered) Store(q *lb.Query, member int, why flow.Move) { b.of(q).Store(q, member, why) }

// Touch implements lb.Persistence.
func (b *brokered) Touch(q *lb.Query) { b.of(q).Touch(q) }

// Clear implements lb.Persistence.
func (b *brokered) Clear(member int) {
	b.tokens.Clear(member)
	b.logins.Clear(member)
}

// Forget implements lb.Persistence.
func (b *brokered) Forget() {
	b.tokens.Forget()
	b.logins.Forget()
}

// Keeps implements lb.Keeper.
func (b *brokered) Keeps(member int, now sim.Time) bool {
	return b.tokens.Keeps(member, now) || b.logins.Keeps(member, now)
}
