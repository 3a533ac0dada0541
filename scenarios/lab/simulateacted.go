package lab

import (
	"slices"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
)

// acted returns when each event of a variant's timeline was carried out: at the first
// mark of its kind from when it was to happen on, before what was to happen next; when
// it was to happen, if there is no such mark.
func (o *Observation) acted(p *scenarios.Plan) []time.Duration {
	timeline := p.Config.Timeline
	at := make([]time.Duration, len(timeline))
	for i := range timeline {
		a := &timeline[i]
		at[i] = a.At
		next := p.Scenario.Duration
		for k := range timeline {
			if timeline[k].At > a.At {
				next = min(next, timeline[k].At)
			}
		}
		kinds := kindsOf(a)
		for _, m := range o.Marks {
			if m.At >= a.At && m.At < next && slices.Contains(kinds, m.Kind) {
				at[i] = m.At
				break
			}
		}
	}
	return at
}

// kindsOf are the marks of what an event of the timeline does.
func kindsOf(a *models.Action) []flow.NoteKind {
	switch {
	case a.Fail != "":
		return []flow.NoteKind{flow.Failed}
	case a.Recover != "":
		return []flow.NoteKind{flow.Recovered}
	case a.Drain != "", a.Disable != "", a.Remove != "":
		return []flow.NoteKind{flow.TakenOut}
	case a.Enable != "", a.Add != "":
		return []flow.NoteKind{flow.PutBack, flow.Adjusted}
	}
	return []flow.NoteKind{flow.Adjusted, flow.TakenOut, flow.PutBack}
}
