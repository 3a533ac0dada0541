package nlb

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// rule is a port rule in force, with the connections that hosts have accepted
// under it.
type rule struct {
	config Rule
	name   string
	keys   *keys
	owner  []int8 // by bucket: the host; nil in other modes than multiple
	first  int    // host that takes all in other modes, or nobody
	// By host: its place in the service's table of servers, -1 if it is not in it,
	// its load weight there, as it is to be in the next table, and its handling
	// priority.
	member, weights, priority []int
	active                    []int // weights of the table in force
	// By member.
	servers []int32
	conns   []int
	areas   []flow.Area
	refused []uint64 // attempts that met it dead

	seen    []seen   // by client; nil without affinity
	records []record // by key; nil without extended affinity
}

func (cl *Cluster) newRules(o Options) {
	var whole, nets *keys // what rules share
	for i := range o.Services {
		s := &o.Services[i]
		r := &rule{config: s.Rule, name: s.Name, first: nobody}
		n := len(cl.hosts)
		r.member, r.weights, r.priority, r.active = make([]int, n), make([]int, n), make([]int, n), make([]int, n)
		for h := range r.member {
			r.member[h] = -1
		}
		for m, one := range s.Members {
			h := cl.place[one.Server]
			r.member[h], r.weights[h], r.priority[h] = m, one.Weight, one.Priority
			if one.Priority == 0 || s.Rule.Mode != Single {
				r.priority[h] = h + 1
			}
			r.servers = append(r.servers, one.Server)
		}
		r.conns, r.areas, r.refused = make([]int, len(s.Members)), make([]flow.Area, len(s.Members)), make([]uint64, len(s.Members))
		if s.Rule.Mode == Multiple {
			r.owner = make([]int8, cl.config.Buckets)
			for b := range r.owner {
				r.owner[b] = nobody
			}
			if s.Rule.Affinity == NetworkAffinity {
				if nets == nil {
					nets = byNetwork(cl.fl.Addrs)
				}
				r.keys = nets
			} else {
				if whole == nil {
					whole = byAddress(cl.fl.Addrs)
				}
				r.keys = whole
			}
		}
		if s.Rule.keeps() {
			r.seen = make([]seen, o.Clients)
			if s.Rule.Extended > 0 {
				r.records = make([]record, len(r.keys.hash))
			}
		}
		r.adopt(cl.joined)
		cl.rules = append(cl.rules, r)
	}
}

// adopt makes the table for the hosts of a set. It returns how many buckets have
// moved.
func (r *rule) adopt(of hosts) (moved int) {
	r.first = nobody
	for h, m := range r.member {
		r.active[h] = 0
		if m < 0 || !of.has(h) {
			continue
		}
		r.active[h] = r.weights[h]
		if r.config.Mode != Disabled && (r.first == nobody || r.priority[h] < r.priority[r.first]) {
			r.first = h
		}
	}
	if r.owner == nil {
		return 0
	}
	return redistribute(r.owner, r.active)
}

// uses reports whether a host of the table takes connections.
func (r *rule) uses(h int, joined hosts) bool {
	if !joined.has(h) {
		return false
	}
	if r.owner == nil {
		return r.first == h
	}
	return r.active[h] > 0
}

// bucket returns the bucket that a connection falls into.
func (r *rule) bucket(c *flow.Conn) int {
	hash := r.keys.hash[r.keys.key(c.Addr)]
	if r.config.Affinity == NoAffinity {
		hash = withPort(hash, c)
	}
	return int(hash % uint32(len(r.owner)))
}

// owned returns how many buckets a host has.
func (r *rule) owned(h int) (n int) {
	for _, o := range r.owner {
		if int(o) == h {
			n++
		}
	}
	return n
}

// count changes the number of connections of a member.
func (r *rule) count(m, by int, now sim.Time) {
	r.conns[m] += by
	r.areas[m].Set(float64(r.conns[m]), now)
}
