package plot

import (
	"cmp"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

const (
	eventRows = 3
	eventRow  = markSize * 1.15
	// More events than eventsMost are short ticks without words.
	eventsMost = 24
)

// An event is a vertical line with a few words above the panel.
type event struct {
	at   float64
	who  string
	text string
}

// eventWords are short forms of the kinds of marks.
var eventWords = map[string]string{"fail": "fails", "recover": "back", "down": "down", "up": "up", "ramp-end": "ramp ends", "level": "level"}

// eventsOf makes events of the marks in a span. Marks too close to be told
// apart share a line.
func eventsOf(marks []results.Mark, in span) []event {
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b results.Mark) int { return cmp.Compare(a.At, b.At) })
	near := (in.to - in.from) / 60
	var events []event
	for _, m := range marks {
		if m.At < in.from || m.At > in.to {
			continue
		}
		word, ok := eventWords[m.Kind]
		if !ok {
			word = m.Text
		}
		who := cmp.Or(m.Server, m.Actor)
		if n := len(events); n > 0 && m.At-events[n-1].at <= near {
			e := &events[n-1]
			if e.who != who {
				word = strings.TrimSpace(who + " " + word)
			}
			e.text += ", " + word
			continue
		}
		events = append(events, event{m.At, who, strings.TrimSpace(who + " " + word)})
	}
	return events
}

// A word is where the words of an event stand: the row above the data, -1 if
// there is no room, and the left end.
type word struct {
	row  int
	left vg.Length
}

// arrange places words from right to left. Words that would run into the next
// line go one row higher, so that no line runs through words.
func arrange(events []event, x func(t float64) vg.Length, right vg.Length) (words []word, rows int) {
	s := written(muted, markSize, false)
	words = make([]word, len(events))
	limits := [eventRows]vg.Length{} // where the words of each row may reach
	for row := range limits {
		limits[row] = right
	}
	for i := len(events) - 1; i >= 0; i-- {
		at, w := x(events[i].at), s.Width(events[i].text)+5
		left := at
		if at+w > right {
			left = at - w // to the left of the line
		}
		row := 0
		for row < eventRows && left+w > limits[row] {
			row++
		}
		words[i] = word{-1, left}
		if row < eventRows {
			words[i].row = row
			limits[row] = left
			rows = max(rows, row+1)
		}
		for below := range min(row, eventRows) {
			limits[below] = min(limits[below], at) // its line passes these rows
		}
	}
	return words, rows
}

// eventLines draws events.
type eventLines []event

// rows is how many rows of words the events need in a panel of that width.
func (events eventLines) rows(in span, wide vg.Length) int {
	if len(events) > eventsMost {
		return 1
	}
	x := func(t float64) vg.Length { return vg.Length((t-in.from)/(in.to-in.from)) * wide }
	_, rows := arrange(events, x, wide)
	return rows
}

// Plot implements plot.Plotter.
func (events eventLines) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	if len(events) > eventsMost {
		for _, e := range events {
			c.StrokeLine2(line(muted, thinLine), x(e.at), c.Max.Y, x(e.at), c.Max.Y+eventRow/2)
		}
		return
	}
	words, _ := arrange(events, x, c.Max.X)
	dashed := line(muted, 0.8)
	dashed.Dashes = []vg.Length{2, 2}
	for i, e := range events {
		w := words[i]
		y := c.Max.Y + 2 + vg.Length(w.row)*eventRow
		if w.row >= 0 {
			c.FillText(written(muted, markSize, false), vg.Point{X: w.left + 2.5, Y: y}, e.text)
		}
		c.StrokeLine2(dashed, x(e.at), c.Min.Y, x(e.at), max(c.Max.Y, y+eventRow*0.8))
	}
}
