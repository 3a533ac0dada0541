package plot

import (
	"slices"
	"strings"

	"lbsim/results"
)

var membersOverTime = Figure{
	Name: "members-over-time",
	Doc:  "How many servers of each service, virtual machines of each class and hosts are up over simulated time, a panel for each variant.",
	Draw: overTime{
		name: "members-over-time", title: "Members up",
		axis:   func(_, high float64) axis { return countAxis("members up", 1, high, panelTicks) },
		panels: memberPanels,
	}.figure,
}

// membersMost is how many services and classes have lines.
const membersMost = 6

// memberPanels makes a panel for each variant with hosts or classes. A class whose
// machines are the servers of a service has no line beside that of the service.
func memberPanels(r *results.Result) (panels []timePanel) {
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Placement == nil {
			continue
		}
		p := timePanel{title: v.Name, marks: hostMarks(v)}
		for j := range v.Series {
			s := &v.Series[j]
			class, ofClass := strings.CutPrefix(s.Metric, "classes.")
			class, up := strings.CutSuffix(class, ".members_up")
			switch {
			case len(p.traces) > membersMost || len(s.Mean) == 0:
			case ofClass && up && isService(v, s):
			case s.Metric == "hosts_up":
				p.traces = append(p.traces, trace{series: s, label: "hosts", tone: calm[5], width: 2 * dataLine})
			case ofClass && up:
				p.traces = append(p.traces, trace{series: s, label: "class " + class, tone: calm[len(p.traces)%5], width: dataLine})
			case s.Metric == "members_up":
				p.traces = append(p.traces, trace{series: s, label: "service " + s.Service, tone: focus, width: dataLine})
			case s.Metric == "vms_up" && len(v.Classes)+len(v.Services) == 0:
				p.traces = append(p.traces, trace{series: s, label: "virtual machines", tone: calm[0], width: dataLine})
			}
		}
		if len(p.traces) > 0 {
			panels = append(panels, p)
		}
	}
	return panels
}

// isService reports whether a service has as many members up as a class, always.
func isService(v *results.Variant, class *results.Series) bool {
	return slices.ContainsFunc(v.Series, func(s results.Series) bool {
		return s.Metric == "members_up" && slices.Equal(s.Mean, class.Mean)
	})
}
