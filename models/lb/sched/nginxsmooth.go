package sched

import "lbsim/models/lb"

// nginxSmooth is the default method of nginx 1.31
// (src/http/ngx_http_upstream_round_robin.c), smooth weighted round robin by
// effective weights. Members that are skipped keep the credit that they have,
// which round-robin without a product forgets while all weights are equal.
type nginxSmooth struct {
	nginxWeights
	smooth smooth
}

func newNginxSmooth(env lb.Env) lb.Scheduler {
	n := &nginxSmooth{nginxWeights: newNginxWeights(env)}
	n.smooth = newSmooth(env.View, n.effective)
	return n
}

func (n *nginxSmooth) Pick(*lb.Query) int { return n.smooth.pick() }

// Bound implements lb.BoundCounter.
func (n *nginxSmooth) Bound(m int) { n.smooth.bound(m) }

// Changed implements lb.Membership.
func (n *nginxSmooth) Changed(int) { n.smooth.changed() }

// Failed implements lb.FailureCounter.
func (n *nginxSmooth) Failed(m int) {
	n.nginxWeights.Failed(m)
	n.smooth.changed()
}

// nginxWeights are the effective weights of nginx: where failures take servers
// out (passive checks), each also takes weight from its server, the configured
// weight divided by max_fails, and each pass over the servers gives 1 back.
type nginxWeights struct {
	view     *lb.View
	maxFails int64
	lost     []int64 // what failures have taken, in units of the view
}

func newNginxWeights(env lb.Env) nginxWeights {
	return nginxWeights{env.View, int64(env.MaxFails), make([]int64, len(env.View.Members))}
}

// Failed implements lb.FailureCounter.
func (n *nginxWeights) Failed(m int) {
	if n.maxFails > 0 {
		base := n.view.Members[m].Base
		n.lost[m] = min(n.lost[m]+base/n.maxFails*lb.FullWeight, base*lb.FullWeight)
	}
}

// effective returns the weight w of member m for one pass, and gives 1 back.
func (n *nginxWeights) effective(m int, w int64) int64 {
	if lost := n.lost[m]; lost > 0 {
		n.lost[m] -= lb.FullWeight
		w = max(0, w-lost)
	}
	return w
}
