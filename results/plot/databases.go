package plot

import (
	"slices"
	"strings"

	"lbsim/results"
)

var databasesOverTime = Figure{
	Name: "databases-over-time",
	Doc:  "Which member has which database mounted over simulated time, a lane for each database, a chart for each variant; of many databases, how many each member has.",
	Draw: drawDatabases,
}

func drawDatabases(r *results.Result) (*Picture, error) {
	shown := newLaneVariants(r, func(p *results.Placement) bool { return len(p.Mounts) > 0 }, groupMarks)
	if len(shown.list) == 0 {
		return mountedOverTime.figure(r)
	}
	var gantts []*gantt
	var legend []entry
	for k, v := range shown.list {
		p := v.Placement
		g := &gantt{title: v.Name, lanes: make([]lane, len(p.Databases)), events: shown.events[k]}
		for d, name := range p.Databases {
			g.lanes[d] = lane{name: name, rows: 1}
		}
		for i, name := range p.Members {
			legend = explain(legend, entry{text: name, tone: memberTone(i)})
		}
		for _, m := range p.Mounts {
			b := bar{span: span{m.From, m.To}, tone: focus, look: outlined}
			if m.Member >= 0 {
				b.tone, b.look, b.text = memberTone(m.Member), filled, p.Members[m.Member]
			}
			g.lanes[m.Database].bars = append(g.lanes[m.Database].bars, b)
		}
		gantts = append(gantts, g)
	}
	legend = append(legend, entry{text: "not mounted", tone: focus, width: dataLine})
	return shown.picture("databases-over-time", "Databases on the members that have them mounted", "", r, legend, gantts)
}

func memberTone(member int) tone { return calm[member%len(calm)] }

// groupMarks are the events that matter to databases: of servers, without which
// those of hosts, and of the group.
func groupMarks(v *results.Variant) (marks []results.Mark) {
	for _, m := range shownMarks(v) {
		above := m.Server == "" && m.Actor != groupName && m.Actor != witnessName && len(v.Services) > 0
		if m.Service == "" && !above && slices.Contains([]string{"fail", "recover"}, m.Kind) {
			marks = append(marks, m)
		}
	}
	return marks
}

// mountedOverTime shows the databases of members that are too many for lanes.
var mountedOverTime = overTime{
	name: "databases-over-time", title: "Databases mounted on each member",
	axis: func(_, high float64) axis { return countAxis("databases mounted", 1, high, panelTicks) },
	panels: func(r *results.Result) (panels []timePanel) {
		for i := range r.Variants {
			v := &r.Variants[i]
			if v.Placement == nil || len(v.Placement.Databases) == 0 {
				continue
			}
			p := timePanel{title: v.Name, marks: groupMarks(v)}
			for j := range v.Series {
				s := &v.Series[j]
				name, ok := strings.CutPrefix(s.Metric, "members.")
				if name, of := strings.CutSuffix(name, ".databases"); ok && of {
					p.traces = append(p.traces, trace{series: s, label: name, tone: memberTone(len(p.traces)), width: dataLine})
				}
			}
			panels = append(panels, p)
		}
		return panels
	},
}
