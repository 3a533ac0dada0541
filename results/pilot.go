package results

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A Pilot observes how many requests and connections there are from the start of a
// run on, to find out how long the start-up lasts. It implements flow.Observer.
type Pilot struct {
	engine *sim.Engine
	span   time.Duration
	sample sim.Port[uint32]
	counts [2]pilotCount // requests, connections
}

type pilotCount struct {
	now    int
	area   flow.Area
	before float64 // the area up to the last sample
	means  []float64
}

// pilotSamples is how many samples a Pilot takes: 200 batches for MSER5.
const pilotSamples = 1000

// NewPilot returns an observer of a span of time from the start, of which each
// thousandth is a sample.
func NewPilot(span time.Duration) *Pilot { return &Pilot{span: span} }

// Attach connects the pilot to the world's engine, before the world runs.
func (p *Pilot) Attach(e *sim.Engine) {
	p.engine = e
	for i := range p.counts {
		p.counts[i].means = make([]float64, 0, pilotSamples)
	}
	p.sample = sim.Bind(e, "results/pilot", sim.Observe, p.onSample)
	p.sample.At(p.end(1), 1)
}

// end is when a sample, counted from 1, ends.
func (p *Pilot) end(i uint32) sim.Time {
	n := time.Duration(i)
	return sim.Time(p.span/pilotSamples*n + p.span%pilotSamples*n/pilotSamples)
}

func (p *Pilot) onSample(i uint32) {
	now := p.engine.Now()
	for k := range p.counts {
		c := &p.counts[k]
		area := c.area.Value(now)
		c.means = append(c.means, (area-c.before)/float64(now-p.end(i-1)))
		c.before = area
	}
	if i < pilotSamples {
		p.sample.At(p.end(i+1), i+1)
	}
}

func (c *pilotCount) add(by int, now sim.Time) {
	c.now += by
	c.area.Set(float64(c.now), now)
}

// Assigned implements flow.Observer.
func (p *Pilot) Assigned(_ flow.ConnID, _ *flow.Conn, o flow.Outcome, now sim.Time) {
	if o == flow.Accepted {
		p.counts[1].add(+1, now)
	}
}

// Closed implements flow.Observer.
func (p *Pilot) Closed(_ flow.ConnID, _ *flow.Conn, _ flow.Outcome, now sim.Time) {
	p.counts[1].add(-1, now)
}

// Arrived implements flow.Observer.
func (p *Pilot) Arrived(_ *flow.Request, now sim.Time) { p.counts[0].add(+1, now) }

// Finished implements flow.Observer.
func (p *Pilot) Finished(_ *flow.Request, _ flow.Outcome, now sim.Time) { p.counts[0].add(-1, now) }

// Opened implements flow.Observer.
func (p *Pilot) Opened(flow.ConnID, *flow.Conn, sim.Time) {}

// Noted implements flow.Observer.
func (p *Pilot) Noted(flow.Note) {}

// StartOf returns how long the start-up of a world lasts, by runs of it over the
// same span: the longer of what MSER5 finds in the number of requests under way and
// in that of connections, each averaged over the runs. over is false if the end was
// not found within half of the span.
func StartOf(pilots []*Pilot) (length time.Duration, over bool) {
	over = true
	for k := range pilots[0].counts {
		mean := slices.Clone(pilots[0].counts[k].means)
		for _, p := range pilots[1:] {
			for i, x := range p.counts[k].means {
				mean[i] += x
			}
		}
		t := MSER5(mean)
		length = max(length, time.Duration(pilots[0].end(uint32(t.Observations))))
		over = over && !t.Edge
	}
	return length, over
}
