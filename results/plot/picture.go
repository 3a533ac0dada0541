package plot

import (
	"io"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Picture is a figure of one result, ready to be written.
type Picture struct {
	Name  string // of the figure
	Title string
	Note  string // what the lines and bands are
	Desc  string // for readers who do not see it

	legend        []entry
	width, height vg.Length
	draw          func(c draw.Canvas) // below the heading
	heading       vg.Length           // height of title, note and legend
	heat          bool                // it has the colours of maps
}

// An entry explains a colour.
type entry struct {
	text  string
	tone  tone
	width vg.Length // of the line, 0 for a box
}

const (
	swatchWidth = 16
	legendGap   = 14
)

// newPicture makes a picture with a body of that height.
func newPicture(name, title, note string, legend []entry, body vg.Length, draw func(c draw.Canvas)) *Picture {
	p := &Picture{Name: name, Title: title, Note: note, legend: legend, width: width, draw: draw}
	p.heading = titleSize*lineHeight + 2
	p.heading += vg.Length(len(p.noteLines())) * labelSize * lineHeight
	if rows := len(p.legendRows()); rows > 0 {
		p.heading += vg.Length(rows)*labelSize*lineHeight + 4
	}
	p.heading += 6
	p.height = p.heading + body + 2*margin
	return p
}

// PNG writes the picture on white paper with 144 dots per inch.
func (p *Picture) PNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(144), vgimg.UseBackgroundColor(paper.light))
	p.drawOn(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

func (p *Picture) drawOn(c draw.Canvas) {
	c = draw.Crop(c, margin, -margin, margin, -margin)
	y := c.Max.Y - titleSize
	c.FillText(written(ink, titleSize, true), vg.Point{X: c.Min.X, Y: y}, p.Title)
	y -= 4
	for _, s := range p.noteLines() {
		y -= labelSize * lineHeight
		c.FillText(written(muted, labelSize, false), vg.Point{X: c.Min.X, Y: y}, s)
	}
	y -= 4
	for _, row := range p.legendRows() {
		y -= labelSize * lineHeight
		p.drawLegend(c, row, y)
	}
	p.draw(draw.Crop(c, 0, 0, 0, -p.heading))
}

func (p *Picture) drawLegend(c draw.Canvas, row []entry, y vg.Length) {
	s := written(ink, labelSize, false)
	x := c.Min.X
	for _, e := range row {
		middle := y + labelSize*0.36
		if e.width > 0 {
			c.StrokeLine2(line(e.tone, max(1.6, e.width)), x, middle, x+swatchWidth, middle)
		} else {
			c.FillPolygon(e.tone.light, box(x+4, y, x+swatchWidth-2, y+labelSize*0.75))
		}
		c.FillText(s, vg.Point{X: x + swatchWidth + 4, Y: y}, e.text)
		x += entryWidth(e)
	}
}

func entryWidth(e entry) vg.Length {
	return swatchWidth + 4 + written(ink, labelSize, false).Width(e.text) + legendGap
}

func (p *Picture) legendRows() (rows [][]entry) {
	var x vg.Length
	for _, e := range p.legend {
		w := entryWidth(e)
		if len(rows) == 0 || x+w > p.width-2*margin {
			rows = append(rows, nil)
			x = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		x += w
	}
	return rows
}

func (p *Picture) noteLines() []string {
	return wrap(written(muted, labelSize, false), p.Note, p.width-2*margin)
}

// wrap breaks a text between words, and within words that are too long.
func wrap(s text.Style, t string, width vg.Length) (lines []string) {
	current := ""
	for word := range strings.FieldsSeq(t) {
		longer := strings.TrimPrefix(current+" "+word, " ")
		if current != "" && s.Width(longer) > width {
			lines = append(lines, current)
			longer = word
		}
		for s.Width(longer) > width {
			head := longer[:fitting(s, longer, width)]
			lines = append(lines, head)
			longer = longer[len(head):]
		}
		current = longer
	}
	if current != "" {
		lines = append(lines, current)
	}
	return lines
}

// fitting is how many bytes of a text fit, those of one letter at the least.
func fitting(s text.Style, t string, width vg.Length) int {
	n := 0
	for n < len(t) {
		_, size := utf8.DecodeRuneInString(t[n:])
		if n > 0 && s.Width(t[:n+size]) > width {
			break
		}
		n += size
	}
	return n
}

func box(x0, y0, x1, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}
