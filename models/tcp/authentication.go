package tcp

import "lbsim/models/flow"

// AuthenticationPolicy is how a client is authenticated on a new connection: an
// *Authentication.
type AuthenticationPolicy interface {
	Kind() string
	legs() []Turn
}

// Authentication is a number of exchanges on a new connection before the first
// one that the client is after: it asks, is told that it has to say who it is, and
// asks again.
type Authentication struct {
	kind string
	// Exchanges is 0 to flow.MaxTurns.
	Exchanges int `yaml:"exchanges" doc:"exchanges on a new connection before the first request is answered"`
	Request   int `yaml:"request" doc:"bytes of what the client sends in each"`
	Response  int `yaml:"response" doc:"bytes of what the server sends in each"`
}

// Authentications lists the kinds. The numbers of exchanges are general knowledge.
var Authentications = flow.Table[AuthenticationPolicy]{
	{Name: "none", Doc: "none, or by something that each request carries", New: NoAuthentication},
	{Name: "ntlm", Doc: "Windows integrated authentication, NTLM: two more exchanges", New: authentication("ntlm", 2)},
	{Name: "kerberos", Doc: "Windows integrated authentication, Kerberos: one more exchange", New: authentication("kerberos", 1)},
}

// NoAuthentication returns the kind none.
func NoAuthentication() AuthenticationPolicy { return &Authentication{kind: "none"} }

func authentication(kind string, exchanges int) func() AuthenticationPolicy {
	return func() AuthenticationPolicy {
		return &Authentication{kind: kind, Exchanges: exchanges, Request: 700, Response: 500}
	}
}

// Kind returns the name of the kind.
func (a *Authentication) Kind() string { return a.kind }

// Validate checks the fields.
func (a *Authentication) Validate() []flow.Problem {
	var c flow.Checks
	c.Number("exchanges", a.Exchanges, 0, flow.MaxTurns)
	if a.Exchanges > 0 {
		c.Number("request", a.Request, 1, MaxBytes)
		c.Number("response", a.Response, 1, MaxBytes)
	}
	return c
}

func (a *Authentication) legs() []Turn {
	turns := make([]Turn, a.Exchanges)
	for i := range turns {
		turns[i] = Turn{ClientWrites: []int{a.Request}, ServerWrites: []int{a.Response}}
	}
	return turns
}
