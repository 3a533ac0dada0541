package persist

import "lbsim/models/lb"

// HostHeader keeps each value of the Host header, the key "host" of the traffic,
// on one server. KEMP calls it host, HAProxy stick on hdr(host); F5 has universal
// persistence, NetScaler RULE.
type HostHeader struct {
	ByValue `yaml:",inline"`
}

// Key is the name of the key that requests must have.
func (*HostHeader) Key() string { return "host" }

// NewPersistence implements lb.PersistencePolicy.
func (p *HostHeader) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return p.remember(env, p.Key())
}
