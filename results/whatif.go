package results

import (
	"time"

	"lbsim/models/flow"
)

// whatIfHead is how wide the words above a column are, if none is longer.
const whatIfHead = 18

// whatIfGrid holds what exchanges take with each remedy.
func (r *Result) whatIfGrid() (g grid) {
	if r.WhatIf == nil {
		return g
	}
	g.corner = "what if"
	for i := range r.WhatIf.Rows {
		x := &r.WhatIf.Rows[i]
		g.columns = append(g.columns, wrapped(x.Name, whatIfHead)+"\n"+wrapped(x.Writes, whatIfHead))
	}
	for k, remedy := range r.WhatIf.Remedies {
		cells := make([]string, len(r.WhatIf.Rows))
		for i := range r.WhatIf.Rows {
			if cells[i] = "-"; r.WhatIf.Rows[i].Effects != nil {
				cells[i] = effectWords(&r.WhatIf.Rows[i].Effects[k])
			}
		}
		g.add(remedy.Name, cells)
	}
	return g
}

// effectWords say how long an exchange takes, and how often it stalls.
func effectWords(e *flow.Effect) string {
	words := HumanTime(e.Latency)
	if e.Stalls > 0 {
		words += ", " + counted(e.Stalls, "stall")
	}
	return words
}

// HumanTime writes a time for people.
func HumanTime(d time.Duration) string { return Seconds.Human(d.Seconds()) }

// StallWords say how often an exchange stalls and for how long, "" if it does not.
func StallWords(e *flow.Effect) string {
	if e.Stalls == 0 {
		return ""
	}
	return counted(e.Stalls, "stall") + ", " + HumanTime(e.StallTime)
}

// whatIfText writes the exchanges that have room on a page of that width.
func (r *Result) whatIfText(width int) string {
	g := r.whatIfGrid()
	if g.empty() {
		return ""
	}
	n := len(g.columns)
	for n > 1 && g.alignedWidth(n) > width {
		n--
	}
	notes := r.WhatIfNotes()
	if left := len(g.columns) - n; left > 0 {
		notes = append([]string{counted(left, "more exchange") + ": see the report"}, notes...)
	}
	g = g.first(n)
	g.align()
	return g.render() + wrapAll("", notes, width)
}

// alignedWidth is how wide the first columns are when their values are aligned.
func (g grid) alignedWidth(columns int) int {
	p := g.first(columns)
	for i, c := range p.cells {
		p.cells[i] = append([]string{}, c...)
	}
	p.align()
	return p.width()
}

// WhatIfNotes say why an exchange has no values, and how many are not listed.
func (r *Result) WhatIfNotes() (notes []string) {
	for i := range r.WhatIf.Rows {
		if x := &r.WhatIf.Rows[i]; x.Missing != "" {
			notes = append(notes, x.Name+": "+x.Missing)
		}
	}
	if left := r.WhatIf.Unlisted; left > 0 {
		notes = append(notes, counted(left, "more exchange")+" not listed")
	}
	return notes
}

// whatIfMarkdown writes the same for a comment on a pull request.
func (r *Result) whatIfMarkdown() string {
	g := r.whatIfGrid()
	for i := range g.columns {
		g.columns[i] = r.WhatIf.Rows[i].Name + ": " + r.WhatIf.Rows[i].Writes
	}
	return g.markdown()
}

// whatIfObject is what summary.json has of it.
func whatIfObject(w *flow.WhatIf) object {
	exchanges := make(list, len(w.Rows))
	for i := range w.Rows {
		x := &w.Rows[i]
		effects := make(object, len(x.Effects))
		for k, e := range x.Effects {
			effects[k] = field{w.Remedies[k].Name, line{
				{"latency", e.Latency.Seconds()}, {"stalls", e.Stalls}, {"stall_time", e.StallTime.Seconds()}, {"packets", e.Packets},
			}}
		}
		o := object{{"name", x.Name}, {"writes", x.Writes}, {"effects", effects}}
		if x.Missing != "" {
			o = append(o, field{"missing", x.Missing})
		}
		exchanges[i] = o
	}
	return object{{"exchanges", exchanges}, {"unlisted", w.Unlisted}}
}
