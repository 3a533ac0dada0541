package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb/persist"
	"lbsim/scenarios"
	"lbsim/scenarios/convert"
)

// rigOptions say with what a rig is built.
type rigOptions struct {
	Program string // path of the balancer's program; "": it is found by its name
}

// rig is a variant of a scenario in reality: servers, the balancer and, during a run,
// clients. It is good for one run.
type rig struct {
	plan     *scenarios.Plan
	product  string
	clock    *clock
	backends []*backend // by number of the server
	services []service
	shared   bool // a server is in more than one of them
	journal  *journal
	syslog   *syslog
	process  *process
	admin    *admin // of haproxy
	folder   string // of the balancer's files, until it has read them
	known    map[string]serverOf
	weights  map[serverOf]int // as the operator has set them last
	// remarks are what of the scenario the balancer's configuration does not say.
	remarks []convert.Remark

	began    atomic.Int64 // when the run did, on clock; -1: not yet
	arrivals []Arrival
	jar      jar
	mu       sync.Mutex // of visits' Taken and Server, and of what follows
	visits   []Visit    // by arrival
	problem  error      // what has gone wrong, the first
	cancel   func(error)
	over     bool // the run: nobody is there any more
	// moved is told when a server has an arrival, or one has ended.
	moved  chan struct{}
	queues bool // connections may wait in the balancer
	// tested is when the balancer first checked the last server, on clock, and every how
	// long it does; 0: it does not, or that is not known.
	tested, every time.Duration
}

// service is where a service is, and how long its clients wait for an answer; 0: for
// ever.
type service struct {
	bind     netip.AddrPort
	host     string // bind as text
	patience time.Duration
}

// serverOf is a server as one service has it; service -1: as a whole.
type serverOf struct{ service, server int }

// newRig starts the servers and the balancer of a variant, unless ctx ends before. Who
// gets no error has to close it.
func newRig(ctx context.Context, p *scenarios.Plan, o rigOptions) (_ *rig, err error) {
	if err := here(); err != nil {
		return nil, err
	}
	if err := flow.Join(unsupported(p)); err != nil {
		return nil, err
	}
	r := &rig{plan: p, product: productOf(p), clock: newClock(), journal: newJournal(p), known: map[string]serverOf{}, weights: map[serverOf]int{}, moved: make(chan struct{}, 1)}
	r.began.Store(-1)
	openFiles() // also for the balancer
	hurry()
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.syslog, err = hear(r.told); err != nil {
		return nil, err
	}
	if err := r.startServers(); err != nil {
		return nil, err
	}
	if r.folder, err = os.MkdirTemp("", "lbsim-lab-"); err != nil {
		return nil, err
	}
	const attempts = 3 // as others may take the ports that are chosen
	for n := 1; ; n++ {
		if err = r.startBalancer(ctx, o.Program); err == nil || n == attempts || ctx.Err() != nil {
			break
		}
		if r.process != nil {
			err = errors.Join(err, r.process.stop())
			r.process = nil
		}
	}
	if err != nil {
		return nil, err
	}
	return r, os.RemoveAll(r.folder)
}

// startServers opens the servers' ports.
func (r *rig) startServers() error {
	services := r.plan.Config.Balancer.Services
	uses := make([]int, len(r.plan.Config.Servers))
	for i := range services {
		r.services = append(r.services, service{patience: patienceOf(r.plan, i)})
		for _, s := range r.journal.members[i] {
			uses[s]++
			r.shared = r.shared || uses[s] > 1
		}
	}
	for i := range r.plan.Config.Servers {
		b, err := newBackend(&r.plan.Config.Servers[i], i, r.clock)
		if err != nil {
			return err
		}
		b.took = r.took
		r.backends = append(r.backends, b)
	}
	for i := range services {
		_, session := services[i].Persistence.(*persist.CookieServer)
		for _, m := range services[i].Servers {
			if s := serverNumber(r.plan, m.Name); s >= 0 {
				r.backends[s].check, r.weights[serverOf{i, s}] = services[i].Health.Demand, m.Weight
				r.backends[s].session = r.backends[s].session || session
				r.queues = r.queues || m.MaxConnections > 0
			}
		}
	}
	return nil
}

// Close ends all that the rig has started. It may be called again.
func (r *rig) Close() (err error) {
	relax()
	if r.admin != nil {
		r.admin.close()
	}
	if r.process != nil {
		err = r.process.stop()
	}
	for _, b := range r.backends {
		b.close()
	}
	if r.syslog != nil {
		r.syslog.close()
	}
	if r.folder != "" {
		err = errors.Join(err, os.RemoveAll(r.folder))
	}
	r.admin, r.process, r.backends, r.syslog = nil, nil, nil, nil
	return err
}

// now is the time of the run, 0 before it begins.
func (r *rig) now() time.Duration {
	if began := r.began.Load(); began >= 0 {
		return r.clock.now() - time.Duration(began)
	}
	return 0
}

// instant is a time of the run as the system has it.
func (r *rig) instant(at time.Duration) time.Time {
	return r.clock.at(time.Duration(r.began.Load()) + at)
}

// path is that of one of the balancer's files.
func (r *rig) path(name string) string { return filepath.Join(r.folder, name) }

// mark enters what happens now.
func (r *rig) mark(kind flow.NoteKind, service, server int, text string) {
	r.journal.note(Mark{r.now(), kind, service, server, text})
}

// fail ends the run, as something has gone wrong that says nothing of the balancer.
func (r *rig) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.problem == nil {
		r.problem = err
		if r.cancel != nil {
			r.cancel(err)
		}
	}
}

// check reports what of the arrivals the rig cannot let happen.
func (r *rig) check(arrivals []Arrival) error {
	for i := range arrivals {
		a := &arrivals[i]
		switch {
		case a.Service < 0 || a.Service >= len(r.services):
			return fmt.Errorf("arrival %d: there is no service %d", i, a.Service)
		case i > 0 && a.At < arrivals[i-1].At:
			return fmt.Errorf("arrival %d comes before the one before it", i)
		case a.Source.IsValid() && !a.Source.IsLoopback():
			return fmt.Errorf("arrival %d: %s is no address of 127.0.0.0/8", i, a.Source)
		case !a.Request && r.plan.Config.Balancer.Services[a.Service].Mode == modeHTTP:
			return fmt.Errorf("arrival %d: a connection that carries no request says nothing to a balancer in mode http", i)
		}
	}
	return r.checkFiles(arrivals)
}
