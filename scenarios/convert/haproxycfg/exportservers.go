package haproxycfg

import (
	"strconv"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
)

// health writes what the section says of its checks.
func (x *exporter) health(s *lb.Service) {
	h := &s.Health
	if h.Kind == lb.HTTPCheck {
		x.line("option httpchk", "GET", "/")
	}
	// By itself the time-out is the interval. Where it is not, it counts from when
	// the server has taken the probe's connection.
	if h.Probes() && h.Kind != lb.AgentCheck && h.Timeout != h.Every {
		x.line("timeout check", timeText(h.Timeout))
	}
}

// defaultServer writes what a service's servers have in common.
func (x *exporter) defaultServer(s *lb.Service) {
	var words []string
	add := func(keyword string, d time.Duration) {
		if d > 0 {
			words = append(words, keyword, timeText(d))
		}
	}
	h := &s.Health
	switch {
	case h.Kind == lb.AgentCheck:
		add("agent-inter", h.Every)
	case h.Probes():
		add("inter", h.Every)
		add("fastinter", h.FastEvery)
		add("downinter", h.DownEvery)
		words = append(words, "rise", strconv.Itoa(h.Rise), "fall", strconv.Itoa(h.Fall))
		if o := h.Observe; o != nil {
			words = append(words, "observe", o.Layer, "error-limit", strconv.Itoa(o.Limit), "on-error", o.OnError)
		}
	}
	add("slowstart", rampTime(s.SlowStart))
	if s.OnDown != lb.Kept && s.OnDown != "" {
		words = append(words, "on-marked-down", "shutdown-sessions")
	}
	if s.OnUp == lb.BackupsCut {
		words = append(words, "on-marked-up", "shutdown-backup-sessions")
	}
	if len(words) > 0 {
		x.line("default-server", words...)
	}
}

// rampTime is how long a slow start lasts, 0 if there is none or its length is not a
// time.
func rampTime(p lb.RampPolicy) time.Duration {
	switch p := p.(type) {
	case *ramp.HAProxy:
		return p.Time
	case *ramp.Linear:
		return p.Time
	case *ramp.Envoy:
		return p.Window
	}
	return 0
}

// agentPort is where an agent is asked; a scenario does not say.
const agentPort = "9999"

func (x *exporter) servers(s *lb.Service) {
	names, scale := taken{}, weightScale(s.Servers)
	port := s.Port
	if port == 0 {
		port = 80
	}
	cookies := setsCookie(s.Persistence)
	for i := range s.Servers {
		m := &s.Servers[i]
		name := names.name(m.Name)
		words := []string{name, x.options.address(m.Name, x.numbers[m.Name], port)}
		if m.Sorry {
			x.line("server", append(words, "backup")...)
			continue
		}
		if weight := scale(m.Weight); weight != 1 {
			words = append(words, "weight", strconv.Itoa(weight))
		}
		if m.MaxConnections > 0 {
			words = append(words, "maxconn", strconv.Itoa(m.MaxConnections))
		}
		switch h := &s.Health; {
		case h.Kind == lb.AgentCheck:
			words = append(words, "agent-check", "agent-port", agentPort)
		case h.Probes():
			words = append(words, "check")
		}
		if m.Backup {
			words = append(words, "backup")
		}
		if cookies {
			words = append(words, "cookie", name)
		}
		if x.joins[m.Name] || x.off[m.Name] {
			words = append(words, "disabled")
		}
		x.line("server", words...)
	}
}

// weightScale returns a function from weights to those that HAProxy may have, which
// end at 256: where one is greater, all are smaller in proportion, but not 0.
func weightScale(members []lb.MemberConfig) func(int) int {
	most := 0
	for i := range members {
		most = max(most, members[i].Weight)
	}
	return func(weight int) int {
		if most <= maxWeight || weight == 0 {
			return weight
		}
		return max(1, (weight*maxWeight+most/2)/most)
	}
}

const maxWeight = 256

// setsCookie reports whether servers need values for a cookie.
func setsCookie(p lb.PersistencePolicy) bool {
	switch p.(type) {
	case *persist.CookieInsert, *persist.CookieOrSourceIP:
		return true
	}
	return false
}
