package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/server"
	"lbsim/scenarios"
)

// longest is how long a run may take, which is what it takes in truth.
const longest = time.Hour

// unsupported returns what of a variant the lab cannot do.
func unsupported(p *scenarios.Plan) []flow.Problem {
	var c flow.Checks
	config := &p.Config
	if productOf(p) == "" {
		c.Add("balancer.product", "the lab has haproxy and nginx, one of them for all services", "write product: haproxy")
	}
	if d := p.Scenario.Duration; d > longest {
		c.Add("duration", fmt.Sprintf("the lab takes as long as that; at most %v", longest), "write a shorter one")
	}
	for _, part := range []struct {
		path  string
		there bool
		text  string
	}{
		{"nlb", config.NLB != nil, "there is no balancer to run"},
		{"cluster", config.Cluster != nil, "the lab has no hosts and virtual machines"},
		{"dag", config.DAG != nil, "the lab has no database group"},
		{"network", config.Network != nil, "nothing is far in the lab: it runs on loopback"},
		{"failures", config.Failures != nil, "in the lab nothing fails by chance"},
		{"balancer.pair", config.Balancer.Pair != nil, "the lab has one balancer"},
		{"balancer.tls", config.Balancer.TLS != nil, "the lab has no TLS"},
	} {
		if part.there {
			c.Add(part.path, part.text, "leave it out")
		}
	}
	for i := range config.Balancer.Services {
		checkService(&c, fmt.Sprintf("balancer.services[%d].", i), p, i)
	}
	for i := range config.Servers {
		checkServer(&c, fmt.Sprintf("servers[%d].", i), &config.Servers[i])
	}
	for i := range config.Traffic {
		t := &config.Traffic[i]
		if t.Mailboxes != nil {
			c.Add(fmt.Sprintf("traffic[%d].mailboxes", i), "the lab has no database group", "leave it out")
		}
		for k := range config.Traffic[:i] {
			if other := &config.Traffic[k]; other.To == t.To && other.Retry.Timeout != t.Retry.Timeout {
				c.Add(fmt.Sprintf("traffic[%d].retry.timeout", i), "in the lab all clients of a service wait equally long", "write the same time-out in "+other.Name)
			}
		}
	}
	for i := range config.Timeline {
		checkAction(&c, fmt.Sprintf("timeline[%d]", i), p, &config.Timeline[i])
	}
	return c
}

func checkService(c *flow.Checks, at string, p *scenarios.Plan, number int) {
	s := &p.Config.Balancer.Services[number]
	if s.Instances > 1 && productOf(p) != nginx {
		c.Add(at+"instances", "the lab has one balancer", "write instances: 1")
	}
	if s.Sorry != "" {
		c.Add(at+"sorry", "the lab's balancers know no sorry server", "leave it out")
	}
	if s.Offload {
		c.Add(at+"offload", "the lab has no TLS", "leave it out")
	}
	switch s.Persistence.(type) {
	case nil, persist.None, *persist.SourceIP, *persist.CookieInsert, *persist.CookieServer, *persist.CookieOrSourceIP,
		*persist.URLHash, *persist.HostHeader, *persist.QueryItem, *persist.Header:
	default:
		c.Add(at+"persistence", "the lab's clients have nothing of that kind to be known by", "write source-ip or cookie-insert")
	}
	if k := s.Health.Kind; k == lb.AgentCheck || k == lb.PingCheck {
		c.Add(at+"health.kind", fmt.Sprintf("the lab's servers are not checked by %s", k), "write tcp or http")
	}
}

func checkServer(c *flow.Checks, at string, s *server.Config) {
	for _, part := range []struct {
		key   string
		there bool
	}{
		{"vm", s.VM != ""}, {"memory", s.Memory != nil}, {"cold", s.Cold != nil}, {"depends", len(s.Depends) > 0},
		{"per_source", s.PerSource != nil}, {"queue_timeout", s.QueueTimeout > 0}, {"abandon", s.Abandon == server.NoticeAbandoned},
	} {
		if part.there {
			c.Add(at+part.key, "the lab's servers do not have that", "leave it out")
		}
	}
}

// checkAction checks that the lab can do what the timeline wants.
func checkAction(c *flow.Checks, at string, p *scenarios.Plan, a *models.Action) {
	verb, _ := a.Verb()
	operator := slices.Contains([]string{"drain", "disable", "enable", "add", "remove"}, verb) || len(a.Set) > 0
	switch {
	case verb == "fail" || verb == "recover":
	case operator && productOf(p) == nginx:
		c.Add(at, "nginx 1.22 does that by reading its configuration anew, and forgets its counts", "let the server fail instead")
	case !operator:
		c.Add(at, "the lab cannot do that", "let servers fail, recover, drain, be disabled and enabled")
	}
	if a.Cold != nil {
		c.Add(at+".cold", "the lab's servers are never cold", "leave it out")
	}
	for _, name := range a.Targets() {
		server, service, isBoth := strings.Cut(name, "/")
		if !isBoth {
			service = name
		}
		isServer := serverNumber(p, server) >= 0
		k := serviceNumber(p, service)
		switch {
		case isServer && !isBoth:
		case operator, k < 0:
			c.Add(at, name+" is no server of the lab", "")
		case sharesServers(p, k):
			c.Add(at, fmt.Sprintf("%s shares servers with another service: in the lab they fail as a whole", service), "name the server")
		}
	}
	for path, value := range a.Set {
		if strings.HasSuffix(path, ".weight") && value > 256 {
			c.Add(at+".set", fmt.Sprintf("%d is more than haproxy's greatest weight, 256", value), "")
		}
	}
}

// sharesServers reports whether a server of a service is in another one, too.
func sharesServers(p *scenarios.Plan, service int) bool {
	mine := membersOf(p, service)
	for i := range p.Config.Balancer.Services {
		if i != service && slices.ContainsFunc(membersOf(p, i), func(s int) bool { return slices.Contains(mine, s) }) {
			return true
		}
	}
	return false
}

// patienceOf is how long a service's clients wait for an answer.
func patienceOf(p *scenarios.Plan, service int) time.Duration {
	name := p.Config.Balancer.Services[service].Name
	for i := range p.Config.Traffic {
		if t := &p.Config.Traffic[i]; t.To == name || t.To == "" {
			return t.Retry.Timeout
		}
	}
	return 0
}
