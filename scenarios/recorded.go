package scenarios

import (
	"time"

	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// replays reports whether the scenario replays recorded traffic.
func (s *Scenario) replays() bool {
	for i := range s.Traffic {
		t := &s.Traffic[i]
		if _, log := t.Arrivals.(*traffic.Replay); log || t.Trace != "" {
			return true
		}
	}
	return false
}

// recordedDuration fills in a duration that was left out: the time of the last
// recorded arrival, rounded up to the next whole minute. It reports whether it
// did.
func (l *loader) recordedDuration(doc *strict.Document, s *Scenario, mistakes strict.Diagnostics) bool {
	if s.Duration != 0 || !s.replays() {
		return false
	}
	// What is wrong with the records is reported when the variants read them.
	silent := loader{files: l.files}
	e := expander{loader: &silent, doc: doc, scenario: s, unread: mistakes}
	var last time.Duration
	for _, site := range e.expand().Sites {
		if v := site.Visits; v != nil && len(v.List) > 0 {
			last = max(last, time.Duration(v.List[len(v.List)-1].At))
		}
	}
	s.Duration = last.Truncate(time.Minute) + time.Minute
	if s.Warmup.Time >= s.Duration {
		l.bad(doc, "warmup", strict.FormatDuration(s.Warmup.Time)+" leaves nothing of the recorded time ("+strict.FormatDuration(s.Duration)+") to measure", "")
	}
	return true
}
