package lab

import (
	"cmp"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/scenarios/experiment"
	"lbsim/sim"
)

// occurrence is something that was seen: a mark, or what became of a visit.
type occurrence struct {
	at    time.Duration
	what  happening
	index int // of the mark or the visit
}

// happening orders what was seen at the same instant, as simulated worlds do: first
// what breaks, then what ends, then what begins.
type happening uint8

const (
	marked happening = iota
	ended
	began
	taken
)

// playback returns the run that a recorder makes of what was observed in a
// repetition, as it makes one of a simulated world. The visits must be in order.
func (r *replay) playback(o *Observation, repetition int) *results.Run {
	p := &r.file.Variants[repetition]
	e := sim.New(p.Scenario.Seed, uint64(repetition))
	rec := results.NewRecorder(experiment.Setting(r.file, repetition))
	s := newScene(p, o, e, rec)
	rec.Attach(e, s)
	list := o.occurrences(p.Scenario.Duration)
	var next sim.Port[uint32]
	next = sim.Bind(e, "lab/next", sim.Arrive, func(i uint32) {
		s.play(list[i])
		if i++; int(i) < len(list) {
			next.At(sim.Time(list[i].at), i)
		}
	})
	if len(list) > 0 {
		next.At(sim.Time(list[0].at), 0)
	}
	e.Run(sim.Time(p.Scenario.Duration))
	run := rec.Finish()
	v := p.Config.Sites[0].Visits
	run.Assignments = rec.Assignments(v.Addrs, func(c flow.ClientID) string { return v.Clients[c] })
	return run
}

// occurrences lists what was seen up to the end of the run, in order.
func (o *Observation) occurrences(end time.Duration) (list []occurrence) {
	add := func(at time.Duration, what happening, index int) {
		if at = max(at, 0); at <= end {
			list = append(list, occurrence{at, what, index})
		}
	}
	for i := range o.Marks {
		add(o.Marks[i].At, marked, i)
	}
	for i := range o.Visits {
		v := &o.Visits[i]
		add(v.Began, began, i)
		since := v.Began
		if v.wasTaken() {
			since = v.taken()
			add(since, taken, i)
		}
		if v.Outcome != flow.Accepted && v.Ended > since { // else it ends with what it begins with
			add(v.Ended, ended, i)
		}
	}
	slices.SortStableFunc(list, func(a, b occurrence) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.what, b.what))
	})
	return list
}

// wasTaken reports whether a server had what came.
func (v *Visit) wasTaken() bool { return v.Server != int(flow.NoServer) }

// taken is when a server had it. Client and server have read their clocks each for
// itself.
func (v *Visit) taken() time.Duration { return max(v.Began, v.Taken) }

// isOver reports whether a visit is over as soon as its server has it, or it began.
func (v *Visit) isOver() bool {
	since := v.Began
	if v.wasTaken() {
		since = v.taken()
	}
	return v.Outcome != flow.Accepted && v.Ended <= since
}
