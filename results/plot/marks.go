package plot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

const (
	eventRows = 6 // most rows of words above a panel
	eventRow  = markSize * 1.15
	// More events than eventsMost are short ticks without words.
	eventsMost = 24
)

// An event is a vertical line with a few words above the panel.
type event struct {
	at   float64
	text string
}

// eventWords are short forms of the kinds of marks.
var eventWords = map[string]string{"fail": "fails", "recover": "back", "down": "down", "up": "up", "ramp-end": "ramp ends", "level": "level", "out": "taken out", "back": "put back", "set": "changed", "empty": "empty", "converged": "converged"}

// eventsOf makes events of the marks in a span. Marks too close to be told
// apart share a line. Where marks are of several services, words name them.
func eventsOf(marks []results.Mark, in span) []event {
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b results.Mark) int { return cmp.Compare(a.At, b.At) })
	near := (in.to - in.from) / 60
	services := map[string]bool{}
	for _, m := range marks {
		if m.Service != "" {
			services[m.Service] = true
		}
	}
	var events []event
	var group []happening
	for i, m := range marks {
		if m.At < in.from || m.At > in.to {
			continue
		}
		if n := len(events); n == 0 || m.At-events[n-1].at > near {
			events = append(events, event{at: m.At})
			group = nil
		}
		group = happened(group, &marks[i])
		events[len(events)-1].text = sentence(group, len(services) > 1)
	}
	return events
}

// A happening is one kind of mark of one server, in one or more services.
type happening struct {
	who, word string
	services  []string
}

// happened adds a mark to those of about the same time.
func happened(group []happening, m *results.Mark) []happening {
	word, ok := eventWords[m.Kind]
	if !ok {
		word = m.Text
	}
	if m.Actor == groupName {
		word, _, _ = strings.Cut(m.Text, ":")
	}
	who := cmp.Or(m.Server, m.Actor)
	k := slices.IndexFunc(group, func(h happening) bool { return h.who == who && h.word == word })
	if k < 0 {
		k = len(group)
		group = append(group, happening{who: who, word: word})
	}
	if h := &group[k]; m.Service != "" && !slices.Contains(h.services, m.Service) {
		h.services = append(h.services, m.Service)
	}
	return group
}

// sentence puts what happened in words: ex4 back, up (3 services).
func sentence(group []happening, services bool) string {
	if s := together(group, services); s != "" {
		return s
	}
	var words []string
	who := ""
	for _, h := range group {
		s := h.said(services)
		if h.who != who {
			s = strings.TrimSpace(h.who + " " + s)
		}
		who = group[0].who // others are named each time
		words = append(words, s)
	}
	return strings.Join(words, ", ")
}

// together is the sentence for several to whom the same happens, as in web3, web4
// fail, down; "" if that is not so.
func together(group []happening, services bool) string {
	var who, first []string
	for _, h := range group {
		if !slices.Contains(who, h.who) {
			who = append(who, h.who)
		}
		if h.who == who[0] {
			first = append(first, h.said(services))
		}
	}
	if len(who) < 2 || len(group) != len(who)*len(first) {
		return ""
	}
	for _, h := range group {
		if !slices.Contains(first, h.said(services)) {
			return ""
		}
	}
	slices.Sort(who)
	if n := len(who); n > 3 {
		who = []string{who[0], fmt.Sprintf("%d more", n-1)}
	}
	what := strings.Replace(strings.Join(first, ", "), eventWords["fail"], "fail", 1)
	return strings.Join(who, ", ") + " " + what
}

// said is what happened, and where if that has to be told.
func (h happening) said(services bool) string {
	switch n := len(h.services); {
	case services && n == 1:
		return h.word + " (" + h.services[0] + ")"
	case services && n > 1:
		return fmt.Sprintf("%s (%d services)", h.word, n)
	}
	return h.word
}

// A word is where the words of an event stand: the row above the data, -1 if
// there is no room, and both ends.
type word struct {
	row         int
	left, right vg.Length
}

// arrange places words from right to left, to the right of their line if there
// is room before the edge. Words that would run into others or into the line of
// another event go to a higher row.
func arrange(events []event, x func(t float64) vg.Length, first, edge vg.Length) (words []word, rows int) {
	s := written(muted, markSize, false)
	words = make([]word, len(events))
	for i := len(events) - 1; i >= 0; i-- {
		at, w := x(events[i].at), s.Width(events[i].text)+5
		words[i] = word{row: -1}
		for _, left := range [...]vg.Length{at, at - w} {
			if left < first || left+w > edge || words[i].row >= 0 {
				continue
			}
			words[i] = word{-1, left, left + w}
			for row := 0; row < eventRows && words[i].row < 0; row++ {
				if fits(events, words, i, row, x) {
					words[i].row = row
					rows = max(rows, row+1)
				}
			}
		}
	}
	return words, rows
}

// fits reports whether the words of event i can stand in a row beside those of
// all later events, and its line below them.
func fits(events []event, words []word, i, row int, x func(t float64) vg.Length) bool {
	at, mine := x(events[i].at), words[i]
	for k := i + 1; k < len(events); k++ {
		w, line := words[k], x(events[k].at)
		if w.row < 0 {
			continue
		}
		if w.row == row && mine.left < w.right && w.left < mine.right {
			return false
		}
		if row <= w.row && mine.left < line && line < mine.right {
			return false // its line passes here
		}
		if w.row <= row && w.left < at && at < w.right {
			return false
		}
	}
	return true
}

// eventLines draws events.
type eventLines []event

// rows is how many rows of words the events need in a panel of that width, and
// whether all have words.
func (events eventLines) rows(in span, wide vg.Length) (rows int, all bool) {
	if len(events) > eventsMost {
		return 1, false
	}
	x := func(t float64) vg.Length { return vg.Length((t-in.from)/(in.to-in.from)) * wide }
	words, rows := arrange(events, x, 0, wide)
	return rows, !slices.ContainsFunc(words, func(w word) bool { return w.row < 0 })
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
	words, _ := arrange(events, x, c.Min.X, c.Max.X)
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
