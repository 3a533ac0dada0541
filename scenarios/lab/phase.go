package lab

import (
	"context"
	"time"
)

// awaitCheck waits until HAProxy has checked the last server of the first service that
// has checks. It spreads the first checks of the servers over an interval, in their
// order (start_checks in src/check.c), and tells of each what its last check said. A
// check by TCP cannot be seen at the server, as HAProxy ends it before the handshake
// does.
func (r *rig) awaitCheck(ctx context.Context) error {
	const longest = 30 * time.Second // between checks, else nobody waits for one
	service, last := r.lastChecked()
	if service < 0 {
		return nil
	}
	h := &r.plan.Config.Balancer.Services[service].Health
	if h.Every > longest {
		return nil
	}
	const untested = "0" // CHK_RES_UNKNOWN
	waited := false
	for end := time.Now().Add(h.Every + time.Second); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		answer, err := r.admin.ask("show servers state")
		if err != nil {
			return err
		}
		now := r.clock.now()
		for _, row := range table(answer) {
			if r.known[row["be_name"]+"/"+row["srv_name"]] != (serverOf{service, last}) {
				continue
			}
			if row["srv_check_result"] == untested {
				waited = true
				continue
			}
			if waited {
				r.tested, r.every = now, h.Every
			}
			return nil // it may have been checked before one looked
		}
	}
	return nil
}

// beginning returns when the run is to begin: at once, or where the balancer checks
// its servers with such a check, as the first simulated check of the last server is a
// whole interval after the beginning. How long a failure goes unnoticed depends on
// that. Under nginx, which leaves servers out for whole seconds by the time of day, it
// begins with one, as simulated runs do.
func (r *rig) beginning() time.Duration {
	now := r.clock.now()
	switch {
	case r.product == nginx:
		return now + time.Second - time.Duration(r.clock.at(now).Nanosecond())
	case r.every == 0:
		return now
	}
	late := (now - r.tested) % r.every
	return now + r.every - late
}

// lastChecked is the first service with checks and the last of its servers; the
// service is -1 if there is none.
func (r *rig) lastChecked() (service, server int) {
	for i := range r.services {
		members := r.journal.members[i]
		if r.product == haproxy && r.plan.Config.Balancer.Services[i].Health.Probes() && len(members) > 0 {
			return i, members[len(members)-1]
		}
	}
	return -1, -1
}
