package traffic

import (
	"slices"

	"lbsim/models/flow"
)

// Scope is who shares a retry budget or a circuit breaker.
type Scope string

// The scopes.
const (
	ScopeClient Scope = "client"
	ScopeSite   Scope = "site"
)

// Scopes lists the scopes.
var Scopes = flow.Table[Scope]{
	{Name: "client", Doc: "every client has its own, as programs have that run at a desk or call others by themselves", New: func() Scope { return ScopeClient }},
	{Name: "site", Doc: "the clients of a site share one, as those have that call through one proxy or one service", New: func() Scope { return ScopeSite }},
}

// checkScope reports a scope that does not exist.
func checkScope(s Scope) []flow.Problem {
	return flow.OneOf("scope", s, Scopes.Names()...)
}

// sharers numbers those who have something together.
type sharers struct {
	first []flow.ClientID // of each site, rising; nil: every client is one
	most  int
}

func newSharers(scope Scope, pop Population, sites []int) (s sharers) {
	for _, i := range sites {
		site := pop.Group(i)
		s.most = max(s.most, int(site.First)+site.Clients)
		s.first = append(s.first, site.First)
	}
	if scope == ScopeClient {
		s.first = nil
		return s
	}
	slices.Sort(s.first)
	s.most = len(s.first)
	return s
}

// of returns the number of a client, or of its site.
func (s *sharers) of(c flow.ClientID) int {
	if s.first == nil {
		return int(c)
	}
	i, found := slices.BinarySearch(s.first, c)
	if !found {
		i--
	}
	return i
}
