package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Config describes a balancer.
type Config struct {
	Services []Service `yaml:"services" doc:"virtual services"`
}

// Service is one virtual service: an address and port that clients connect to.
type Service struct {
	Name        string            `yaml:"name" doc:"name of the service"`
	Port        int               `yaml:"port" doc:"TCP port, for output only"`
	Scheduler   SchedulerPolicy   `yaml:"scheduler" doc:"how a server is picked for a connection"`
	Persistence PersistencePolicy `yaml:"persistence" doc:"how a client is kept on its server"`
	SlowStart   RampPolicy        `yaml:"slow_start" doc:"how a returning server is spared"`
	Health      Health            `yaml:"health" doc:"how the balancer finds out that a server is up or down"`
	// Queue is how many connections may wait when every usable server is at
	// its connection limit; Unlimited for no limit.
	Queue   int            `yaml:"queue" doc:"connections that may wait when all servers are at max_connections; -1: no limit"`
	Servers []MemberConfig `yaml:"servers" doc:"servers of the service"`
}

// Unlimited is the Queue of a service that turns no connection away for being
// full.
const Unlimited = -1

// MemberConfig is a server as one service uses it.
type MemberConfig struct {
	Name           string `yaml:"name" doc:"name of a server, or of several as in ex[1-4]"`
	Weight         int    `yaml:"weight" doc:"share of the load relative to the others, 0 to 65535; 0: no new connections"`
	MaxConnections int    `yaml:"max_connections" doc:"connections it is given at a time; 0: no limit"`
	Server         int32  `yaml:"-"` // number of the server, set when the world is built
}

// SetDefaults makes it a member of weight 1 without a connection limit.
func (m *MemberConfig) SetDefaults() { m.Weight = 1 }

// FromScalar lets a name alone stand for a member.
func (m *MemberConfig) FromScalar(name string) error {
	m.Name = name
	return nil
}

// Validate checks the member's own fields.
func (m *MemberConfig) Validate() []flow.Problem {
	var ps []flow.Problem
	if m.Name == "" {
		ps = append(ps, flow.Problem{Path: "name", Text: "the server has no name"})
	}
	if m.Weight < 0 || m.Weight > 65535 {
		ps = append(ps, flow.Problem{Path: "weight", Text: fmt.Sprintf("%d is not between 0 and 65535", m.Weight)})
	}
	if m.MaxConnections < 0 {
		ps = append(ps, flow.Problem{Path: "max_connections", Text: fmt.Sprintf("%d is negative", m.MaxConnections),
			Hint: "0 means no limit"})
	}
	return ps
}

// SetDefaults makes it a service whose connections may wait without limit.
func (s *Service) SetDefaults() { s.Queue = Unlimited }

// Validate checks the service's own fields.
func (s *Service) Validate() []flow.Problem {
	var ps []flow.Problem
	if s.Name == "" {
		ps = append(ps, flow.Problem{Path: "name", Text: "the service has no name"})
	}
	if s.Port < 0 || s.Port > 65535 {
		ps = append(ps, flow.Problem{Path: "port", Text: fmt.Sprintf("%d is not a TCP port (0 to 65535)", s.Port)})
	}
	if s.Queue < Unlimited {
		ps = append(ps, flow.Problem{Path: "queue", Text: fmt.Sprintf("%d is negative", s.Queue), Hint: "-1 means no limit"})
	}
	if len(s.Servers) == 0 {
		ps = append(ps, flow.Problem{Path: "servers", Text: "the service has no servers"})
	}
	return ps
}

// Health is how a balancer probes the servers of a service.
type Health struct {
	// Kind is none (every server counts as up for ever) or tcp (connect to the
	// server's port).
	Kind HealthKind `yaml:"kind" doc:"none or tcp (connect to the port)"`
	// Every is the time between the starts of two probes of a server.
	Every time.Duration `yaml:"every" doc:"time between two probes of a server"`
	// Timeout is how long a probe waits for a server that does not answer.
	Timeout time.Duration `yaml:"timeout" doc:"how long a probe waits for an answer"`
	// Fall and Rise are how many probes in a row change the balancer's mind.
	Fall int `yaml:"fall" doc:"failed probes in a row that take a server out"`
	Rise int `yaml:"rise" doc:"good probes in a row that put a server back"`
}

// HealthKind is a kind of health check.
type HealthKind string

// The kinds of health checks.
const (
	NoCheck  HealthKind = "none"
	TCPCheck HealthKind = "tcp"
)

// HealthKinds lists the kinds with their documentation.
var HealthKinds = flow.Table[HealthKind]{
	{Name: "none", Doc: "no probes: every server counts as up for ever", New: func() HealthKind { return NoCheck }},
	{Name: "tcp", Doc: "connect to the server's port", New: func() HealthKind { return TCPCheck }},
}

// SetDefaults makes it a TCP check with the intervals and counts that HAProxy
// uses when none are given: every 2 s, 3 failures, 2 successes.
func (h *Health) SetDefaults() {
	*h = Health{Kind: TCPCheck, Every: 2 * time.Second, Timeout: 2 * time.Second, Fall: 3, Rise: 2}
}

// FromScalar lets a kind alone stand for a health check.
func (h *Health) FromScalar(kind string) error {
	h.Kind = HealthKind(kind)
	return nil
}

// Validate checks the health check's own fields.
func (h *Health) Validate() []flow.Problem {
	if h.Kind == NoCheck {
		return nil
	}
	if h.Kind != TCPCheck {
		return []flow.Problem{{Path: "kind", Text: fmt.Sprintf("%q is not one of none, tcp", h.Kind)}}
	}
	var ps []flow.Problem
	if h.Every < time.Millisecond {
		ps = append(ps, flow.Problem{Path: "every", Text: fmt.Sprintf("%v is less than 1ms", h.Every)})
	}
	if h.Timeout <= 0 {
		ps = append(ps, flow.Problem{Path: "timeout", Text: "must be more than 0"})
	}
	if h.Fall < 1 {
		ps = append(ps, flow.Problem{Path: "fall", Text: fmt.Sprintf("%d is less than 1", h.Fall)})
	}
	if h.Rise < 1 {
		ps = append(ps, flow.Problem{Path: "rise", Text: fmt.Sprintf("%d is less than 1", h.Rise)})
	}
	return ps
}
