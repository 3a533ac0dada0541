package product

import "strings"

// Areas are the parts of what a product does by which is told how much of it is
// verified.
var Areas = []string{"scheduling", "slow start", "persistence", "health checks", "overload and operations", "addresses"}

// parts are the areas, by number, of the values whose paths begin so.
var parts = map[string]int{
	"scheduler": 0, "servers[]": 0, "slow_start": 1, "persistence": 2, "health": 3, "source": 5,
	"full": 4, "queue": 4, "resume": 4, "redispatch": 4, "panic": 4, "retries": 4, "retry_wait": 4, "connect_timeout": 4,
	"on_down": 4, "on_up": 4, "on_remove": 4, "drain": 4, "linger": 4,
	// Hosts without a balancer.
	"nlb.buckets": 0, "nlb.rules[].mode": 0, "nlb.rules[].affinity": 2, "nlb.rules[].extended_affinity": 2,
	"nlb.heartbeat": 3, "nlb.missed": 3, "nlb.convergence": 3, "nlb.existing": 4, "nlb.mode": 5,
}

// area returns the number of the area of a value, -1 if it has none.
func (v *Value) area() int {
	for path := v.Path; path != ""; path = path[:max(0, strings.LastIndexByte(path, '.'))] {
		if i, ok := parts[path]; ok {
			return i
		}
	}
	return -1
}

// Count returns, for each area, how many values of the product were verified in
// its own source code or documentation, and how many there are.
func (p *Product) Count() (verified, all []int) {
	verified, all = make([]int, len(Areas)), make([]int, len(Areas))
	for i := range p.Values {
		v := &p.Values[i]
		a := v.area()
		if all[a]++; v.Verified {
			verified[a]++
		}
	}
	return verified, all
}
