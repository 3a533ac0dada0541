package plot

import (
	"fmt"

	"lbsim/results"
)

// chartsMost is how many variants a picture of lanes shows.
const chartsMost = 8

// laneVariants are the variants that a picture of lanes shows.
type laneVariants struct {
	list   []*results.Variant
	events []eventLines // of each
	in     span         // the time that is shown of all
	left   int          // how many more variants have something to show
}

// newLaneVariants finds the first variants that have something to show, and the time
// around the marks of these.
func newLaneVariants(r *results.Result, has func(*results.Placement) bool, marks func(*results.Variant) []results.Mark) (s laneVariants) {
	var panels []timePanel
	for i := range r.Variants {
		v := &r.Variants[i]
		switch {
		case v.Placement == nil || !has(v.Placement):
		case len(s.list) == chartsMost:
			s.left++
		default:
			s.list = append(s.list, v)
			panels = append(panels, timePanel{marks: marks(v)})
		}
	}
	s.in = overTime{}.shownSpan(r, panels)
	for _, p := range panels {
		s.events = append(s.events, eventsOf(p.marks, s.in))
	}
	return s
}

// picture makes a picture of a gantt for each variant of the list.
func (s *laneVariants) picture(name, title, note string, r *results.Result, legend []entry, gantts []*gantt) (*Picture, error) {
	in := s.in
	chart, worded := newChart(in, gantts)
	if r.Replications > 1 {
		note = "The first replication. " + note
	}
	if in.from > 0 || in.to < r.Duration {
		note += fmt.Sprintf(" Shown: %s to %s of %s.", results.ShortClock(in.from), results.ShortClock(in.to), results.ShortClock(r.Duration))
	}
	if !worded {
		note += " The timeline names the events that have no words here."
	}
	if s.left > 0 {
		note += fmt.Sprintf(" %d more variants are left out.", s.left)
	}
	return newPicture(name, title, note, legend, chart.height(), chart.draw), nil
}
