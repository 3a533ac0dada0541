package sched

import "lbsim/models/lb"

// nginxSmooth is the default method of nginx 1.31
// (src/http/ngx_http_upstream_round_robin.c): every usable member gains its
// effective weight, the richest is picked and pays the sum of what was gained;
// the first listed of equals wins. Members that are skipped keep what they
// have, which round-robin without a product forgets while all weights are
// equal.
type nginxSmooth struct {
	nginxWeights
	credit []int64
}

func newNginxSmooth(env lb.Env) lb.Scheduler {
	return &nginxSmooth{newNginxWeights(env), make([]int64, len(env.View.Members))}
}

func (n *nginxSmooth) Pick(*lb.Query) int {
	best, sum := -1, int64(0)
	for m := range n.view.Members {
		v := &n.view.Members[m]
		if !v.Usable {
			continue
		}
		w := n.effective(m)
		n.credit[m] += w
		sum += w
		if best < 0 || n.credit[m] > n.credit[best] {
			best = m
		}
	}
	if best >= 0 {
		n.credit[best] -= sum
	}
	return best
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

// effective returns the weight of member m for one pass, and gives 1 back.
func (n *nginxWeights) effective(m int) int64 {
	w := n.view.Members[m].Weight
	if lost := n.lost[m]; lost > 0 {
		n.lost[m] -= lb.FullWeight
		w = max(0, w-lost)
	}
	return w
}
