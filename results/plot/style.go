package plot

import (
	"fmt"
	"image/color"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A tone is a colour by its purpose, on light and on dark paper. The light
// colour also identifies it in the SVG that gonum writes, so no two are equal
// and none is black, which gonum leaves out.
type tone struct {
	class       string
	light, dark color.RGBA
}

// Lines and text, from strong to weak, and the paper.
var (
	ink   = tone{"ink", hex(0x1A1A1A), hex(0xE8E6E3)}
	muted = tone{"muted", hex(0x595959), hex(0xA8A8A8)}
	rule  = tone{"rule", hex(0xE2E2E2), hex(0x3A3D42)}
	paper = tone{"paper", hex(0xFFFFFF), hex(0x1B1D21)}
)

// The colours of data are those of Okabe and Ito, which colour-blind readers
// can tell apart; their yellow is left out as it cannot be seen on white. On
// dark paper they are lighter. The first is for what is in focus: the server
// that fails, the fullest server.
var (
	focus = tone{"vermillion", hex(0xD55E00), hex(0xFF8A45)}
	calm  = []tone{
		{"blue", hex(0x0072B2), hex(0x5AB0E8)},
		{"green", hex(0x009E73), hex(0x2FC79A)},
		{"purple", hex(0xCC79A7), hex(0xE59AC4)},
		{"sky", hex(0x56B4E9), hex(0xA5DAF7)},
		{"orange", hex(0xE69F00), hex(0xFFC04D)},
		{"grey", hex(0x7A7A7A), hex(0xBDBDBD)},
		{"brown", hex(0x8C5A3C), hex(0xC99B7F)},
	}
)

// The colours of maps, from little to much: ColorBrewer's nine blues (Harrower and
// Brewer 2003), which differ in lightness and so for every reader. On dark paper
// much is light. Words on them are dark or light; from step deep on they change.
var (
	heatTones = []tone{
		{"heat-1", hex(0xF7FBFF), hex(0x232B35)},
		{"heat-2", hex(0xDEEBF7), hex(0x1F3449)},
		{"heat-3", hex(0xC6DBEF), hex(0x1C3F60)},
		{"heat-4", hex(0x9ECAE1), hex(0x1C4B78)},
		{"heat-5", hex(0x6BAED6), hex(0x205890)},
		{"heat-6", hex(0x4292C6), hex(0x2866A8)},
		{"heat-7", hex(0x2171B5), hex(0x5C9FD8)},
		{"heat-8", hex(0x08519C), hex(0x92C3EC)},
		{"heat-9", hex(0x08306B), hex(0xC9E1F6)},
	}
	onPale = tone{"on-pale", hex(0x1B1B1B), hex(0xEAEAEA)}
	onDeep = tone{"on-deep", hex(0xFEFEFE), hex(0x141414)}
)

const deep = 6

// basicTones are those that every picture may have, tones all.
func basicTones() []tone { return append([]tone{ink, muted, rule, paper, focus}, calm...) }

func tones() []tone { return append(append(basicTones(), onPale, onDeep), heatTones...) }

func hex(rgb uint32) color.RGBA {
	return color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xFF}
}

// faded makes a tone translucent, for bands.
func (t tone) faded(opacity float64) color.Color {
	return color.NRGBA{t.light.R, t.light.G, t.light.B, uint8(255*opacity + 0.5)}
}

// Style is the style sheet with which the SVG of this package follows the
// reader's colour scheme. A page may set the variables itself.
func Style() string { return styleOf(tones()) }

func styleOf(tones []tone) string {
	var light, dark, classes strings.Builder
	for _, t := range tones {
		fmt.Fprintf(&light, "--plot-%s:%s;", t.class, css(t.light))
		fmt.Fprintf(&dark, "--plot-%s:%s;", t.class, css(t.dark))
		fmt.Fprintf(&classes, ".plot-f-%s{fill:var(--plot-%[1]s)}.plot-s-%[1]s{stroke:var(--plot-%[1]s)}\n", t.class)
	}
	return ".plot{" + light.String() + "}\n@media screen and (prefers-color-scheme:dark){.plot{" + dark.String() + "}}\n" + classes.String()
}

func css(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// Sizes, in points.
const (
	width      = 9 * vg.Inch
	margin     = 10
	titleSize  = 13
	panelSize  = 10
	labelSize  = 9
	tickSize   = 8.5
	markSize   = 8
	thinLine   = 0.5
	dataLine   = 1.1
	focusLine  = 1.6
	lineHeight = 1.3 // of the font's size
)

// written is a style of text. Liberation Sans is embedded in gonum and is as
// wide as Arial and Helvetica, one of which every browser has.
func written(t tone, size vg.Length, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: t.light, Font: f, Handler: plot.DefaultTextHandler, XAlign: text.XLeft, YAlign: text.YBottom}
}

func line(t tone, w vg.Length) draw.LineStyle { return draw.LineStyle{Color: t.light, Width: w} }

// newPlot returns an empty plot in this package's style, without a paper.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range [...]*plot.Axis{&p.X, &p.Y} {
		xAlign, yAlign := a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = written(muted, tickSize, false)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = xAlign, yAlign
		a.LineStyle = line(muted, thinLine)
		a.Tick.LineStyle = line(muted, thinLine)
		a.Tick.Length = 3
		a.Padding = 0
	}
	return p
}
