package lab

import (
	"context"
	"fmt"
	"os"

	"lbsim/scenarios/convert/haproxycfg"
)

// startHAProxy starts HAProxy, and begins to talk to it.
func (r *rig) startHAProxy(ctx context.Context, program string, addresses, binds map[string]string) error {
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
	err = r.process.await(ctx, "open its socket", startupPatience, func() bool {
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
			if r.backends[s].at.String() == row["srv_addr"]+":"+row["srv_port"] {
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
