package plot

import "lbsim/results"

var responseTimeOverTime = Figure{
	Name: "response-time-over-time",
	Doc:  "Mean and 95th percentile of the response time over simulated time, a panel for each variant.",
	Draw: overTime{
		name: "response-time-over-time", title: "Response time",
		axis:   func(low, high float64) axis { return secondsAxis("response time", low, high, panelTicks) },
		panels: responsePanels,
	}.figure,
}

// responsePanels makes a panel for each variant with response times of all
// requests together.
func responsePanels(r *results.Result) (panels []timePanel) {
	lines := []trace{
		{label: "mean", tone: calm[0], width: dataLine},
		{label: "95th percentile", tone: focus, width: dataLine},
	}
	for i := range r.Variants {
		v := &r.Variants[i]
		p := timePanel{title: v.Name, marks: shownMarks(v)}
		for k, metric := range [...]string{"response_time.mean", "response_time.p95"} {
			for j := range v.Series {
				if s := &v.Series[j]; s.Metric == metric && s.Server == "" && s.Service == "" && len(s.Mean) > 0 {
					t := lines[k]
					t.series = s
					p.traces = append(p.traces, t)
				}
			}
		}
		if len(p.traces) > 0 {
			panels = append(panels, p)
		}
	}
	return panels
}
