package models

import (
	"fmt"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Breakdowns are what fails by chance beside a cluster's hosts and machines: each
// server, each service of a server and each balancer has a process of its own. The
// word typical stands for TypicalBreakdowns.
type Breakdowns struct {
	Server           *Breakdown       `yaml:"server,omitempty" doc:"of each server: its programs, on a machine that runs on"`
	Service          *Breakdown       `yaml:"service,omitempty" doc:"of each service of each server"`
	Balancer         *cluster.Process `yaml:"balancer,omitempty" doc:"of the balancer, where its software fails by itself of the device; of a pair, of each of the two"`
	BalancerSoftware *cluster.Process `yaml:"balancer_software,omitempty" doc:"of the balancer's software: a fault that a restart ends; of a pair, of each of the two"`
}

// TypicalBreakdowns returns what a scenario may assume that knows no better. A
// balancer's device fails once in five years, as one in five does in a year (Gill,
// Jain and Nagappan, SIGCOMM 2011), and is replaced in 4 h; its software once a
// year, for 2 min; a server's system once a year, to be rebooted in 10 min. All but
// the one in five are assumptions. Servers on virtual machines fail with these and
// their hosts, too, if the cluster's failures are typical.
func TypicalBreakdowns() *Breakdowns {
	const year = 8760 * time.Hour
	return &Breakdowns{
		Server:           &Breakdown{Process: cluster.Process{MTBF: year, MTTR: 10 * time.Minute}},
		Balancer:         &cluster.Process{MTBF: 5 * year, MTTR: 4 * time.Hour},
		BalancerSoftware: &cluster.Process{MTBF: year, MTTR: 2 * time.Minute},
	}
}

// FromScalar lets the word typical stand for TypicalBreakdowns.
func (b *Breakdowns) FromScalar(text string) error {
	if err := cluster.CheckTypical(text); err != nil {
		return err
	}
	*b = *TypicalBreakdowns()
	return nil
}

// ScalarPattern describes the word.
func (Breakdowns) ScalarPattern() string { return "^" + cluster.TypicalName + "$" }

// Breakdown is when something fails, how, and how long it is down.
type Breakdown struct {
	cluster.Process `yaml:",inline"`
	// How is the way in which it fails; "" is crash for a server and hang for a
	// service.
	How Failure `yaml:"how,omitempty" doc:"crash, silent or hang, as in the timeline; left out: crash for a server, hang for a service"`
}

// Validate checks the process, and that servers and services fail so.
func (b *Breakdown) Validate() []flow.Problem {
	problems := b.Process.Validate()
	if b.How != "" {
		problems = append(problems, flow.OneOf("how", b.How, string(Crash), string(Silent), string(Hang))...)
	}
	return problems
}

// checkBreakdowns returns what cannot fail in this world.
func (r *resolved) checkBreakdowns() (problems []flow.Problem) {
	f := r.Failures
	if f == nil {
		return nil
	}
	if r.NLB != nil && (f.Balancer != nil || f.BalancerSoftware != nil) {
		path := "failures.balancer"
		if f.Balancer == nil {
			path = "failures.balancer_software"
		}
		problems = append(problems, flow.Problem{
			Path: path, Text: "there is no balancer: Windows NLB's hosts do without one", Hint: "let servers fail",
		})
	}
	if f.Service != nil && f.Service.How == Silent {
		problems = append(problems, flow.Problem{
			Path: "failures.service.how", Text: "a service cannot be silent while its server answers", Hint: "write hang or crash",
		})
	}
	return problems
}

// breakdowns are the processes of a world's servers, services and balancers.
type breakdowns struct {
	w       *World
	renewal *cluster.Renewal
	actions []action // by component: what it is, as the timeline would name it
}

// breakDown draws the first failures, if anything fails by chance.
func (w *World) breakDown() {
	f := w.config.Failures
	if f == nil {
		return
	}
	b := &breakdowns{w: w}
	b.renewal = cluster.NewRenewal(w.engine, "failures", b.apply)
	if f.Server != nil {
		for s := range w.config.Servers {
			b.actions = append(b.actions, action{how: f.Server.How, server: int32(s), service: -1})
		}
		b.renewal.Add(&f.Server.Process, len(w.config.Servers), func(i int) string { return "server/" + w.config.Servers[i].Name })
	}
	if f.Service != nil {
		first := len(b.actions)
		for k := range w.config.Balancer.Services {
			for _, m := range w.config.Balancer.Services[k].Servers {
				b.actions = append(b.actions, action{how: f.Service.How, of: aService, server: m.Server, service: k})
			}
		}
		b.renewal.Add(&f.Service.Process, len(b.actions)-first, func(i int) string {
			a := &b.actions[first+i]
			return "service/" + w.config.Servers[a.server].Name + "/" + w.config.Balancer.Services[a.service].Name
		})
	}
	b.addBalancers(f.Balancer, "balancer")
	b.addBalancers(f.BalancerSoftware, "balancer-software")
}

// addBalancers lets each balancer fail by a process, unless that is nil.
func (b *breakdowns) addBalancers(p *cluster.Process, word string) {
	if p == nil {
		return
	}
	n := b.w.outage.units()
	for u := range n {
		b.actions = append(b.actions, action{of: theBalancer, number: u, server: flow.NoServer, service: -1})
	}
	b.renewal.Add(p, n, func(i int) string { return fmt.Sprintf("%s/%d", word, i+1) })
}

// apply fails a component, or repairs it, and reports whether that changes
// anything.
func (b *breakdowns) apply(i int, fail bool) bool {
	w, a := b.w, &b.actions[i]
	switch {
	case a.of == theBalancer && fail:
		return w.loseBalancer(a.number, false)
	case a.of == theBalancer:
		w.regainBalancer(a.number)
	case fail && (!w.alive(a.server) || w.troubled(a.server, a.service)):
		return false
	case fail:
		w.fail(a.server, a.service, a)
		w.settle()
		w.reviewGroup(cluster.Lost)
	default:
		w.repair(a.server, a.service, a)
		w.settle()
		w.reviewGroup(cluster.Lost)
	}
	return true
}

// troubled reports whether a service of a server has failed already, or any of them
// if that is -1.
func (w *World) troubled(s int32, service int) bool {
	for k := range w.config.Balancer.Services {
		if (service < 0 || k == service) && w.servers.Troubled(s, k) {
			return true
		}
	}
	return false
}
