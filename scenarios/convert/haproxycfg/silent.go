package haproxycfg

import (
	"reflect"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
)

// silent returns what a scenario with HAProxy as its product has where it says nothing
// but the kinds of a service's policies. It is the product's preset, which knows of
// no service.
func silent(s *lb.Service) lb.Service {
	var d lb.Service
	d.SetDefaults()
	d.Drain.SetDefaults()
	d.Scheduler = silentScheduler(s.Scheduler)
	d.Persistence = silentPersistence(s.Persistence)
	d.SlowStart = ramp.None{}
	if _, ok := s.SlowStart.(*ramp.HAProxy); ok {
		d.SlowStart = &ramp.HAProxy{}
	}
	d.Health = silentHealth(&s.Health)
	d.Full, d.OnRemove, d.ConnectTimeout = overflow(d.Scheduler), lb.Refused, 5*time.Second
	if s.Redispatch == 0 { // else the preset has none
		d.Retries = 3
	}
	return d
}

func silentScheduler(p lb.SchedulerPolicy) lb.SchedulerPolicy {
	switch p := fresh(sched.Table, p).(type) {
	case *sched.RoundRobin:
		p.Like = like
		return p
	case *sched.Random:
		p.Choices, p.Replace, p.Like = 2, true, like
		return p
	case *sched.LeastConnections:
		p.Like = like
		return p
	case *sched.SourceHash:
		p.Like = like
		return p
	case *sched.URLHash:
		p.Like = like
		return p
	case *sched.HeaderHash:
		p.Like = like
		return p
	case *sched.Priority:
		p.Like = like
		return p
	default:
		return p
	}
}

func silentPersistence(p lb.PersistencePolicy) lb.PersistencePolicy {
	p = fresh(persist.Table, p)
	if c, ok := p.(*persist.CookieInsert); ok {
		c.Timeout = forever
	}
	if t, ok := tableOf(p); ok {
		*t.timeout = forever
		if t.room != nil { // its clients are in it, not in their cookies
			t.options.TouchDown, t.options.Store = true, "taken"
		}
	}
	return p
}

func silentHealth(h *lb.Health) (d lb.Health) {
	d.SetDefaults()
	if !h.Probes() {
		return d
	}
	d.Timeout, d.Pace, d.Start, d.Pause = h.Every, lb.PaceAfter, lb.StartFailing, true
	if h.Kind == lb.AgentCheck {
		d.Fall, d.Rise = 1, 1
	}
	return d
}

// fresh returns the policy of the same kind with its defaults.
func fresh[P any](table flow.Table[P], p P) P {
	for _, kind := range table {
		if one := kind.New(); reflect.TypeOf(one) == reflect.TypeOf(p) {
			return one
		}
	}
	return p
}
