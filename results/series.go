package results

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// series samples quantities at equal steps of simulated time. The servers of a
// large service are not all sampled: see maxSampled.
type series struct {
	step     time.Duration
	last     sim.Time
	services []serviceSeries
	response timings
	mean     []float64 // response times by step
	p95      []float64
	answered int // since the last sample
	answers  []float64
	placed   *placedSeries // nil without virtual machines and databases
}

type serviceSeries struct {
	members []memberSeries
	opened  int // connections opened up to the last sample, of all members
	total   []float64
}

type memberSeries struct {
	opened      int     // connections up to the last sample
	area        float64 // of connections, at the last sample
	connections []float64
	rate        []float64
	utilization []float64
	busy        float64 // core nanoseconds at the last sample
}

// maxSampled is how many servers of a service have series of their own.
const maxSampled = 64

// maxSteps bounds the number of samples of a run.
const maxSteps = 1200

// steps are the lengths of a step that divide minutes, hours or days.
var steps = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

func newSeries(r *Recorder) *series {
	s := &series{step: stepFor(r.setting.Duration), response: newTimings(2)}
	n := int(r.setting.Duration / s.step)
	samples := func() []float64 { return make([]float64, 0, n) } // so that sampling allocates nothing
	s.mean, s.p95, s.answers = samples(), samples(), samples()
	for _, sv := range r.setting.Services {
		one := serviceSeries{total: samples()}
		for range min(len(sv.Servers), maxSampled) {
			one.members = append(one.members, memberSeries{connections: samples(), rate: samples(), utilization: samples()})
		}
		s.services = append(s.services, one)
	}
	s.placed = newPlacedSeries(r, samples)
	return s
}

// stepFor returns the smallest step that needs at most maxSteps samples.
func stepFor(d time.Duration) time.Duration {
	for _, s := range steps {
		if d <= maxSteps*s {
			return s
		}
	}
	return d / maxSteps
}

func (s *series) responded(d time.Duration) {
	s.response.add(d)
	s.answered++
}

// sample ends a step.
func (s *series) sample(r *Recorder, now sim.Time) {
	span := float64(now - s.last)
	for i := range s.services {
		sv := &s.services[i]
		opened := 0
		for m := range r.services[i].members {
			opened += r.services[i].members[m].opened
		}
		sv.total = append(sv.total, float64(opened-sv.opened)/span*1e9)
		sv.opened = opened
		for m := range sv.members {
			server := r.setting.Services[i].Servers[m]
			sv.members[m].sample(r.services[i].members[m].opened, r.meters.Meter(i, m, now), r.meters.ServerMeter(server, now), span)
		}
	}
	s.mean = append(s.mean, s.response.mean())
	s.p95 = append(s.p95, s.response.quantile(0.95))
	s.answers = append(s.answers, float64(s.answered)/span*1e9)
	s.answered = 0
	s.response.reset()
	s.placed.sample(now, span)
	s.last = now
}

func (m *memberSeries) sample(opened int, c flow.Meter, x flow.ServerMeter, span float64) {
	m.connections = append(m.connections, (c.ConnsArea-m.area)/span)
	m.area = c.ConnsArea
	m.rate = append(m.rate, float64(opened-m.opened)/span*1e9)
	m.opened = opened
	m.utilization = append(m.utilization, (x.BusyArea-m.busy)/span/float64(x.Cores))
	m.busy = x.BusyArea
}

// list returns the series of one replication; Min and Max are left empty.
func (s *series) list(r *Recorder) []Series {
	var out []Series
	add := func(metric, unit, service, server string, v []float64) {
		out = append(out, Series{Metric: metric, Unit: unit, Service: service, Server: server, Step: s.step.Seconds(), Mean: v})
	}
	for i := range s.services {
		name := r.setting.Services[i].Name
		add("new_connections", "1/s", name, "", s.services[i].total)
		for m := range s.services[i].members {
			ms := &s.services[i].members[m]
			server := r.setting.Servers[r.setting.Services[i].Servers[m]]
			add("connections", "", name, server, ms.connections)
			add("new_connections", "1/s", name, server, ms.rate)
			add("utilization", "", name, server, ms.utilization)
		}
	}
	if len(s.services) > 0 {
		add("response_time.mean", "s", "", "", s.mean)
		add("response_time.p95", "s", "", "", s.p95)
		add("answers", "1/s", "", "", s.answers)
	}
	if s.placed != nil {
		s.placed.list(add)
	}
	return out
}

// mergeSeries averages the same series of several replications, step by step,
// over those that have a value there.
func mergeSeries(runs [][]Series) []Series {
	if len(runs) == 0 {
		return nil
	}
	out := make([]Series, len(runs[0]))
	for i, first := range runs[0] {
		m := first
		n := len(first.Mean)
		m.Mean, m.Min, m.Max = make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range n {
			sum, count := 0.0, 0
			low, high := math.Inf(1), math.Inf(-1)
			for _, run := range runs {
				if x := run[i].Mean[k]; !math.IsNaN(x) {
					sum += x
					count++
					low, high = min(low, x), max(high, x)
				}
			}
			m.Mean[k], m.Min[k], m.Max[k] = sum/float64(count), low, high
			if count == 0 {
				m.Mean[k], m.Min[k], m.Max[k] = math.NaN(), math.NaN(), math.NaN()
			}
		}
		out[i] = m
	}
	return out
}
