package sample

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/results"
)

// Placed is a result of three hosts with four machines, three of which are members
// of a database group and of a class, or of none: the first host fails at 2 and is
// back at 10 minutes. There is no traffic.
func Placed() *results.Result {
	r := &results.Result{
		Scenario: "dag-hosts", Version: "0.1.0", Seed: 1, Replications: 1, Duration: 1200, Source: "name: dag-hosts\n", Command: "lbsim run dag-hosts",
		About: "What does a host take down with it?",
	}
	r.Variants = []results.Variant{placedVariant("with class", true), placedVariant("without", false)}
	compareWithFirst(r.Variants)
	r.Comparisons = results.Compare(r.Variants)
	return r
}

func placedVariant(name string, apart bool) results.Variant {
	names := results.Names{
		Hosts: []string{"hv1", "hv2", "hv3"}, VMs: []string{"ex1", "ex2", "ex3", "dc1"}, Classes: make([][]string, 4),
		Members: []string{"ex1", "ex2", "ex3"}, Databases: []string{"db1", "db2"},
	}
	p := &results.Placement{Names: names}
	at := []int{0, 0, 1, 2}
	if apart {
		at = []int{0, 1, 2, 0}
		for v := range 3 {
			p.Classes[v] = []string{"PRODEX"}
		}
	}
	v := results.Variant{Name: name, Fingerprint: uint64(len(name)), Events: 100, Placement: p}
	mark := func(at float64, kind, actor, text string) {
		v.Marks = append(v.Marks, results.Mark{At: at, Kind: kind, Actor: actor, Text: text})
	}
	mark(120, "fail", "hv1", "fails")
	lost := 0.
	for vm, host := range at {
		stay := func(host int, is flow.Condition, from, to float64) {
			p.Stays = append(p.Stays, results.Stay{VM: vm, Host: host, Is: is, From: from, To: to})
		}
		m := []results.Metric{single("availability", "", 1), single("downtime", "s", 0), single("failovers", "", 0), single("migrations", "", 0)}
		if host == 0 {
			to := 1 + vm%2
			stay(0, flow.Serving, 0, 120)
			stay(0, flow.Stopped, 120, 130)
			stay(-1, flow.Pending, 130, 145)
			stay(to, flow.Booting, 145, 205)
			stay(to, flow.Serving, 205, 600)
			stay(to, flow.Moving, 600, 616.5)
			stay(0, flow.Serving, 616.5, 1200)
			mark(120, "fail", "vm:"+names.VMs[vm], "is down")
			mark(145, "set", "vm:"+names.VMs[vm], fmt.Sprintf("starts on hv%d (normal)", to+1))
			mark(205, "recover", "vm:"+names.VMs[vm], fmt.Sprintf("is online on hv%d", to+1))
			m = []results.Metric{single("availability", "", 1115./1200), single("downtime", "s", 85), single("failovers", "", 1), single("migrations", "", 1)}
			lost++
		} else {
			stay(host, flow.Serving, 0, 1200)
		}
		v.VMs = append(v.VMs, results.Part{Name: names.VMs[vm], Metrics: m})
	}
	mark(600, "recover", "hv1", "is up")
	mount := func(database, member int, from, to float64) {
		p.Mounts = append(p.Mounts, results.Mount{Database: database, Member: member, From: from, To: to})
	}
	mount(0, 0, 0, 120)
	mount(0, -1, 120, 153)
	mount(0, 2, 153, 1200)
	mount(1, 2, 0, 1200)
	v.Databases = []results.Part{
		{Name: "db1", Metrics: results.Metrics{single("availability", "", 1167./1200), single("downtime", "s", 33), single("failovers", "", 1)}},
		{Name: "db2", Metrics: results.Metrics{single("availability", "", 1), single("downtime", "s", 0), single("failovers", "", 0)}},
	}
	v.Metrics = results.Metrics{
		single("availability", "", 1), single("members_up.mean", "", 3-lost*85/1200), single("hosts_up.mean", "", 2.6), single("failovers", "", lost),
		single("databases.downtime", "s", 33),
	}
	hosts := steps("hosts_up", func(t float64) float64 { return 3 - between(t, 120, 600) })
	up := steps("vms_up", func(t float64) float64 { return 4 - lost*between(t, 120, 205) })
	v.Series = []results.Series{hosts, up}
	if apart {
		v.Classes = []results.Part{{Name: "PRODEX", Metrics: results.Metrics{
			single("availability", "", 1), single("downtime", "s", 0), single("members_up.mean", "", 3-85./1200), single("members_up.at_least.3", "", 1115./1200), single("colocated_time", "s", 471.5),
		}}}
		v.Metrics = append(v.Metrics, single("colocated_time", "s", 471.5))
		v.Series = append(v.Series, steps("classes.PRODEX.members_up", func(t float64) float64 { return 3 - between(t, 120, 205) }))
	}
	return v
}

// between is 1 from one time to another, else 0.
func between(t, from, to float64) float64 {
	if t >= from && t < to {
		return 1
	}
	return 0
}

func single(name, unit string, x float64) results.Metric {
	return results.Metric{Name: name, Values: []float64{x}, Estimate: results.EstimateOf([]float64{x}, unit)}
}

func steps(metric string, f func(t float64) float64) results.Series {
	s := results.Series{Metric: metric, Step: 5}
	for t := 0.; t < 1200; t += s.Step {
		s.Mean = append(s.Mean, f(t))
	}
	s.Min, s.Max = s.Mean, s.Mean
	return s
}
