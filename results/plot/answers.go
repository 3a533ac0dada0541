package plot

import "lbsim/results"

var answersOverTime = Figure{
	Name: "answers-over-time",
	Doc:  "Answers per second, or connections opened where there are no requests, over simulated time, a panel for each variant.",
	Draw: overTime{
		name: "answers-over-time", title: "Answers per second",
		axis:   func(_, high float64) axis { return countAxis("answers per second", 0, high, panelTicks) },
		panels: answerPanels,
		after:  4, // one wants to see whether it stays so
	}.figure,
}

// answerPanels makes a panel for each variant with the answers of all services
// together.
func answerPanels(r *results.Result) (panels []timePanel) {
	for i := range r.Variants {
		v := &r.Variants[i]
		for j := range v.Series {
			if s := &v.Series[j]; s.Metric == "answers" && len(s.Mean) > 0 {
				panels = append(panels, timePanel{
					title: v.Name, marks: shownMarks(v),
					traces: []trace{{series: s, label: "answers in time", tone: focus, width: dataLine}},
				})
			}
		}
	}
	return panels
}
