package plot

import (
	"fmt"
	"math"
	"slices"

	"lbsim/results"
)

// With more servers than serversMost, a panel shows their mean and range, and
// the lines of those that events are about.
const (
	serversMost = 8
	focusMost   = 3
)

// serverPanels makes a panel for each variant and service that has this
// quantity by server.
func serverPanels(r *results.Result, metric string) (panels []timePanel) {
	palette := newPalette(r)
	for i := range r.Variants {
		v := &r.Variants[i]
		for k := range v.Services {
			service := &v.Services[k]
			var list []*results.Series
			for j := range v.Series {
				if s := &v.Series[j]; s.Metric == metric && s.Service == service.Name && s.Server != "" && len(s.Mean) > 0 {
					list = append(list, s)
				}
			}
			if len(list) == 0 {
				continue
			}
			p := timePanel{title: v.Name, marks: marksOf(v, service)}
			if len(v.Services) > 1 {
				p.title += ": " + service.Name
			}
			if len(list) <= serversMost {
				p.traces = palette.each(list)
			} else {
				rest, focused := palette.split(list)
				p.traces = append([]trace{spread(rest, len(service.Servers))}, palette.each(focused)...)
			}
			panels = append(panels, p)
		}
	}
	return panels
}

// marksOf returns the events that matter to a service.
func marksOf(v *results.Variant, service *results.Service) (marks []results.Mark) {
	for _, m := range shownMarks(v) {
		ours := m.Server == "" || slices.ContainsFunc(service.Servers, func(s results.Server) bool { return s.Name == m.Server })
		if m.Service == service.Name || m.Service == "" && ours {
			marks = append(marks, m)
		}
	}
	return marks
}

// A palette gives each server its tone, the same in all panels. Servers that
// events are about are in focus.
type palette struct {
	tones map[string]tone
	next  int
	focus []string
}

func newPalette(r *results.Result) *palette {
	p := &palette{tones: map[string]tone{}}
	for i := range r.Variants {
		for _, m := range r.Variants[i].Marks {
			if m.Server != "" && !slices.Contains(p.focus, m.Server) {
				p.focus = append(p.focus, m.Server)
			}
		}
	}
	if len(p.focus) > 0 {
		p.tones[p.focus[0]] = focus
	}
	return p
}

func (p *palette) of(server string) tone {
	t, ok := p.tones[server]
	if !ok {
		t = calm[p.next%len(calm)]
		p.next++
		p.tones[server] = t
	}
	return t
}

// each traces every server; those in focus come last, on top.
func (p *palette) each(list []*results.Series) []trace {
	var calmly, focused []trace
	for _, s := range list {
		t := trace{series: s, label: s.Server, tone: p.of(s.Server), width: dataLine}
		if slices.Contains(p.focus, s.Server) {
			t.width = focusLine
			focused = append(focused, t)
			continue
		}
		calmly = append(calmly, t)
	}
	return append(calmly, focused...)
}

// split separates the first few servers in focus from the rest.
func (p *palette) split(list []*results.Series) (rest, focused []*results.Series) {
	for _, s := range list {
		if slices.Contains(p.focus[:min(len(p.focus), focusMost)], s.Server) {
			focused = append(focused, s)
		} else {
			rest = append(rest, s)
		}
	}
	return rest, focused
}

// spread traces the mean over servers, with a band from the lowest to the
// highest of them. Of very many servers only some have series.
func spread(list []*results.Series, servers int) trace {
	sum := *list[0]
	n := len(sum.Mean)
	sum.Mean, sum.Min, sum.Max = make([]float64, n), make([]float64, n), make([]float64, n)
	for k := range n {
		total, count, low, high := 0.0, 0, math.NaN(), math.NaN()
		for _, s := range list {
			if k >= len(s.Mean) || math.IsNaN(s.Mean[k]) {
				continue
			}
			v := s.Mean[k]
			if count == 0 {
				low, high = v, v
			}
			total += v
			count++
			low, high = min(low, v), max(high, v)
		}
		sum.Mean[k], sum.Min[k], sum.Max[k] = total/float64(count), low, high
	}
	label := fmt.Sprintf("mean of %d of the %s servers, band from lowest to highest", len(list), results.Plain.Human(float64(servers)))
	return trace{series: &sum, label: label, tone: calm[0], width: dataLine, spread: true}
}
