package lab

import (
	"context"
	"errors"

	"lbsim/scenarios"
)

// MissingError is a balancer that is not installed.
type MissingError struct{ Program, Package string }

func (e MissingError) Error() string {
	return "there is no program " + e.Program + ": install it, as with apt-get install " + e.Package + ", or name it with --balancer"
}

// perform makes a real run of a variant.
func perform(ctx context.Context, p *scenarios.Plan, arrivals []Arrival, o *Options) (*Observation, string, error) {
	return nil, "", errors.New("the lab has no servers yet")
}
