package lab

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"lbsim/models/lb"
	"lbsim/scenarios"
	"lbsim/scenarios/convert/haproxycfg"
	"lbsim/scenarios/convert/nginxconf"
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
func (r *rig) startBalancer(program string) error {
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
	if err := start(program, addresses, binds); err != nil {
		return err
	}
	return r.process.await("listen", startupPatience, func() bool {
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

func (r *rig) startHAProxy(program string, addresses, binds map[string]string) error {
	socket := r.path("socket")
	text, remarks, err := haproxycfg.Export(&r.plan.Config, haproxycfg.Options{Addresses: addresses, Binds: binds,
		Lab: &haproxycfg.LabOptions{Socket: socket, LogAddress: r.syslog.address(), PidFile: r.path("pid")}})
	if err != nil {
		return err
	}
	r.remarks = remarks
	file := r.path("haproxy.cfg")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	if r.process, err = start(program, "-f", file, "-db"); err != nil {
		return err
	}
	err = r.process.await("open its socket", startupPatience, func() bool {
		r.admin, err = converse(socket)
		return err == nil
	})
	if err != nil {
		return err
	}
	return r.learnMembers()
}

// learnMembers finds out what HAProxy calls servers and services. The names are not
// always those of the scenario; the order of the services is.
func (r *rig) learnMembers() error {
	answer, err := r.admin.ask("show servers state")
	if err != nil {
		return err
	}
	service, last := -1, ""
	for _, row := range table(answer) {
		if row["be_id"] != last {
			service, last = service+1, row["be_id"]
		}
		if service >= len(r.services) {
			return fmt.Errorf("haproxy has more services than the scenario: %s", answer)
		}
		for _, s := range r.journal.members[service] {
			if strconv.Itoa(int(r.backends[s].at.Port())) == row["srv_port"] && r.backends[s].at.Addr().String() == row["srv_addr"] {
				r.known[row["be_name"]+"/"+row["srv_name"]] = serverOf{service, s}
			}
		}
	}
	for i, members := range r.journal.members {
		for _, s := range members {
			if r.nameOf(i, s) == "" {
				return fmt.Errorf("haproxy does not know server %s of service %d: %s", r.backends[s].name, i, answer)
			}
		}
	}
	return nil
}

// nameOf is what HAProxy calls a server of a service.
func (r *rig) nameOf(service, server int) string {
	for name, m := range r.known {
		if m == (serverOf{service, server}) {
			return name
		}
	}
	return ""
}

func (r *rig) startNginx(program string, addresses, binds map[string]string) error {
	text, remarks, err := nginxconf.Export(&r.plan.Config, nginxconf.Options{Addresses: addresses, Binds: binds,
		Lab: &nginxconf.LabOptions{ErrorLog: "syslog:server=" + r.syslog.address(), Folder: r.folder}})
	if err != nil {
		return err
	}
	r.remarks = remarks
	file := r.path("nginx.conf")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	if r.process, err = start(program, "-p", r.folder, "-c", file, "-e", "stderr"); err != nil {
		return err
	}
	// It is the last file that it writes before it begins.
	return r.process.await("begin", startupPatience, func() bool {
		number, err := os.ReadFile(r.path("nginx.pid"))
		return err == nil && len(number) > 0
	})
}
