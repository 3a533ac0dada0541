package place

import (
	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// None is the lack of a platform: hosts on their own, whose machines start again
// when they do. Machines that have never had a host are spread by hand, each
// onto the host with the most memory left.
type None struct{}

func newNone() *None { return &None{} }

// Validate implements flow.Validator.
func (*None) Validate() []flow.Problem { return nil }

// Timing implements cluster.Policy.
func (*None) Timing() cluster.Timing { return cluster.Timing{} }

// NewPlacer implements cluster.Policy.
func (*None) NewPlacer(env cluster.Env) cluster.Placer { return &none{view: env.View} }

type none struct{ view *cluster.View }

// Place implements cluster.Placer.
func (n *none) Place(q cluster.Query) cluster.Decision {
	may := func(h int) bool { return n.view.Hosts[h].Usable() && n.view.May(h, q.VM) }
	if q.Cause != cluster.Planned && q.From >= 0 {
		if may(q.From) && n.view.Fits(q.From, q.VM) {
			return cluster.Decision{Host: q.From}
		}
		return nowhere(cluster.NoHost)
	}
	best := -1
	for h := range n.view.Hosts {
		if h != q.From && may(h) && n.view.Fits(h, q.VM) && (best < 0 || n.view.Hosts[h].Free > n.view.Hosts[best].Free) {
			best = h
		}
	}
	if best < 0 {
		return nowhere(cluster.WaitRetry)
	}
	return cluster.Decision{Host: best}
}

// nowhere is the decision that there is no host for now.
func nowhere(why cluster.Reason) cluster.Decision { return cluster.Decision{Host: -1, Reason: why} }
