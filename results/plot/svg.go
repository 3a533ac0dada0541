package plot

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// SVG writes the picture as a file of its own, with its paper and its style
// sheet.
func (p *Picture) SVG(w io.Writer) error {
	var b strings.Builder
	p.open(&b, fmt.Sprintf(` width="%.0f" height="%.0f"`, p.width.Points()*96/72, p.height.Points()*96/72))
	used := basicTones()
	if p.heat {
		used = tones()
	}
	b.WriteString("<style>\n" + styleOf(used) + "</style>\n")
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="%s" class="plot-f-paper"/>`+"\n", css(paper.light))
	p.writeBody(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// Inline returns the picture as an element of an HTML page, which must have
// Style in its own style sheet and scales it to its own width.
func (p *Picture) Inline() string {
	var b strings.Builder
	p.open(&b, "")
	p.writeBody(&b)
	return b.String()
}

func (p *Picture) open(b *strings.Builder, size string) {
	id := "plot-" + p.Name
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 %.5g %.5g"%s role="img" aria-labelledby="%s-title %[4]s-desc"`,
		p.width.Points(), p.height.Points(), size, id)
	b.WriteString(` font-family="Liberation Sans, Arial, Helvetica, sans-serif">` + "\n")
	desc := p.Note
	if p.Desc != "" {
		desc = p.Desc + " " + p.Note
	}
	fmt.Fprintf(b, "<title id=\"%s-title\">%s</title>\n<desc id=\"%[1]s-desc\">%s</desc>\n", id, html.EscapeString(p.Title), html.EscapeString(desc))
}

// writeBody writes what gonum draws, without its <svg> and with classes.
func (p *Picture) writeBody(b *strings.Builder) {
	c := vgsvg.New(p.width, p.height)
	p.drawOn(draw.New(c))
	var raw bytes.Buffer
	c.WriteTo(&raw) // into memory; cannot fail
	_, body, _ := strings.Cut(raw.String(), "<svg")
	_, body, _ = strings.Cut(body, ">\n")
	body = styleAttribute.ReplaceAllStringFunc(body, classify)
	b.WriteString(pathData.ReplaceAllStringFunc(body, rounded))
}

// pathData finds the outlines, the bulk of a picture.
var (
	pathData = regexp.MustCompile(` d="[^"]*"`)
	decimals = regexp.MustCompile(`\d+\.\d+`)
)

// rounded leaves a tenth of a point in an outline, which nobody can see and
// which saves a quarter of the file.
func rounded(data string) string {
	return decimals.ReplaceAllStringFunc(data, func(number string) string {
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return number
		}
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	})
}

// styleAttribute finds how gonum writes styles. Text cannot look like one: its
// quotes are escaped.
var styleAttribute = regexp.MustCompile(`\s+style="[^"]*"`)

// classify turns a style attribute into the attributes it stands for, which a
// style sheet can override, and the classes of its colours. The font's family
// is that of the whole picture.
func classify(attribute string) string {
	attribute = strings.TrimSuffix(strings.TrimSpace(attribute), `"`)
	var b strings.Builder
	var classes []string
	for declaration := range strings.SplitSeq(strings.TrimPrefix(attribute, `style="`), ";") {
		property, value, _ := strings.Cut(declaration, ":")
		switch {
		case property == "font-family", property == "font-variant", value == "normal":
			continue
		case property == "fill", property == "stroke":
			if class := classOf(value); class != "" {
				classes = append(classes, "plot-"+property[:1]+"-"+class)
			}
		}
		fmt.Fprintf(&b, ` %s="%s"`, property, value)
	}
	if len(classes) > 0 {
		fmt.Fprintf(&b, ` class="%s"`, strings.Join(classes, " "))
	}
	return b.String()
}

// classOf returns the class of the tone that a colour is, or nearly is: gonum
// multiplies colours by their opacity and divides again, which leaves them one or
// two off.
func classOf(value string) string {
	rgb, err := strconv.ParseUint(strings.TrimPrefix(value, "#"), 16, 32)
	if err != nil {
		return ""
	}
	c := hex(uint32(rgb))
	class := ""
	for _, t := range tones() {
		switch {
		case t.light == c:
			return t.class
		case class == "" && near(t.light.R, c.R) && near(t.light.G, c.G) && near(t.light.B, c.B):
			class = t.class
		}
	}
	return class
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) <= 2 }
