package persist

import "lbsim/models/lb"

// DestIP keeps each destination address, the key "destination" of the traffic,
// on one server: for a balancer that is on the way of many destinations, before
// proxies or firewalls, and not the destination itself. F5 calls it dest-addr,
// NetScaler DESTIP, HAProxy stick on dst. KEMP and nginx have no such mode.
type DestIP struct {
	ByValue `yaml:",inline"`
}

// Key is the name of the key that requests must have.
func (*DestIP) Key() string { return "destination" }

// NewPersistence implements lb.PersistencePolicy.
func (p *DestIP) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return p.remember(env, p.Key())
}
