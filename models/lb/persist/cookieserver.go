package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// CookieServer keeps a client by a cookie that the servers set and the balancer
// only watches: there is a record once a server has answered. KEMP calls it
// server cookie (cookie; cookie-src with fallback: source-ip), F5 cookie
// passive, NetScaler RULE, HAProxy stick store-response, nginx sticky learn, AWS
// ALB app_cookie.
type CookieServer struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the client's last use of the cookie"`
	// Absent is the share of requests that come before a log-on sets the
	// cookie. They are drawn at random and belong to no session.
	Absent  flow.Share `yaml:"absent" doc:"share of requests without the cookie, from before the log-on"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

func newCookieServer() *CookieServer {
	p := &CookieServer{Timeout: time.Hour, Options: newOptions(), Room: newRoom()}
	p.Store = "taken"
	return p
}

// Validate checks the parameters.
func (p *CookieServer) Validate() []flow.Problem {
	ps := append(check(p.Timeout, &p.Options, &p.Room), flow.CheckShare("absent", p.Absent)...)
	if p.Store == "sent" {
		ps = append(ps, flow.Problem{Path: "store", Text: "the cookie is learned from a server's answer", Hint: "write taken"})
	}
	return ps
}

// NewPersistence implements lb.PersistencePolicy.
func (p *CookieServer) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return mode{
		name: "cookie-server", keys: &loggedOn{habits(env), env.Rand, float64(p.Absent)}, given: once, size: env.Clients, clients: true,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

// loggedOn are cookies that some requests do not have yet.
type loggedOn struct {
	habits lb.Habits
	u      *sim.Stream
	absent float64
}

func (l *loggedOn) of(q *lb.Query) key {
	if l.absent > 0 && l.u.Nth(l.habits.Occasion(q.Conn)) < l.absent {
		return key{id: uint32(q.Client)}
	}
	return cookies{l.habits}.of(q)
}
