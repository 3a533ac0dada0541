package results

import (
	"time"

	"lbsim/sim"
)

// placedSeries samples how many hosts, virtual machines and servers work and how
// many databases each member has mounted: means over the steps. Of many classes
// and services only the first maxSampled are sampled.
type placedSeries struct{ all []*areaSeries }

// areaSeries samples the integral of a number over time.
type areaSeries struct {
	metric, service string
	area            func(now sim.Time) float64 // in nanoseconds
	last            float64
	values          []float64
}

func newPlacedSeries(r *Recorder, samples func() []float64) *placedSeries {
	if r.placed == nil {
		return nil
	}
	s := &placedSeries{}
	add := func(metric, service string, area func(now sim.Time) float64) {
		s.all = append(s.all, &areaSeries{metric: metric, service: service, area: area, values: samples()})
	}
	m, now := r.placed, r.engine.Now()
	if m.ClusterMeter(now).Hosts > 0 {
		add("hosts_up", "", func(now sim.Time) float64 { return m.ClusterMeter(now).HostsUp })
	}
	if h := r.history; h != nil && len(h.VMs) > 0 {
		add("vms_up", "", h.answering.Value)
	}
	for k := range min(m.Classes(), maxSampled) {
		add("classes."+m.ClassMeter(k, now).Name+".members_up", "", func(now sim.Time) float64 { return areaOf(m.ClassMeter(k, now).Up) })
	}
	for i := range r.setting.Services[:min(len(r.setting.Services), maxSampled)] {
		add("members_up", r.setting.Services[i].Name, func(now sim.Time) float64 { return areaOf(m.ServiceMeter(i, now).Up) })
	}
	if h := r.history; h != nil {
		for i, member := range h.Members {
			add("members."+member+".databases", "", h.active[i].Value)
		}
	}
	return s
}

// areaOf is the integral of a number that had each value, from 0 on, for so long.
func areaOf(times []time.Duration) (sum float64) {
	for k, d := range times {
		sum += float64(float64(k) * float64(d))
	}
	return sum
}

// sample ends a step.
func (s *placedSeries) sample(now sim.Time, span float64) {
	if s == nil {
		return
	}
	for _, x := range s.all {
		area := x.area(now)
		x.values = append(x.values, (area-x.last)/span)
		x.last = area
	}
}

// list passes all series on.
func (s *placedSeries) list(add func(metric, unit, service, server string, v []float64)) {
	for _, x := range s.all {
		add(x.metric, "", x.service, "", x.values)
	}
}
