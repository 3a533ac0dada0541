package sched

import "lbsim/models/lb"

// tieTurns lets members that tie have turns, by smooth weighted round robin as
// in nginx's least_conn and least_time. What failures took from the weights
// counts. It cannot repeat what it did before, as smooth does: who ties differs
// from decision to decision.
type tieTurns struct {
	nginxWeights
	credit []int64
}

func newTieTurns(env lb.Env) tieTurns {
	return tieTurns{newNginxWeights(env), make([]int64, len(env.View.Members))}
}

// among picks one of the usable members that tie, of which first is listed
// first.
func (n *tieTurns) among(first int, tied func(m int) bool) int {
	best, sum := first, int64(0)
	for m := first; m < len(n.view.Members); m++ {
		v := &n.view.Members[m]
		if !v.Usable || !tied(m) {
			continue
		}
		w := n.effective(m, v.Weight)
		n.credit[m] += w
		sum += w
		if n.credit[m] > n.credit[best] {
			best = m
		}
	}
	n.credit[best] -= sum
	return best
}
