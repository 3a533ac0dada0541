package plot

import (
	"slices"
	"strings"

	"lbsim/results"
)

// How a database group and its witness are called in marks.
const (
	groupName   = "dag"
	witnessName = "witness"
)

// downOf returns when a host was down or cut off, up to the end of what is shown.
func downOf(v *results.Variant, host string, end float64) (spans []span) {
	since := -1.
	for _, m := range v.Marks {
		switch {
		case m.Actor != host || m.Server != "" || m.Service != "":
		case m.Kind == "fail" && since < 0:
			since = m.At
		case m.Kind == "recover" && since >= 0:
			spans = append(spans, span{since, m.At})
			since = -1
		}
	}
	if since >= 0 {
		spans = append(spans, span{since, end})
	}
	return spans
}

// hostMarks are the events of hosts and of what they have in common.
func hostMarks(v *results.Variant) (marks []results.Mark) {
	for _, m := range shownMarks(v) {
		ours := m.Server == "" && m.Service == "" && !slices.Contains(v.Placement.Members, m.Actor) && m.Actor != groupName && m.Actor != witnessName
		if ours && slices.Contains([]string{"fail", "recover", "out", "back"}, m.Kind) {
			marks = append(marks, m)
		}
	}
	return marks
}

// shownMarks are the events that figures have words for: not those of single virtual
// machines and databases, which are many and follow from others.
func shownMarks(v *results.Variant) []results.Mark {
	if v.Placement == nil {
		return v.Marks
	}
	return slices.DeleteFunc(slices.Clone(v.Marks), func(m results.Mark) bool {
		alone := m.Server == "" && m.Service == ""
		return alone && (m.Kind == "set" || strings.HasPrefix(m.Actor, "vm:") || slices.Contains(v.Placement.Databases, m.Actor))
	})
}
