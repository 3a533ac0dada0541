package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var heatMap = Figure{
	Name: "heat-map",
	Doc:  "Of a grid of variants, each metric among tables as a map: a row for each value of the first axis, a column for each combination of the others.",
	Draw: drawHeatMaps,
}

// Sizes of a map, in points.
const (
	heatRow   = 17
	heatTitle = 18
	heatNames = 130 // most room for the rows' names
	heatGroup = 5   // gap between groups of columns
	heatGap   = 14  // between maps
	heatBar   = 90  // width of the scale
	heatCell  = 110 // most width of a cell
	heatMost  = 24  // columns of a map; the others go into maps below it
)

// A heat is a table, or some columns of one, with the layout of its map.
type heat struct {
	results.Table
	first, all int        // the table's number of the first column, and how many it has
	names      vg.Length  // room for the rows' names
	rows       [][]string // lines of each row's name
	groups     [][]string // lines above each group of columns, if they are in groups
	heads      [][]string // lines above each column, below those
	levels     [2]int     // most lines above a group, above a column
	digits     vg.Length  // size of the values
	low, up    float64    // range of the known values
	ratios     bool       // the colours stand for equal ratios, not for equal differences
}

func drawHeatMaps(r *results.Result) (*Picture, error) {
	var maps []*heat
	var height vg.Length
	for _, t := range r.Grid() {
		for _, h := range cut(t) {
			maps = append(maps, h)
			height += h.height()
		}
	}
	if len(maps) == 0 {
		return nil, ErrNothing
	}
	var axes []string
	for _, a := range r.Axes {
		axes = append(axes, a.Name)
	}
	height += vg.Length(len(maps)-1) * heatGap
	note := "Each map has a scale of its own."
	if r.Replications > 1 {
		note = fmt.Sprintf("Means of %s replications. ", r.Made()) + note
	}
	p := newPicture("heat-map", "Every combination of "+strings.Join(axes, ", "), note, nil, height, func(c draw.Canvas) {
		for _, h := range maps {
			h.draw(c)
			c.Max.Y -= h.height() + heatGap
		}
	})
	p.heat = true
	for _, h := range maps {
		p.Desc += h.describe()
	}
	return p, nil
}

// cut makes a table the map of it, or several if it has many columns, cut between
// their groups where possible. There is none if no value is known.
func cut(t results.Table) (maps []*heat) {
	low, up := math.Inf(1), math.Inf(-1)
	for _, c := range t.Cells {
		if c.Known() {
			low, up = min(low, c.Mean), max(up, c.Mean)
		}
	}
	if low > up {
		return nil
	}
	all := t.Columns
	if t.Group > heatMost {
		t.Group = 1
	}
	most := heatMost / t.Group * t.Group
	for first := 0; first < len(all); first += most {
		t.Columns = all[first:min(first+most, len(all))]
		maps = append(maps, newHeat(&heat{Table: t, first: first, all: len(all), low: low, up: up}))
	}
	return maps
}

// newHeat lays the map of some columns out.
func newHeat(h *heat) *heat {
	t := &h.Table
	h.digits, h.ratios = labelSize, h.low > 0 && h.up > wideRange*h.low
	name := written(ink, labelSize, false)
	for _, s := range t.Rows {
		lines := wrap(name, s, heatNames)
		for _, l := range lines {
			h.names = max(h.names, name.Width(l)+8)
		}
		h.rows = append(h.rows, lines)
	}
	wide := h.cell()
	for k, values := range t.Columns {
		if t.Group > 1 {
			if k%t.Group == 0 {
				lines := wrap(name, values[0], wide*vg.Length(t.Group)-4)
				h.groups, h.levels[0] = append(h.groups, lines), max(h.levels[0], len(lines))
			}
			values = values[1:]
		}
		var lines []string
		for _, value := range values {
			lines = append(lines, wrap(name, value, wide-4)...)
		}
		h.heads, h.levels[1] = append(h.heads, lines), max(h.levels[1], len(lines))
	}
	for _, c := range t.Cells { // many columns are narrow
		for h.digits > 5 && written(ink, h.digits, false).Width(t.Term.Human(c.Mean)) > wide-3 {
			h.digits -= 0.5
		}
	}
	return h
}

// cell is the width of a cell.
func (h *heat) cell() vg.Length {
	gaps := vg.Length(len(h.Columns)/h.Group-1) * h.gap()
	return min(heatCell, (width-2*margin-h.names-gaps)/vg.Length(len(h.Columns)))
}

// gap is what stands between groups of columns.
func (h *heat) gap() vg.Length {
	if h.Group == 1 {
		return 0
	}
	return heatGroup
}

func (h *heat) head() vg.Length {
	return heatTitle + vg.Length(h.levels[0]+h.levels[1])*labelSize*lineHeight + 2
}

func (h *heat) row(i int) vg.Length {
	return max(heatRow, vg.Length(len(h.rows[i]))*labelSize*lineHeight+5)
}

func (h *heat) height() vg.Length {
	sum := h.head()
	for i := range h.rows {
		sum += h.row(i)
	}
	return sum
}

// left is where a column begins.
func (h *heat) left(c draw.Canvas, column int) vg.Length {
	return c.Min.X + h.names + vg.Length(column)*h.cell() + vg.Length(column/h.Group)*h.gap()
}

func (h *heat) draw(c draw.Canvas) {
	title := written(ink, panelSize, true)
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y - panelSize}, h.Title())
	h.drawScale(c)
	h.drawHeads(c)
	top := c.Max.Y - h.head()
	for i := range h.rows {
		bottom := top - h.row(i)
		drawLines(c, written(ink, labelSize, false), vg.Point{X: c.Min.X, Y: (top + bottom) / 2}, h.rows[i])
		for k := range h.Columns {
			left := h.left(c, k)
			h.drawCell(c, vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: left + h.cell(), Y: top}}, h.Cells[i*h.all+h.first+k])
		}
		top = bottom
	}
}

// drawHeads writes the values of the columns, those of the second axis once for
// each group. The lowest lines are next to the cells.
func (h *heat) drawHeads(c draw.Canvas) {
	s := written(muted, labelSize, false)
	s.XAlign = text.XCenter
	below := c.Max.Y - h.head() + 4
	for k, lines := range h.heads {
		drawUp(c, s, vg.Point{X: h.left(c, k) + h.cell()/2, Y: below}, lines)
	}
	below += vg.Length(h.levels[1]) * labelSize * lineHeight
	for g, lines := range h.groups {
		middle := h.left(c, g*h.Group) + h.cell()*vg.Length(h.Group)/2
		drawUp(c, s, vg.Point{X: middle, Y: below}, lines)
	}
}

// drawUp writes lines of text of which the last stands at a place.
func drawUp(c draw.Canvas, s text.Style, at vg.Point, lines []string) {
	for i := len(lines) - 1; i >= 0; i-- {
		c.FillText(s, at, lines[i])
		at.Y += labelSize * lineHeight
	}
}

func (h *heat) drawCell(c draw.Canvas, r vg.Rectangle, e results.Estimate) {
	t := muted
	if e.Known() {
		step := h.step(e.Mean)
		c.FillPolygon(heatTones[step].light, box(r.Min.X+0.5, r.Min.Y+0.5, r.Max.X-0.5, r.Max.Y-0.5))
		if t = onPale; step >= deep {
			t = onDeep
		}
	}
	s := written(t, h.digits, false)
	s.XAlign, s.YAlign = text.XCenter, text.YCenter
	c.FillText(s, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2}, h.Term.Human(e.Mean))
}

// wideRange is how many times the lowest value the highest is where a few large
// ones would leave the others all alike.
const wideRange = 3

// step is the colour of a value: equal parts of the range from the lowest to the
// highest, or of its logarithm, have one each. Where the lowest is 0, the palest
// means none at all, and small values have the next.
func (h *heat) step(v float64) int {
	if h.up == h.low {
		return 0
	}
	part := (v - h.low) / (h.up - h.low)
	if h.ratios {
		part = math.Log(v/h.low) / math.Log(h.up/h.low)
	}
	step := int(float64(part*0.999999) * float64(len(heatTones)))
	if h.low == 0 && v > 0 {
		step = max(1, step)
	}
	return step
}

// drawScale shows the colours at the right of the title, between the lowest and
// the highest value.
func (h *heat) drawScale(c draw.Canvas) {
	s := written(muted, markSize, false)
	y := c.Max.Y - panelSize
	high := h.Term.Human(h.up)
	if h.ratios {
		high += " (equal ratios)"
	}
	right := c.Max.X - s.Width(high) - 4
	c.FillText(s, vg.Point{X: right + 4, Y: y}, high)
	one := vg.Length(heatBar) / vg.Length(len(heatTones))
	for i, t := range heatTones {
		x := right - heatBar + vg.Length(i)*one
		c.FillPolygon(t.light, box(x, y, x+one, y+markSize*0.8))
	}
	s.XAlign = text.XRight
	c.FillText(s, vg.Point{X: right - heatBar - 4, Y: y}, h.Term.Human(h.low))
}

// describe tells a reader who does not see the map where it is lowest and where
// highest.
func (h *heat) describe() string {
	return fmt.Sprintf("%s: from %s to %s. ", h.Title(), h.Term.Human(h.low), h.Term.Human(h.up))
}
