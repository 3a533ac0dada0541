package traffic

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Budget limits retries to a share of the requests, so that they cannot multiply
// the load of servers that fail. It is the budget of Finagle (RetryBudget.scala)
// and of Linkerd: what has been asked and retried within ten seconds counts, in
// slices of one second. What is not retried for want of budget has failed.
type Budget struct {
	// Ratio is how many retries each request allows.
	Ratio flow.Share `yaml:"ratio" doc:"retries as a share of the requests of the last 10 s"`
	// Min is how many retries a second are allowed besides.
	Min flow.Rate `yaml:"min" doc:"retries per second that are allowed besides, over 10 s"`
	// Scope is who has a budget.
	Scope Scope `yaml:"scope" doc:"who shares a budget: client or site"`
}

// SetDefaults makes it Linkerd's: 20 % and 10 per second. A caller has one, for
// which a site stands.
func (b *Budget) SetDefaults() { *b = Budget{Ratio: 0.2, Min: 10, Scope: ScopeSite} }

// Validate checks the budget's own fields.
func (b *Budget) Validate() []flow.Problem {
	ps := checkScope(b.Scope)
	if !(b.Ratio >= 0 && b.Ratio <= 1000) {
		ps = append(ps, flow.Problem{Path: "ratio", Text: fmt.Sprintf("%g is not between 0%% and 100000%%", float64(b.Ratio))})
	}
	if !(b.Min >= 0 && b.Min <= 1e6) {
		ps = append(ps, flow.Problem{Path: "min", Text: fmt.Sprintf("%g/s is not between 0/s and 1e6/s", float64(b.Min))})
	}
	return ps
}

const (
	budgetSlices = 10
	budgetSlice  = time.Second
)

// budgets are those of a stream's clients.
type budgets struct {
	config   *Budget
	sharers  sharers
	accounts []account
}

// account is what was asked and retried in the present second and the nine
// before.
type account struct {
	second   int64
	requests [budgetSlices]uint32
	retries  [budgetSlices]uint32
}

func newBudgets(c *Budget, pop Population, sites []int) *budgets {
	if c == nil {
		return nil
	}
	b := &budgets{config: c, sharers: newSharers(c.Scope, pop, sites)}
	b.accounts = make([]account, b.sharers.most)
	return b
}

// at brings a client's account up to now and returns the present slice.
func (b *budgets) at(c flow.ClientID, now sim.Time) (a *account, slice int64) {
	a = &b.accounts[b.sharers.of(c)]
	second := int64(now) / int64(budgetSlice)
	for k := a.second + 1; k <= min(second, a.second+budgetSlices); k++ {
		a.requests[k%budgetSlices], a.retries[k%budgetSlices] = 0, 0
	}
	a.second = second
	return a, second % budgetSlices
}

// ask notes a request.
func (b *budgets) ask(c flow.ClientID, now sim.Time) {
	a, slice := b.at(c, now)
	a.requests[slice]++
}

// spend reports whether a client may retry now, and notes that it does.
func (b *budgets) spend(c flow.ClientID, now sim.Time) bool {
	a, slice := b.at(c, now)
	var requests, retries uint64
	for i := range a.requests {
		requests += uint64(a.requests[i])
		retries += uint64(a.retries[i])
	}
	allowed := float64(float64(b.config.Ratio)*float64(requests)) + float64(b.config.Min)*budgetSlices
	if float64(retries+1) > math.Floor(allowed+1e-9) {
		return false
	}
	a.retries[slice]++
	return true
}
