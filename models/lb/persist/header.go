package persist

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Header keeps each value of a header on one server. KEMP calls it header,
// HAProxy stick on hdr(x); F5 has universal persistence, NetScaler RULE.
type Header struct {
	// Name is the header's, exactly as the traffic has it among its keys.
	Name    string `yaml:"name" doc:"name of the header, as among the keys of the traffic"`
	ByValue `yaml:",inline"`
}

// Key is the name of the key that requests must have.
func (p *Header) Key() string { return p.Name }

// Validate checks the parameters.
func (p *Header) Validate() []flow.Problem {
	return append(checkName("name", p.Name), p.ByValue.Validate()...)
}

// NewPersistence implements lb.PersistencePolicy.
func (p *Header) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	return p.remember(env, p.Name)
}
