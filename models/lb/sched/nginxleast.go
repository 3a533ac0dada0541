package sched

import "lbsim/models/lb"

// nginxLeast is least_conn of nginx 1.31
// (ngx_http_upstream_least_conn_module.c): the fewest connections per weight,
// and smooth weighted round robin among those that tie, where what failures
// took from their weights counts.
//
// It scans, as nginx does: each decision looks at all members, so that it takes
// as much longer as there are more of them. Every tie moves credits.
type nginxLeast struct{ tieTurns }

func newNginxLeast(env lb.Env) lb.Scheduler { return &nginxLeast{newTieTurns(env)} }

func (n *nginxLeast) Pick(*lb.Query) int {
	best, ties := -1, 0
	for m := range n.view.Members {
		v := &n.view.Members[m]
		if !v.Usable {
			continue
		}
		switch {
		case best < 0 || n.compare(m, best) < 0:
			best, ties = m, 1
		case n.compare(m, best) == 0:
			ties++
		}
	}
	if ties < 2 {
		return best
	}
	least := best
	return n.among(least, func(m int) bool { return n.compare(m, least) == 0 })
}

// compare compares the connections per weight of members a and b.
func (n *nginxLeast) compare(a, b int) int64 {
	va, vb := &n.view.Members[a], &n.view.Members[b]
	return int64(va.Active)*vb.Weight - int64(vb.Active)*va.Weight
}
