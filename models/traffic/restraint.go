package traffic

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// restrain notes a connection attempt in its client's retry budget and reports
// whether the circuit breaker lets it be sent.
func (g *Generator) restrain(st *stream, c *flow.Conn) (ok bool) {
	now := g.e.Now()
	if st.budgets != nil && !st.held && c.Attempt == 1 {
		st.budgets.ask(c.Client, now)
	}
	if st.breakers == nil {
		return true
	}
	if c.Trial, ok = st.breakers.permit(c.Client, now); !ok {
		c.Why = flow.CircuitOpen
	}
	return ok
}

// judge tells a client's circuit breaker what became of a connection.
func (g *Generator) judge(st *stream, c *flow.Conn, answered bool) {
	if st.breakers != nil && c.Why != flow.CircuitOpen {
		st.breakers.report(c.Client, c.Trial, answered, g.e.Now())
		c.Trial = 0
	}
}

// affords reports whether the retry budget, if there is one, has room for a retry.
func (st *stream) affords(c flow.ClientID, now sim.Time) bool {
	return st.budgets == nil || st.budgets.spend(c, now)
}
