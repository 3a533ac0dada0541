package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// CookieOrSourceIP is cookie-insert, or the source address of a request that
// has no cookie: a client's first, and every one of a client that does not
// return cookies. New clients behind one address therefore go where the first of
// them went. KEMP calls it active-cook-src (cookie-src, for the server's
// cookie: write cookie-server with fallback: source-ip); F5 has a fallback
// persistence profile, NetScaler backup persistence, HAProxy two stick rules.
type CookieOrSourceIP struct {
	// Timeout is how long a cookie or the address's record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a cookie, or the address's record, outlives its last use"`
	Options `yaml:",inline"`
}

// Validate checks the parameters.
func (p *CookieOrSourceIP) Validate() []flow.Problem {
	ps := check(p.Timeout, &p.Options, nil)
	if p.Fallback == nothing {
		ps = append(ps, flow.Problem{Path: "fallback", Text: "is what this mode is about", Hint: "write cookie-insert"})
	}
	return ps
}

// NewPersistence implements lb.PersistencePolicy.
func (p *CookieOrSourceIP) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	o := p.Options
	o.Fallback = bySrcIP
	return insertedCookies(env, p.Timeout, &o)
}
