package lab

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
)

// step is something that the timeline wants done.
type step struct {
	at time.Duration
	do func() error
}

// steps returns what the timeline wants done, in its order.
func (r *rig) steps() (list []step) {
	for i := range r.plan.Config.Timeline {
		a := &r.plan.Config.Timeline[i]
		list = append(list, step{a.At, func() error { return r.carryOut(a) }})
	}
	slices.SortStableFunc(list, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	return list
}

// operate carries out the timeline until the run ends.
func (r *rig) operate(ctx context.Context) {
	s, err := newSleeper(ctx)
	if err != nil {
		r.fail(err)
		return
	}
	defer s.close()
	for _, step := range r.steps() {
		if !s.until(r.instant(step.at)) {
			return
		}
		if err := step.do(); err != nil {
			r.fail(fmt.Errorf("timeline at %v: %w", step.at, err))
			return
		}
	}
}

// carryOut does what an event of the timeline says.
func (r *rig) carryOut(a *models.Action) error {
	for _, path := range slices.Sorted(maps.Keys(a.Set)) {
		if err := r.set(path, a.Set[path]); err != nil {
			return err
		}
	}
	verb, _ := a.Verb()
	for _, name := range a.Targets() {
		var err error
		switch verb {
		case "fail", "recover":
			for _, m := range r.meant(name) {
				if verb == "recover" {
					err = r.recover(m)
				} else {
					err = r.breakDown(m, a.How)
				}
			}
		case "drain":
			err = r.assign(name, "drain", flow.TakenOut, "drains: it gets no new clients")
		case "disable":
			err = r.assign(name, "maint", flow.TakenOut, "is taken out for maintenance")
		case "remove":
			err = r.assign(name, "maint", flow.TakenOut, "is removed")
		case "enable":
			err = r.assign(name, "ready", flow.PutBack, "is put back")
		case "add":
			err = r.assign(name, "ready", flow.PutBack, "is added")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// meant returns what a name of the timeline stands for: a server, whose service is -1
// then, a service of a server, or a service on all its servers.
func (r *rig) meant(name string) (list []serverOf) {
	if s := serverNumber(r.plan, name); s >= 0 {
		return []serverOf{{-1, s}}
	}
	if k := serviceNumber(r.plan, name); k >= 0 {
		for _, s := range r.journal.members[k] {
			list = append(list, serverOf{k, s})
		}
		return list
	}
	server, service, _ := strings.Cut(name, "/")
	return []serverOf{{serviceNumber(r.plan, service), serverNumber(r.plan, server)}}
}

// serviceNumber is that of a name, -1: there is no such service.
func serviceNumber(p *scenarios.Plan, name string) int {
	for i := range p.Config.Balancer.Services {
		if p.Config.Balancer.Services[i].Name == name {
			return i
		}
	}
	return -1
}

// breakDown lets a server fail in a way, in the words of the simulation.
func (r *rig) breakDown(m serverOf, how models.Failure) error {
	b := r.backends[m.server]
	if !b.alive() {
		return nil
	}
	if how == "" && m.service >= 0 {
		how = models.Hang
	}
	switch how {
	case models.Hang:
		what := "hangs: its ports are open, but it answers nothing"
		if m.service >= 0 {
			what = "hangs: its port is open, but it answers nothing"
		}
		r.mark(flow.Failed, m.service, m.server, what)
		b.hang()
	case models.Silent:
		r.mark(flow.Failed, m.service, m.server, "falls silent: nobody is told")
		return b.silence()
	default:
		r.mark(flow.Failed, m.service, m.server, "fails: its connections are reset")
		b.crash()
	}
	return nil
}

// recover lets a server work again.
func (r *rig) recover(m serverOf) error {
	at := r.now()
	restarted, mended, err := r.backends[m.server].recover()
	switch {
	case err != nil || !mended:
		return err
	case restarted && m.service < 0:
		r.journal.note(Mark{at, flow.Recovered, m.service, m.server, "comes back, empty"})
	default:
		r.journal.note(Mark{at, flow.Recovered, m.service, m.server, "works again"})
	}
	return nil
}

// assign tells the balancer what to do with a server, in all services that have it.
func (r *rig) assign(name, state string, kind flow.NoteKind, text string) error {
	s := serverNumber(r.plan, name)
	for i := range r.services {
		called := r.nameOf(i, s)
		if called == "" {
			continue
		}
		at := r.now()
		if err := r.admin.order("set server %s state %s", called, state); err != nil {
			return err
		}
		if kind == flow.PutBack {
			r.journal.putBack(at, i, s, text)
		} else {
			r.journal.note(Mark{at, kind, i, s, text})
		}
	}
	return nil
}

// set changes a weight or a limit of connections.
func (r *rig) set(path string, value int) error {
	service, rest, _ := strings.Cut(strings.TrimPrefix(path, "balancer.services."), ".servers.")
	dot := strings.LastIndexByte(rest, '.')
	k, s := serviceNumber(r.plan, service), serverNumber(r.plan, rest[:max(0, dot)])
	called := r.nameOf(k, s)
	if called == "" {
		return fmt.Errorf("%s is not known", path)
	}
	at := r.now()
	if rest[dot+1:] == "weight" {
		if err := r.admin.order("set server %s weight %d", called, value); err != nil {
			return err
		}
		kind := flow.Adjusted
		switch before := r.weights[serverOf{k, s}]; {
		case value == 0:
			kind = flow.TakenOut
		case before == 0 && !r.journal.isDown(k, s):
			kind = flow.PutBack
		}
		r.journal.note(Mark{at, kind, k, s, fmt.Sprintf("has weight %d instead of %d", value, r.weights[serverOf{k, s}])})
		r.weights[serverOf{k, s}] = value
		return nil
	}
	err := r.admin.order("set maxconn server %s %d", called, value)
	r.journal.note(Mark{at, flow.Adjusted, k, s, fmt.Sprintf("may hold %d connections at a time", value)})
	return err
}
