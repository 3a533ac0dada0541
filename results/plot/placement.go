package plot

import (
	"slices"

	"lbsim/results"
)

var placement = Figure{
	Name: "placement",
	Doc:  "Which host has which virtual machine over simulated time, a lane for each host, a chart for each variant; of large clusters, how many hosts and machines are up.",
	Draw: drawPlacement,
}

// noHost is the name of the lane of machines that no host has.
const noHost = "no host"

func drawPlacement(r *results.Result) (*Picture, error) {
	shown := newLaneVariants(r, func(p *results.Placement) bool { return len(p.Stays) > 0 }, hostMarks)
	if len(shown.list) == 0 {
		return hostsOverTime.figure(r)
	}
	var gantts []*gantt
	var legend []entry
	together := false
	for k, v := range shown.list {
		g, entries := placementOf(v, shown.in)
		g.title, g.events = v.Name, shown.events[k]
		for _, e := range entries {
			legend = explain(legend, e)
		}
		together = together || slices.ContainsFunc(g.lanes, func(l lane) bool { return len(l.marked) > 0 })
		gantts = append(gantts, g)
	}
	if slices.ContainsFunc(gantts, (*gantt).hasNoHost) { // lanes of all charts begin at one line then
		for _, g := range gantts {
			if !g.hasNoHost() {
				g.lanes = append(g.lanes, lane{name: noHost})
			}
		}
	}
	legend = append(legend, entry{text: "host is down", tone: rule})
	if together {
		legend = append(legend, entry{text: "machines of one class on one host", tone: focus, width: focusLine})
	}
	note := "Filled: the machine answers; pale: it migrates; hatched: it boots; dashed: it does not answer."
	return shown.picture("placement", "Virtual machines on their hosts", note, r, legend, gantts)
}

// hasNoHost reports whether a chart has a lane for machines that no host has.
func (g *gantt) hasNoHost() bool { return g.lanes[len(g.lanes)-1].name == noHost }
