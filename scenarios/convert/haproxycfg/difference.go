package haproxycfg

import (
	"fmt"
	"strings"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// compare reads what was written and tells what has become of the scenario's values
// on the way.
func (x *exporter) compare() {
	r := reader{file: "haproxy.cfg"}
	list, err := r.configuration(x.Bytes())
	if err != nil {
		panic("haproxycfg: what was written cannot be read: " + err.Error())
	}
	services := x.config.Balancer.Services
	if len(list) != len(services) {
		panic(fmt.Sprintf("haproxycfg: %d services were written and %d read", len(services), len(list)))
	}
	x.balancer(list)
	for i := range services {
		x.compareService(&services[i], list[i])
	}
}

// balancer tells what of the balancer as a whole is not written.
func (x *exporter) balancer(list []*service) {
	b := &x.config.Balancer
	if b.Pair != nil {
		x.remark("balancer.pair", "a second HAProxy takes over by means of others, as keepalived; peers tell it of tables")
	}
	if b.TLS != nil {
		x.remark("balancer.tls", "handshakes need a certificate, which a scenario does not have")
	}
	switch {
	case b.Source.Kind == lb.Transparent && x.options.Lab != nil:
		x.remark("balancer.source", "servers see HAProxy's address: to have clients' takes routes that lead answers back")
	case b.Source.Kind != lb.SNAT:
	case b.Source.Addresses > 1:
		x.remark("balancer.source.addresses", "is %d, and HAProxy has the address that the system gives it", b.Source.Addresses)
	case b.Source.Ports != linuxPorts:
		x.remark("balancer.source.ports", "is %d, and Linux gives HAProxy %d: net.ipv4.ip_local_port_range says how many", b.Source.Ports, linuxPorts)
	case b.Source.Rest != linuxRest:
		x.remark("balancer.source.rest", "is %s, and in Linux %s", timeText(b.Source.Rest), timeText(linuxRest))
	}
}

// What Linux has of ports: 32768 to 60999, each of which rests a minute in TIME_WAIT.
const (
	linuxPorts = 28232
	linuxRest  = time.Minute
)

// compareService tells what has become of one service.
func (x *exporter) compareService(want *lb.Service, have *service) {
	at := "balancer.services." + want.Name
	if have.Name != want.Name {
		x.remark(at, "is called %s", have.Name)
	}
	if _, bound := x.options.Binds[want.Name]; !bound && have.Port != want.Port {
		x.remark(at+".port", "listens at port %d", have.Port)
	}
	if p := want.Product; p != "" && p != "haproxy" {
		x.remark(at+".product", "is %s, and HAProxy does it in its own way", p)
	}
	plain := *want
	plain.Servers, plain.Scheduler = nil, canonical(want.Scheduler)
	got := have.Service
	got.Servers = nil
	was, is := valuesOf(&plain), valuesOf(&got)
	other := map[string]bool{} // sections of another kind
	for _, l := range was.list {
		section, rest, _ := strings.Cut(l.Path, ".")
		switch now, known := is.text[l.Path]; {
		case other[section] || ignored[l.Path] || now == l.Text:
		case section == "health" && idle(&want.Health, rest):
		case rest == "kind":
			other[section] = true
			x.remark(at+"."+section, "is %s in the scenario and %s in HAProxy", l.Text, now)
		case strings.HasSuffix(l.Path, "scheduler.like") || strings.HasSuffix(l.Path, "within.like"):
			x.remark(at+"."+l.Path, "is %s, and HAProxy breaks ties and keeps turns in its own way", l.Text)
		case !known:
			x.remark(at+"."+l.Path, "is %s, and HAProxy has nothing like it", l.Text)
		default:
			x.remark(at+"."+l.Path, "is %s in the scenario and %s in HAProxy", l.Text, now)
		}
	}
	for _, l := range is.list {
		section, _, _ := strings.Cut(l.Path, ".")
		if _, known := was.text[l.Path]; !known && !other[section] {
			x.remark(at+"."+l.Path, "is not set in the scenario and %s in HAProxy", l.Text)
		}
	}
	x.compareServers(at, want, have)
}

// idle reports whether a value means nothing for this kind of health check.
func idle(h *lb.Health, key string) bool {
	switch key {
	case "max_fails", "fail_timeout":
		return h.Kind != lb.Passive
	case "every", "timeout", "fall", "rise":
		return !h.Probes()
	}
	return false
}

// ignored are values that are compared otherwise.
var ignored = map[string]bool{"name": true, "port": true, "product": true, "sorry": true}

func (x *exporter) compareServers(at string, want *lb.Service, have *service) {
	for i := range want.Servers {
		w, h := &want.Servers[i], &have.Servers[i]
		at := at + ".servers." + w.Name
		if w.Sorry {
			x.remark(at, "stands by like others: what it answers counts as served")
			continue
		}
		if h.Name != w.Name {
			x.remark(at, "is called %s", h.Name)
		}
		if h.Weight != w.Weight {
			x.remark(at+".weight", "is %d in the scenario and %d in HAProxy, where weights end at %d", w.Weight, h.Weight, maxWeight)
		}
		if h.MaxConnections != w.MaxConnections {
			x.remark(at+".max_connections", "is %d in the scenario and %d in HAProxy", w.MaxConnections, h.MaxConnections)
		}
		if w.Priority != 0 {
			x.remark(at+".priority", "is %d, and HAProxy knows backup servers only", w.Priority)
		}
		if x.joins[w.Name] {
			x.remark(at, "is disabled at first: enable it when the timeline adds it")
		}
	}
}

// canonical is a scheduler in the form in which it would be read.
func canonical(p lb.SchedulerPolicy) lb.SchedulerPolicy {
	switch p := p.(type) {
	case *sched.Priority:
		one := *p
		one.Within = canonical(p.Within)
		return &one
	case *sched.TwoChoices:
		if family(p.Like) == like {
			two := randomOf(2)
			two.EnvoySchedule = p.EnvoySchedule
			return two
		}
	case *sched.Random:
		one := *p
		one.Choices, one.Like = max(1, p.Choices), family(p.Like)
		if one.Choices == 1 {
			one.Replace = true // the only draw
		}
		return &one
	case *sched.SourceHash:
		one := *p
		if one.Hash == "" || one.Hash == defaultHash(one.Table, "address", "avalanche") {
			one.Hash = "default"
		}
		return &one
	case *sched.URLHash:
		one := *p
		if one.Hash == "" || one.Hash == defaultHash(one.Table, "sdbm", "sdbm-avalanche") {
			one.Hash = "default"
		}
		return &one
	case *sched.HeaderHash:
		one := *p
		if one.Hash == "" || one.Hash == defaultHash(one.Table, "sdbm", "sdbm-avalanche") {
			one.Hash = "default"
		}
		return &one
	}
	return p
}

// defaultHash is the hash that goes with a table.
func defaultHash(table, ofMap, ofRing string) string {
	switch table {
	case "map":
		return ofMap
	case "ring":
		return ofRing
	}
	return ""
}

// family is a product without the release that may stand behind it.
func family(product string) string {
	if strings.HasPrefix(product, like+"-") {
		return like
	}
	return product
}
