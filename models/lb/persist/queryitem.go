package persist

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// QueryItem keeps each value of an item of the query on one server. KEMP calls
// it query-hash, HAProxy stick on url_param; F5 has universal persistence,
// NetScaler RULE.
type QueryItem struct {
	// Name is the item's, exactly as the traffic has it among its keys.
	Name    string `yaml:"name" doc:"name of the item, as among the keys of the traffic"`
	ByValue `yaml:",inline"`
}

// Key is the name of the key that requests must have.
func (p *QueryItem) Key() string { return p.Name }

// Validate checks the parameters.
func (p *QueryItem) Validate() []flow.Problem {
	return append(checkName("name", p.Name), p.ByValue.Validate()...)
}

// NewPersistence implements lb.PersistencePolicy.
func (p *QueryItem) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return p.remember(env, p.Name)
}
