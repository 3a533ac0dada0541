package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// CookieInsert keeps each client on its server by a cookie that the balancer
// sets, whatever address the client comes from. There is no table that could
// be full. KEMP calls it active-cookie, F5 cookie insert or rewrite, NetScaler
// COOKIEINSERT, HAProxy cookie insert, rewrite or prefix, nginx sticky cookie,
// AWS ALB lb_cookie. Clients that do not return cookies are new each time: see
// the behaviour of the traffic. The cookie names the server, so all of several
// balancers understand it, unless there is a fallback.
type CookieInsert struct {
	// Timeout is how long a cookie outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a cookie outlives the client's last connection"`
	Options `yaml:",inline"`
}

// Validate checks the parameters.
func (p *CookieInsert) Validate() []flow.Problem { return check(p.Timeout, &p.Options, nil) }

// NewPersistence implements lb.PersistencePolicy.
func (p *CookieInsert) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return insertedCookies(env, p.Timeout, &p.Options)
}

func insertedCookies(env lb.PersistenceEnv, timeout time.Duration, o *Options) lb.Persistence {
	return mode{
		name: "cookie-insert", keys: cookies{habits(env)}, given: once, size: env.Clients, clients: true,
		carried: true, timeout: timeout, options: o,
	}.remember(env)
}
