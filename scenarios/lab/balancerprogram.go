package lab

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"lbsim/models/lb"
	"lbsim/scenarios"
)

const (
	haproxy  = "haproxy"
	nginx    = "nginx"
	modeHTTP = lb.HTTP
)

// startupPatience is how long a balancer may take to begin.
const startupPatience = 10 * time.Second

// productOf returns the program that a variant is of, "" if it is of several or of
// none that is here.
func productOf(p *scenarios.Plan) string {
	balancer := &p.Scenario.Balancer
	found := ""
	for i := range balancer.Services {
		product := balancer.Services[i].Product
		if product == "" {
			product = balancer.Product
		}
		if found != "" && string(product) != found {
			return ""
		}
		found = string(product)
	}
	if found != haproxy && found != nginx {
		return ""
	}
	return found
}

// startBalancer chooses where the services are, writes the configuration and starts
// the program. It returns when that takes connections.
func (r *rig) startBalancer(ctx context.Context, program string) error {
	addresses, binds := map[string]string{}, map[string]string{}
	for _, b := range r.backends {
		addresses[b.name] = b.at.String()
	}
	for i := range r.services {
		at, err := freeAddress()
		if err != nil {
			return err
		}
		r.services[i].bind, r.services[i].host = at, at.String()
		binds[r.plan.Config.Balancer.Services[i].Name] = at.String()
	}
	if program == "" {
		var err error
		if program, err = findProgram(r.product); err != nil {
			return err
		}
	}
	start := r.startHAProxy
	if r.product == nginx {
		start = r.startNginx
	}
	if err := start(ctx, program, addresses, binds); err != nil {
		return err
	}
	return r.process.await(ctx, "listen", startupPatience, func() bool {
		for i := range r.services {
			if !listens(int(r.services[i].bind.Port())) {
				return false
			}
		}
		return true
	})
}

// findProgram returns the path of a program, which may be where only an
// administrator's shell looks.
func findProgram(name string) (string, error) {
	for _, path := range []string{name, "/usr/local/sbin/" + name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s is not installed (Debian: apt-get install %s)", name, map[string]string{haproxy: "haproxy", nginx: "nginx-light libnginx-mod-stream"}[name])
}
