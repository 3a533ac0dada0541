package persist

import "lbsim/models/lb"

// None remembers nobody.
type None struct{}

// NewPersistence implements lb.PersistencePolicy.
func (None) NewPersistence(lb.PersistenceEnv) lb.Persistence { return nil }
