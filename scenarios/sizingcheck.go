package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// checkSizing checks what the section sizing refers to.
func (l *loader) checkSizing(doc *strict.Document, s *Scenario, unread strict.Diagnostics) {
	z := s.Sizing
	if z == nil {
		return
	}
	l.checkCounted(doc, s)
	names := map[string]bool{}
	for i := range z.Candidates {
		x, at := &z.Candidates[i], fmt.Sprintf("sizing.candidates[%d]", i)
		if names[x.Name] && x.Name != "" {
			l.bad(doc, at+".name", fmt.Sprintf("candidate %q exists already", x.Name), "each candidate needs a name of its own")
		}
		names[x.Name] = true
		for path := range x.Set.Entries() {
			text, _ := path.Text()
			if key, _, _ := strings.Cut(text, "."); slices.Contains(common, key) || key == "timeline" {
				l.found = append(l.found, path.Position().Diagnostic(strict.Error, key+" is the same for all candidates", "set it at the top of the file"))
			}
		}
	}
	for i := range z.Objectives {
		at := fmt.Sprintf("sizing.objectives[%d]", i)
		l.checkMetric(doc, at, z.Objectives[i].expectation(), unread)
		if slices.ContainsFunc(z.Objectives[:i], func(o Objective) bool { return o.Metric == z.Objectives[i].Metric }) {
			l.bad(doc, at, fmt.Sprintf("%s has an objective already", z.Objectives[i].Metric), "")
		}
	}
	if n := len(z.Between); n == 2 && s.Duration > 0 && z.Between[1] > s.Duration {
		l.bad(doc, "sizing.between", fmt.Sprintf("%s is after the end (%s)", strict.FormatDuration(z.Between[1]), strict.FormatDuration(s.Duration)), "")
	}
	if s.recorded() && z.Growth != nil {
		l.bad(doc, "sizing.growth", "recorded traffic is what it is and cannot grow", "leave growth out, or write arrivals: {kind: poisson, rate: ...}")
	}
}

// checkCounted checks the servers that are counted.
func (l *loader) checkCounted(doc *strict.Document, s *Scenario) {
	i := s.counted()
	switch {
	case len(s.Servers) == 0:
		return // reported
	case i < 0 && s.Sizing.Servers == "":
		l.bad(doc, "sizing", "which servers are counted?", `write servers: "node[1-4]" in sizing, as the list servers names them`)
		return
	case i < 0:
		var patterns []string
		for k := range s.Servers {
			if s.Servers[k].Names != "" {
				patterns = append(patterns, s.Servers[k].Names)
			}
		}
		hint := "no element of the list servers has names: write - {names: \"node[1-4]\"}"
		if len(patterns) > 0 {
			hint = "patterns there are " + quoteAll(patterns)
		}
		l.bad(doc, "sizing.servers", fmt.Sprintf("%q is no pattern of the list servers", s.Sizing.Servers), hint)
		return
	}
	sv := &s.Servers[i]
	if _, err := strict.Resize(sv.Names, 1); err != nil {
		l.found = append(l.found, doc.Mistake(fmt.Sprintf("servers[%d].names", i), err))
	}
	switch {
	case s.Sizing.Survive.Hosts == 0:
	case s.Cluster == nil:
		l.bad(doc, "sizing.survive.hosts", "there are no hosts", "write a section cluster with hosts and vms, or survive: {servers: 1}")
	case sv.VM == "":
		l.bad(doc, "sizing.survive.hosts", fmt.Sprintf("the servers %s are on no host", sv.Names), "write vm: same at the servers, or survive: {servers: 1}")
	}
}

// counted is the number of the element of the list servers that sizing counts, -1 if
// there is none.
func (s *Scenario) counted() int {
	found, n := -1, 0
	for i := range s.Servers {
		switch names := s.Servers[i].Names; {
		case names == "":
		case names == s.Sizing.Servers:
			return i
		case s.Sizing.Servers == "":
			found, n = i, n+1
		}
	}
	if n != 1 {
		return -1
	}
	return found
}

// recorded reports whether some traffic is replayed from a log or a trace.
func (s *Scenario) recorded() bool {
	return slices.ContainsFunc(s.Traffic, func(t traffic.Stream) bool {
		_, replay := t.Arrivals.(*traffic.Replay)
		return replay || t.Trace != ""
	})
}

// Measured is the time that is measured of a case in normal operation: what Between
// says; or the highest peak of the traffic, while it is at its height; or else all
// after the warm-up.
func (s *Scenario) Measured() (from, to time.Duration) {
	if z := s.Sizing; len(z.Between) == 2 {
		return z.Between[0], z.Between[1]
	}
	var peak *traffic.Peak
	for i := range s.Traffic {
		if p := s.Traffic[i].Peak; p != nil && p.Factor > 1 && (peak == nil || p.Factor > peak.Factor) {
			peak = p
		}
	}
	if peak == nil {
		return s.Warmup.Time, s.Duration
	}
	return peak.At + peak.Ramp, min(s.Duration, peak.At+peak.For-peak.Ramp)
}

// CaseTimes are when a case in normal operation begins to be measured, and when it ends.
func (s *Scenario) CaseTimes() (from, to time.Duration) {
	from, to = s.Measured()
	return from - s.skipped(), to - s.skipped()
}

// skipped is how much of the start of the scenario its cases leave out: what is neither
// measured nor warm-up, as nothing happens then but traffic that goes on evenly. Peaks
// come that much earlier.
func (s *Scenario) skipped() time.Duration {
	from, _ := s.Measured()
	skipped := max(0, from-s.Warmup.Time)
	for i := range s.Traffic {
		t := &s.Traffic[i]
		if _, profile := t.Arrivals.(*traffic.Profile); profile || s.recorded() {
			return 0 // their times are those of the run
		}
		if t.Peak != nil {
			skipped = min(skipped, t.Peak.At)
		}
	}
	return skipped
}
