package sched

import "lbsim/models/lb"

// nginxSmooth is the default method of nginx 1.31
// (src/http/ngx_http_upstream_round_robin.c): every usable member gains its
// weight, the richest is picked and pays the sum of what was gained; the first
// listed of equals wins. Members that are skipped keep what they have, which
// round-robin without a product forgets while all weights are equal.
//
// nginx also takes weight from a peer after a failed request and gives it back
// by one for each decision. A view holds no failures, so that is left out.
type nginxSmooth struct {
	view   *lb.View
	credit []int64
}

func newNginxSmooth(env lb.Env) lb.Scheduler {
	return &nginxSmooth{env.View, make([]int64, len(env.View.Members))}
}

func (n *nginxSmooth) Pick(*lb.Query) int {
	best, sum := -1, int64(0)
	for m := range n.view.Members {
		v := &n.view.Members[m]
		if !v.Usable {
			continue
		}
		n.credit[m] += v.Weight
		sum += v.Weight
		if best < 0 || n.credit[m] > n.credit[best] {
			best = m
		}
	}
	if best >= 0 {
		n.credit[best] -= sum
	}
	return best
}
