package lab

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"lbsim/scenarios"
)

// MissingError is a balancer that is not installed.
type MissingError struct{ error }

// program returns the path of the balancer's program.
func (o *Options) program(p *scenarios.Plan) (string, error) {
	if o.Balancer != "" {
		path, err := exec.LookPath(o.Balancer)
		if err != nil {
			return "", MissingError{fmt.Errorf("--balancer: %w", err)}
		}
		return path, nil
	}
	path, err := findProgram(productOf(p))
	if err != nil {
		return "", MissingError{err}
	}
	return path, nil
}

// perform makes a real run of a variant.
func perform(ctx context.Context, p *scenarios.Plan, arrivals []Arrival, o *Options) (*performance, error) {
	program, err := o.program(p)
	if err != nil {
		return nil, err
	}
	version, err := versionOf(ctx, program)
	if err != nil {
		return nil, err
	}
	if product := productOf(p); !strings.Contains(strings.ToLower(version), product) {
		return nil, InputError{fmt.Errorf("%s is not %s: with -v it says %q", program, product, version)}
	}
	r, err := newRig(ctx, p, rigOptions{Program: program})
	if err != nil {
		return nil, err
	}
	seen, err := r.run(ctx, arrivals)
	if err = errors.Join(err, r.Close()); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	out := &performance{Observation: seen, balancer: version}
	for _, remark := range r.remarks {
		text := remark.Why
		if remark.Text != "" {
			text = remark.Text + ": " + text
		}
		out.remarks = append(out.remarks, text)
	}
	return out, nil
}

// versionOf returns what a balancer's program says of itself.
func versionOf(ctx context.Context, program string) (string, error) {
	said, err := exec.CommandContext(ctx, program, "-v").CombinedOutput()
	switch {
	case ctx.Err() != nil: // which ends the program, too
		return "", context.Cause(ctx)
	case err != nil:
		return "", MissingError{fmt.Errorf("%s -v: %w", program, err)}
	}
	first, _, _ := strings.Cut(string(said), "\n")
	return strings.TrimSpace(first), nil
}
