package ramp

import "lbsim/models/lb"

// None gives a returning server its full weight at once.
type None struct{}

// NewRamp implements lb.RampPolicy.
func (None) NewRamp(lb.Basis) lb.Ramp { return nil }
