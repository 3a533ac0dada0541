package plot

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"lbsim/results"
)

// An overTime figure has a panel for each variant and service, with time
// below.
type overTime struct {
	name, title string
	// axis lays out values up to high; low is the smallest above 0.
	axis   func(low, high float64) axis
	panels func(r *results.Result) []timePanel
	// after is how much is shown after the last event, of the time from the first
	// to the last; 0 stands for 0.8.
	after float64
}

// A timePanel holds what is drawn of one variant and service.
type timePanel struct {
	title  string
	traces []trace
	marks  []results.Mark
}

// A trace is a series to draw.
type trace struct {
	series *results.Series
	label  string
	tone   tone
	width  vg.Length
	// spread says that the band is part of the message, not the uncertainty
	// over replications.
	spread bool
}

// figure draws the panels with the same axes.
func (o overTime) figure(r *results.Result) (*Picture, error) {
	panels := o.panels(r)
	left := len(panels) - panelMost
	panels = panels[:min(len(panels), panelMost)]
	in := o.shownSpan(r, panels)
	var g grid
	var told []eventLines
	var legend []entry
	least, most := math.Inf(1), 0.0
	for _, t := range panels {
		p := newPlot()
		p.Add(gridLines{vertical: true, horizontal: true})
		for _, tr := range t.traces {
			v := curve{lines: curveOf(tr.series, in), tone: tr.tone, width: tr.width}
			if r.Replications > 1 || tr.spread {
				v.band = bandOf(tr.series, in)
			}
			least, most = min(least, lowest(v.lines, v.band)), max(most, highest(v.lines, v.band))
			p.Add(v)
			legend = explain(legend, entry{tr.label, tr.tone, tr.width})
		}
		events := eventLines(eventsOf(t.marks, in))
		p.Add(events)
		told = append(told, events)
		g.panels = append(g.panels, panel{title: t.title, plot: p})
	}
	if most == 0 {
		return nil, ErrNothing
	}
	setAxes(&g, in, o.axis(least, most))
	note, worded := timeNote(r, in), true
	for i, events := range told {
		rows, all := events.rows(in, g.dataWidth(i))
		g.head = max(g.head, vg.Length(rows)*eventRow)
		worded = worded && all
	}
	if !worded {
		note += " The timeline names the events that have no words here."
	}
	if left > 0 {
		note += fmt.Sprintf(" %d more panels are left out.", left)
	}
	return newPicture(o.name, o.title, note, legend, g.height(), g.draw), nil
}

// setAxes gives all panels the same axes.
func setAxes(g *grid, in span, values axis) {
	g.yLabel = values.label
	times := ticksOfTime(in.to-in.from, 12/g.columns())
	g.xLabel = "simulated time (" + times.unit.name + ")"
	for _, p := range g.panels {
		p.plot.X.Min, p.plot.X.Max, p.plot.X.Tick.Marker = in.from, in.to, times
		values.set(&p.plot.Y)
	}
}

// explain adds an entry to a legend unless it is there.
func explain(legend []entry, e entry) []entry {
	for _, l := range legend {
		if l.text == e.text {
			return legend
		}
	}
	return append(legend, e)
}

// shownSpan is the time to show: from a little before the first event to well
// after the last, if there are events and that leaves out a good part, else
// everything.
func (o overTime) shownSpan(r *results.Result, panels []timePanel) span {
	all := span{0, r.Duration}
	first, last := math.Inf(1), math.Inf(-1)
	for _, p := range panels {
		for _, m := range p.marks {
			first, last = min(first, m.At), max(last, m.At)
		}
		for _, t := range p.traces {
			all.to = max(all.to, stepAt(t.series, len(t.series.Mean)))
		}
	}
	if first > last {
		return all
	}
	eventful := max(last-first, 60)
	in := span{max(0, first-eventful*0.2), min(all.to, last+eventful*cmp.Or(o.after, 0.8))}
	round := ticksOfTime(in.to-in.from, 40).step
	in.from = float64(math.Floor(in.from/round) * round)
	in.to = min(all.to, float64(math.Ceil(in.to/round)*round))
	if in.to-in.from > 0.8*(all.to-all.from) {
		return all
	}
	return in
}

func timeNote(r *results.Result, in span) string {
	note := "One replication."
	if r.Replications > 1 {
		note = fmt.Sprintf("Mean of %d replications; bands reach from the smallest to the largest.", r.Replications)
	}
	if in.from > 0 || in.to < r.Duration {
		note += fmt.Sprintf(" Shown: %s to %s of %s.", results.ShortClock(in.from), results.ShortClock(in.to), results.ShortClock(r.Duration))
	}
	return note
}
