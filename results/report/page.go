package report

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"lbsim/results"
	"lbsim/results/plot"
)

// With more variants than openMost, only the first one's servers are unfolded.
const openMost = 4

// A page is what the template shows: words, ready to print.
type page struct {
	Style template.CSS

	Scenario, About, Extent, Answer string
	Variants                        []string
	Many                            bool // so many variants that tables must be narrow
	Compared                        bool // some variants are compared with others
	Points                          int  // of a sweep
	Verdicts                        []verdictRow
	Undecided                       []string
	Metrics                         []metricTable // those that matter, then all
	GridVerdicts, Grids             []gridTable   // in place of both, of a grid of variants
	Sentences                       []string
	Unexplained                     []string // why values are missing
	WhatIf                          *whatIf  // nil without a network
	Sizing                          *sizing  // nil but for lbsim size
	Servers                         []serverTable
	Parts                           []serverTable // virtual machines, classes and databases
	Figures                         []figure
	Missing                         []string // figures that could not be drawn, with the reason
	Timelines                       []timeline
	Warnings                        []string
	Source                          string
	Terms                           []results.Term
	Replications                    int
	Seed                            uint64
	Version, Command, Fingerprint   string
	Fingerprints                    []fingerprint
}

type verdictRow struct {
	Limit string
	Cells []verdictCell
}

// A verdictCell tells a verdict by symbol, word and colour.
type verdictCell struct {
	Applies             bool
	Class, Symbol, Word string
	Value               string
}

type metricTable struct {
	Corner   string // what the rows are, if not metrics
	Variants []string
	Rows     []metricRow
}

type metricRow struct {
	Label, Name string
	Cells       []metricCell
}

// A metricCell holds a value and how it differs from that of the variant it
// is compared with.
type metricCell struct {
	Value  string
	Change string // "" if there is none, "~" if the difference is noise
	Hint   string
}

type figure struct {
	Name, Doc string
	SVG       template.HTML
}

// A timeline holds the events of all variants in which the same happened.
type timeline struct {
	Variants string
	Events   []event
	More     string
}

// eventsMost is how many events a timeline shows.
const eventsMost = 1000

type event struct{ At, Actor, Text string }

type fingerprint struct {
	Variant, Hex, Events string
}

func newPage(r *results.Result) *page {
	p := &page{
		Scenario: r.Scenario, About: r.About, Extent: r.Extent(), Answer: r.Answer(),
		Undecided: r.Undecided(), Sentences: r.Sentences(), Unexplained: append(r.Unexplained(), r.Method()...), Warnings: r.DistinctWarnings(), Source: r.Source,
		Replications: r.Replications, Seed: r.Seed, Version: r.Version, Command: r.Command, Fingerprint: results.Hex(r.Fingerprint()),
		Many: len(r.Variants) > 5, Compared: len(r.Comparisons) > 0, Points: r.Points, Timelines: timelines(r), Terms: terms(r),
	}
	for _, v := range r.Variants {
		p.Variants = append(p.Variants, v.Name)
		p.Fingerprints = append(p.Fingerprints, fingerprint{v.Name, results.Hex(v.Fingerprint), results.Plain.Human(float64(v.Events))})
	}
	p.GridVerdicts, p.Grids = newGrids(r)
	p.WhatIf = newWhatIf(r)
	if p.Sizing = newSizing(r); p.Sizing != nil {
		p.Answer, p.Sentences, p.Unexplained = p.Sizing.Words[0], nil, nil // the variants are states, not versions
	}
	if len(r.Axes)+len(r.Sampled) == 0 {
		p.listVariants(r)
	}
	for i := range r.Variants {
		for k := range r.Variants[i].Services {
			if t := newServerTable(&r.Variants[i], k); len(t.Rows) > 0 {
				t.Open = len(p.Servers) == 0 || len(r.Variants) <= openMost
				p.Servers = append(p.Servers, t)
			}
		}
	}
	for i := range r.Variants {
		for _, t := range newPartTables(&r.Variants[i]) {
			t.Open = len(p.Parts) < len(results.PartKinds) || len(r.Variants) <= openMost
			p.Parts = append(p.Parts, t)
		}
	}
	p.drawFigures(r)
	return p
}

// listVariants puts variants that are a list side by side.
func (p *page) listVariants(r *results.Result) {
	for _, rows := range [...][]results.Row{r.KeyRows(), r.AllRows()} {
		if len(rows) > 0 {
			p.Metrics = append(p.Metrics, metricTable{Variants: p.Variants, Rows: metricRows(rows)})
		}
	}
	for _, l := range r.Limits() {
		row := verdictRow{Limit: l.Text}
		for _, x := range l.Cells {
			row.Cells = append(row.Cells, newVerdictCell(x))
		}
		p.Verdicts = append(p.Verdicts, row)
	}
}

func newVerdictCell(x *results.Expectation) verdictCell {
	if x == nil {
		return verdictCell{}
	}
	c := verdictCell{Applies: true, Word: x.Verdict.String(), Value: results.TermOf(x.Metric).Display.HumanInterval(x.Value)}
	switch x.Verdict {
	case results.Held:
		c.Class, c.Symbol = "held", "✓"
	case results.Missed:
		c.Class, c.Symbol = "missed", "✗"
	case results.CannotTell:
		c.Class, c.Symbol = "open", "?"
	}
	return c
}

func metricRows(rows []results.Row) (out []metricRow) {
	for i := range rows {
		row := &rows[i]
		m := metricRow{Label: row.Label(), Name: row.Metric}
		for k := range row.Cells {
			d := row.Term.Display
			c := metricCell{Value: row.Value(k)}
			if x := row.Against[k]; x != nil && x.Difference.Known() {
				c.Change, c.Hint = d.HumanChange(x.Difference), "difference from "+x.Base
				switch {
				case x.Perhaps:
					c.Change, c.Hint = "? "+c.Change, "perhaps a "+c.Hint
				case !x.Significant && x.Difference.N > 1:
					c.Change, c.Hint = "~", "no difference from "+x.Base+" beyond "+d.HumanHalf(x.Difference.Half())
				}
			}
			m.Cells = append(m.Cells, c)
		}
		out = append(out, m)
	}
	return out
}

// drawFigures draws the figures that the scenario asks for, or all if it asks
// for none.
func (p *page) drawFigures(r *results.Result) {
	names := r.Plots
	if len(names) == 0 {
		names = plot.Names()
	}
	for i, name := range names {
		f, ok := plot.Find(name)
		if !ok {
			p.Missing = append(p.Missing, name+": there is no such figure")
			continue
		}
		if slices.Contains(names[:i], name) {
			continue // the page can have each only once
		}
		picture, err := f.Draw(r)
		switch {
		case errors.Is(err, plot.ErrNothing) && len(r.Plots) == 0:
		case errors.Is(err, plot.ErrNothing):
			p.Missing = append(p.Missing, name+": the runs have nothing to draw")
		case err != nil:
			p.Missing = append(p.Missing, name+": "+err.Error())
		default:
			p.Figures = append(p.Figures, figure{f.Name, f.Doc, template.HTML(picture.Inline())})
		}
	}
}

func timelines(r *results.Result) (out []timeline) {
	var seen [][]results.Mark
	for _, v := range r.Variants {
		if len(v.Marks) == 0 {
			continue
		}
		if k := slices.IndexFunc(seen, func(m []results.Mark) bool { return slices.Equal(m, v.Marks) }); k >= 0 {
			out[k].Variants += "; " + v.Name
			continue
		}
		seen = append(seen, v.Marks)
		t := timeline{Variants: v.Name}
		if n := len(v.Marks) + v.Unlisted - eventsMost; n > 0 {
			t.More = fmt.Sprintf("%s more are in timeline.txt", results.Plain.Human(float64(n)))
		}
		for _, m := range v.Marks[:min(len(v.Marks), eventsMost)] {
			t.Events = append(t.Events, event{results.Clock(m.At), m.Actor, m.Text})
		}
		out = append(out, t)
	}
	return out
}

// terms returns the glossary of the metrics that the result has.
func terms(r *results.Result) (out []results.Term) {
	have := map[string]bool{}
	note := func(list results.Metrics) {
		for _, m := range list {
			for name := m.Name; name != ""; name = name[:max(0, strings.LastIndexByte(name, '.'))] {
				have[name] = true
			}
		}
	}
	for _, v := range r.Variants {
		note(v.Metrics)
		for _, k := range results.PartKinds {
			for _, part := range v.Parts(k.Kind) {
				note(part.Metrics)
			}
		}
		for _, s := range v.Services {
			note(s.Metrics)
			for _, m := range s.Servers {
				note(m.Metrics)
			}
		}
	}
	for _, t := range results.Glossary {
		if have[t.Name] {
			out = append(out, t)
		}
	}
	return out
}
