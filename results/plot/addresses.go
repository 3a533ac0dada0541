package plot

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var usersPerAddress = Figure{
	Name: "users-per-address",
	Doc:  "How many clients sit behind one source address, and how many addresses there are of each size.",
	Draw: drawAddresses,
}

// A population is the clients behind each address, and the variants with it.
type population struct {
	variants []string
	sizes    []int // sorted
}

func drawAddresses(r *results.Result) (*Picture, error) {
	populations := populationsOf(r)
	if len(populations) == 0 {
		return nil, ErrNothing
	}
	populations = populations[:min(len(populations), panelMost)]
	bins, most := 0, 0
	for _, p := range populations {
		bins = max(bins, binOf(p.sizes[len(p.sizes)-1])+1)
		for _, b := range p.bins() {
			most = max(most, b.addresses)
		}
	}
	g := grid{xLabel: "clients behind one address", yLabel: "addresses"}
	for _, p := range populations {
		g.panels = append(g.panels, panel{p.title(len(r.Variants)), p.size(), p.plot(bins, most, len(populations))})
	}
	note := "First replication. Above each bar: how many addresses, and the share of all clients behind them."
	return newPicture("users-per-address", "Clients per source address", note, nil, g.height(), g.draw), nil
}

// populationsOf returns the different populations among the variants.
func populationsOf(r *results.Result) (list []population) {
	for _, v := range r.Variants {
		sizes := slices.DeleteFunc(slices.Sorted(slices.Values(v.GroupSizes)), func(n int) bool { return n < 1 })
		if len(sizes) == 0 {
			continue
		}
		k := slices.IndexFunc(list, func(p population) bool { return slices.Equal(p.sizes, sizes) })
		if k < 0 {
			k = len(list)
			list = append(list, population{sizes: sizes})
		}
		list[k].variants = append(list[k].variants, v.Name)
	}
	return list
}

// Bin k holds addresses with edge(k) clients or more, and fewer than
// edge(k+1): 1, 2 to 4, 5 to 9, 10 to 19 and so on.
func edge(k int) int {
	e := [...]int{1, 2, 5}[k%3]
	for range k / 3 {
		e *= 10
	}
	return e
}

func binOf(size int) (k int) {
	for edge(k+1) <= size {
		k++
	}
	return k
}

// A bin counts addresses of about the same size and the clients behind them.
type bin struct{ addresses, clients int }

func (p population) bins() []bin {
	bins := make([]bin, binOf(p.sizes[len(p.sizes)-1])+1)
	for _, s := range p.sizes {
		b := &bins[binOf(s)]
		b.addresses++
		b.clients += s
	}
	return bins
}

func (p population) clients() (n int) {
	for _, s := range p.sizes {
		n += s
	}
	return n
}

func (p population) title(variants int) string {
	if len(p.variants) == variants && variants > 1 {
		return "all variants"
	}
	const most = 4
	if n := len(p.variants); n > most {
		return fmt.Sprintf("%s; and %d more", strings.Join(p.variants[:most], "; "), n-most)
	}
	return strings.Join(p.variants, "; ")
}

func (p population) size() string {
	addresses := " addresses"
	if len(p.sizes) == 1 {
		addresses = " address"
	}
	return plainLabel(float64(p.clients())) + " clients, " + plainLabel(float64(len(p.sizes))) + addresses
}

// plot draws addresses on a logarithmic axis over bins of sizes.
func (p population) plot(bins, most, populations int) *plot.Plot {
	pl := newPlot()
	pl.X.Min, pl.X.Max = 0, float64(bins)
	// All labels have room if the longest has; else powers of ten have one.
	longest := written(muted, tickSize, false).Width(plainLabel(float64(edge(bins))))
	tight := longest+3 > panelWidth(populations)/vg.Length(bins)
	var edges []plot.Tick
	for k := range bins + 1 {
		t := plot.Tick{Value: float64(k), Label: plainLabel(float64(edge(k)))}
		if tight && k%3 != 0 {
			t.Label = ""
		}
		edges = append(edges, t)
	}
	pl.X.Tick.Marker = plot.ConstantTicks(edges)
	var powers []plot.Tick
	top := 1
	for ; top < most*4; top *= 10 {
		powers = append(powers, plot.Tick{Value: float64(top), Label: plainLabel(float64(top))})
	}
	pl.Y.Tick.Marker = plot.ConstantTicks(powers)
	pl.Y.Scale = plot.LogScale{}
	pl.Y.Min, pl.Y.Max = 0.6, float64(most)*5
	pl.Add(gridLines{horizontal: true}, addressBars{p.bins(), float64(p.clients()), populations > 1})
	return pl
}

type addressBars struct {
	bins    []bin
	clients float64
	narrow  bool
}

// Plot implements plot.Plotter.
func (a addressBars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	above, below := written(ink, tickSize, false), written(muted, markSize, false)
	above.XAlign, below.XAlign = text.XCenter, text.XCenter
	if a.narrow {
		above.Font.Size, below.Font.Size = markSize, markSize-1
	}
	for k, b := range a.bins {
		if b.addresses == 0 {
			continue
		}
		left, right, high := x(float64(k)), x(float64(k+1)), y(float64(b.addresses))
		c.FillPolygon(calm[0].light, box(left+1, c.Min.Y, right-1, high))
		middle := vg.Point{X: (left + right) / 2, Y: high + 2}
		c.FillText(below, middle, results.Percent.Human(roundShare(float64(b.clients)/a.clients)))
		middle.Y += below.Font.Size * 1.15
		c.FillText(above, middle, plainLabel(float64(b.addresses)))
	}
}

// roundShare leaves two digits of a share, as its words have little room.
func roundShare(v float64) float64 {
	if v >= 0.1 {
		return float64(int(v*100+0.5)) / 100
	}
	return float64(int(v*1000+0.5)) / 1000
}
