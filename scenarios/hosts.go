package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/nlb"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// windowsNLB is the product that has no balancer: its services are port rules.
const windowsNLB = "windows-nlb"

// hosts reports whether there is no balancer, and hosts decide by themselves.
func (s *Scenario) hosts() bool { return s.Balancer.Product == windowsNLB }

// completeHosts gives a cluster without a balancer its settings and a rule for
// every service, and leaves of the services what port rules have: nothing else is
// read, and a variant of another product may need it.
func (s *Scenario) completeHosts() {
	var c nlb.Config
	if c.SetDefaults(); s.NLB != nil {
		c = *s.NLB
	}
	if c.Rules = maps.Clone(c.Rules); c.Rules == nil {
		c.Rules = map[string]nlb.Rule{}
	}
	s.NLB = &c
	s.Balancer.Source.SetDefaults()
	services := slices.Clone(s.Balancer.Services)
	for i := range services {
		services[i] = portRule(&s.Balancer.Services[i])
		if name := services[i].Name; name != "" {
			c.Rules[name] = c.RuleOf(name)
		}
	}
	s.Balancer.Services = services
}

// portRule returns a service with what a port rule has of it.
func portRule(s *lb.Service) lb.Service {
	var out lb.Service
	strict.SetDefaults(&out)
	out.Name, out.Product, out.Port = s.Name, s.Product, s.Port
	out.Health.Kind = lb.NoCheck
	for i := range s.Servers {
		var m lb.MemberConfig
		m.SetDefaults()
		m.Name, m.Weight, m.Priority = s.Servers[i].Name, s.Servers[i].Weight, s.Servers[i].Priority
		out.Servers = append(out.Servers, m)
	}
	return out
}

// ruled are the keys of a service, and of its servers, that a port rule has.
var ruled = []string{"name", "product", "port", "servers", "weight", "priority"}

// unread reports whether a path leads to something of a service that hosts without
// a balancer do not read.
func unread(path string) bool {
	rest, ok := strings.CutPrefix(path, "balancer.")
	if !ok {
		return false
	}
	key, rest, within := strings.Cut(rest, ".")
	switch base, _, _ := strings.Cut(key, "["); {
	case base == "product", base == "services" && !within:
		return false
	case base != "services":
		return true
	}
	if key, rest, _ = strings.Cut(rest, "."); strings.HasPrefix(key, "servers[") && rest != "" {
		key, _, _ = strings.Cut(rest, ".")
	}
	base, _, _ := strings.Cut(key, "[")
	return !slices.Contains(ruled, base)
}

// checkHosts reports what cannot be in a cluster without a balancer.
func (l *loader) checkHosts(doc *strict.Document, p *Plan) {
	services := p.Scenario.Balancer.Services
	for i := range services {
		at := fmt.Sprintf("balancer.services[%d].product", i)
		switch own := services[i].Product; {
		case p.Scenario.hosts() && own != "" && own != windowsNLB:
			l.bad(doc, at, fmt.Sprintf("Windows NLB has no balancer, and this service has %s", own), "write one product for all services")
		case !p.Scenario.hosts() && own == windowsNLB:
			l.bad(doc, at, "Windows NLB takes the place of the whole balancer", "write balancer: {product: windows-nlb}")
		}
	}
}

// warnHosts reports what hosts without a balancer do not read, and more of them
// than they should be.
func (l *loader) warnHosts(doc *strict.Document, c *census) {
	hosts := map[string]bool{}
	for i := range c.Config.Balancer.Services {
		for _, m := range c.Config.Balancer.Services[i].Servers {
			hosts[m.Name] = true
		}
	}
	if n := len(hosts); n > nlb.FewHosts {
		l.warning(doc, "balancer.product", fmt.Sprintf("%d hosts are more than the %d that Windows NLB should have", n, nlb.FewHosts),
			fmt.Sprintf("%d are possible; each host gets all packets and the heartbeats of all others", nlb.MaxHosts))
	}
	if l.product != windowsNLB {
		l.warning(doc, "balancer.services", "of its services Windows NLB reads the names and the servers only: scheduler, persistence, checks and the rest are for other variants",
			"the section nlb has what there is instead")
		return
	}
	if keys := l.surplus(doc, "balancer", &c.Scenario.Balancer); len(keys) > 0 {
		l.warning(doc, "balancer."+keys[0], "Windows NLB does not read "+strings.Join(keys, ", ")+": there is no balancer", "")
	}
	for i := range c.Scenario.Balancer.Services {
		s := &c.Scenario.Balancer.Services[i]
		at := fmt.Sprintf("balancer.services[%d]", i)
		if keys := l.surplus(doc, at, s); len(keys) > 0 {
			l.warning(doc, at+"."+keys[0], fmt.Sprintf("Windows NLB does not read %s of service %s", strings.Join(keys, ", "), s.Name),
				fmt.Sprintf("nlb.rules.%s maps addresses to hosts; there are no checks of services, no limits, no slow start", s.Name))
		}
	}
}

// surplus lists the keys at a path that are written there, are not read, and do
// not say what holds anyway.
func (l *loader) surplus(doc *strict.Document, at string, holds any) (keys []string) {
	n, written := strict.EncodeNode(holds, Policies)
	if written != nil || doc.Lookup(at) == nil {
		return nil
	}
	for key, value := range doc.Lookup(at).Entries() {
		text, _ := key.Text()
		if same := n.Field(text); unread(at+"."+text) && (same == nil || !same.Equal(value)) {
			keys = append(keys, text)
		}
		if text != "servers" {
			continue
		}
		for i, server := range value.Elements() {
			for key := range server.Entries() {
				text, _ := key.Text()
				if path := fmt.Sprintf("%s.servers[%d].%s", at, i, text); unread(path) && !slices.Contains(keys, "servers."+text) && !l.idle(doc, path) {
					keys = append(keys, "servers."+text)
				}
			}
		}
	}
	return keys
}

// idle reports whether the value at a path of a server asks for nothing.
func (l *loader) idle(doc *strict.Document, path string) bool {
	text := word(doc, path)
	return text == "0" || text == "false"
}

// warnUnread reports settings of a cluster that no variant has.
func (l *loader) warnUnread(doc *strict.Document, f *File) {
	of := func(p Plan) bool { return p.Config.NLB != nil }
	if doc.Lookup("nlb") != nil && !slices.ContainsFunc(f.Variants, of) {
		l.warning(doc, "nlb", "nothing reads this: the product is not windows-nlb", "write balancer: {product: windows-nlb}, or leave nlb out")
	}
}

// fillHosts puts the values of a product that has no balancer where the document
// is silent: those under nlb, and of its rules those of every service.
func (p *preset) fillHosts(own *product.Product) {
	for i := range own.Values {
		v := &own.Values[i]
		rest, each := strings.CutPrefix(v.Path, "nlb.rules[]")
		switch {
		case !ofHosts(v):
		case !each:
			p.fillAt(own, v, v.Path)
		default:
			for k := range services(p.doc) {
				if name := word(p.doc, fmt.Sprintf("balancer.services[%d].name", k)); name != "" && !strings.ContainsAny(name, ".[]=") {
					p.fillAt(own, v, "nlb.rules."+name+rest)
				}
			}
		}
	}
}

func (p *preset) fillAt(own *product.Product, v *product.Value, path string) {
	if n := p.doc.Fill(path, p.values[v]); n != nil && p.note != nil {
		p.note(own, v, n)
	}
}

// ofHosts reports whether a value is that of a cluster without a balancer.
func ofHosts(v *product.Value) bool { return strings.HasPrefix(v.Path, "nlb.") }

// Persists reports whether the variant keeps the clients of one of its services on
// servers.
func (p *Plan) Persists(s *lb.Service) bool {
	if p.Config.NLB != nil {
		return p.Config.NLB.Keeps(s.Name)
	}
	return s.Persistence != nil && s.Persistence != (persist.None{})
}

// heartbeats estimates the events of hosts without a balancer in a replication.
func (c *census) heartbeats() float64 {
	if c.Config.NLB == nil || c.Config.NLB.Heartbeat <= 0 {
		return 0
	}
	return float64(min(len(c.Config.Servers), nlb.MaxHosts)) * c.seconds / c.Config.NLB.Heartbeat.Seconds()
}

// hostsOf gives a configuration the settings of a cluster, if the scenario has
// one.
func (s *Scenario) hostsOf(c *models.Config) {
	if s.hosts() {
		c.NLB = s.NLB
	}
}
