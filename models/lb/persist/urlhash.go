package persist

import "lbsim/models/lb"

// URLHash keeps each URL, the key "url" of the traffic, on one server. KEMP
// calls it url; F5 has universal and hash persistence, HAProxy stick on url.
// NetScaler's URLPASSIVE, a server's number in the URL, is not this.
type URLHash struct {
	ByValue `yaml:",inline"`
}

// Key is the name of the key that requests must have.
func (*URLHash) Key() string { return "url" }

// NewPersistence implements lb.PersistencePolicy.
func (p *URLHash) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return p.remember(env, p.Key())
}
