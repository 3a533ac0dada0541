package sched

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SourceHash picks a member by a hash of the source address that the balancer
// sees.
//
// The tables of IPVS hold servers whose weight is 0: sh a single slot for each,
// mh as many as their last weight gave them. A client that meets one of them,
// or one that is full, gets no service unless Fallback is set. A server that
// is down is taken out of the table, as the programs do that check servers for
// IPVS. IPVS can hash the source port as well (sh-port, mh-port) and, by dh,
// the destination address alone: here every connection of a service has the
// same destination, so that dh, like lblc and lblcr, would lead to a single
// server, and source ports are not known.
//
// KEMP, F5 and NetScaler hash source addresses as well. Their functions are
// not published, so that any of those here is as good for them; by one page,
// KEMP's key is of source and destination.
type SourceHash struct {
	// Hash is the hash function: one of Hashes, or the one that Like uses.
	Hash     string `yaml:"hash" doc:"default (splitmix64, or the product's), splitmix64, fnv1a (of the address bytes), fnv1a-text (of the dotted text), address (the number itself), avalanche, xxhash64, crc32, ipvs, ipvs-old"`
	Hashing  `yaml:",inline"`
	Fallback bool `yaml:"fallback" doc:"like ipvs: a client whose server has weight 0 or is full gets another (sh-fallback, mh-fallback) instead of none"`
}

func newSourceHash() lb.SchedulerPolicy {
	return &SourceHash{Hash: defaultHash, Hashing: newHashing()}
}

// Validate checks the parameters.
func (p *SourceHash) Validate() []flow.Problem {
	ps := append(checkHash(p.Hash, Hashes), p.Hashing.check(false)...)
	if p.Fallback && p.Like != "ipvs" {
		ps = append(ps, flow.Problem{Path: "fallback", Text: "is known to ipvs alone; others always find another server"})
	}
	return ps
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *SourceHash) NewScheduler(env lb.Env) lb.Scheduler {
	kind := p.kind()
	if kind.build == nil {
		return newCRCHash(env, addressText(env.Addrs))
	}
	table := kind.build(&p.Hashing, env)
	if t, ok := table.(*ipvsTable); ok {
		t.fallback = p.Fallback
	}
	key := make(addressKey, len(env.Addrs))
	hash := hashNamed(p.Hash, kind.address, Hashes)
	for i, a := range env.Addrs {
		key[i] = hash(a)
	}
	return p.newHasher(env, key, table)
}

// Basis implements lb.SchedulerPolicy.
func (*SourceHash) Basis() lb.Basis { return lb.ByHash }
