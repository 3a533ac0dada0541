package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var sharePerServer = Figure{
	Name: "share-per-server",
	Doc:  "Share of users, connections and work of each server, for each variant, against the fair share.",
	Draw: drawShares,
}

// shareMetrics are the quantities to show, as far as servers have them.
var shareMetrics = []struct{ metric, title string }{
	{"users", "users"}, {"share", "connections"}, {"work_share", "work"},
}

// A shareGroup holds how one quantity of one variant and service is spread.
type shareGroup struct {
	name            string
	servers         []string
	mean, low, high []float64 // share of each server; range over replications
	ratio           results.Estimate
}

// A shareColumn is one quantity of all variants.
type shareColumn struct {
	title  string
	groups []shareGroup
}

func drawShares(r *results.Result) (*Picture, error) {
	var columns []shareColumn
	for _, m := range shareMetrics {
		c := shareColumn{title: m.title}
		known := false
		for i := range r.Variants {
			for k := range r.Variants[i].Services {
				if g := groupOf(&r.Variants[i], k, m.metric); len(g.servers) > 1 {
					known = known || g.ratio.Known()
					c.groups = append(c.groups, g)
				}
			}
		}
		if known {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return nil, ErrNothing
	}
	palette := newPalette(r)
	var legend []entry
	most := mostServers(columns[0].groups)
	if most <= serversMost {
		for _, g := range columns[0].groups {
			for _, s := range g.servers {
				legend = explain(legend, entry{text: s, tone: palette.of(s)})
			}
		}
	}
	var height vg.Length = columnTitle + axisHeight
	for _, g := range columns[0].groups {
		height += g.height()
	}
	highest := 0.0
	for _, column := range columns {
		highest = max(highest, column.highest())
	}
	names := namesWidth(columns[0].groups)
	return newPicture("share-per-server", "Share of each server", shareNote(most, r.Replications), legend, height, func(c draw.Canvas) {
		wide := (c.Max.X - c.Min.X - names - vg.Length(len(columns)-1)*columnGap) / vg.Length(len(columns))
		for i, column := range columns {
			left := c.Min.X + names + vg.Length(i)*(wide+columnGap)
			at := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: left, Y: c.Min.Y}, Max: vg.Point{X: left + wide, Y: c.Max.Y}}}
			column.draw(at, highest, palette)
		}
		drawNames(c, columns[0].groups)
	}), nil
}

// shareNote says how to read groups of that many servers.
func shareNote(servers, replications int) string {
	note := "Dashed: the fair share. max/mean: the fullest server over the mean"
	if replications > 1 {
		note += fmt.Sprintf(", in each of %d replications, with its 95 %% interval", replications)
	}
	switch {
	case servers > dotsMost:
		return "Boxes reach over the middle 80 % of the servers, lines over all; the stroke is the median. " + note + "."
	case servers > serversMost:
		return "Each dot is a server. " + note + "."
	case replications > 1:
		return "Bars: mean; thin lines: from the smallest to the largest replication. " + note + "."
	}
	return note + "."
}

// groupOf computes the shares of a service's servers in each replication, and
// from them the means, ranges and the ratio of the largest to the mean.
func groupOf(v *results.Variant, service int, metric string) shareGroup {
	s := &v.Services[service]
	g := shareGroup{name: v.Name}
	if len(v.Services) > 1 {
		g.name += ": " + s.Name
	}
	n := 0
	values := make([][]float64, len(s.Servers))
	for i := range s.Servers {
		g.servers = append(g.servers, s.Servers[i].Name)
		if m, ok := s.Servers[i].Metrics.Get(metric); ok {
			values[i] = m.Values
			if len(values[i]) == 0 {
				values[i] = []float64{m.Mean}
			}
		}
		n = max(n, len(values[i]))
	}
	g.mean, g.low, g.high = make([]float64, len(values)), make([]float64, len(values)), make([]float64, len(values))
	shares := make([][]float64, len(values))
	var ratios []float64
	for k := range n {
		total, most := 0.0, 0.0
		for _, x := range values {
			if k < len(x) && x[k] > 0 {
				total += x[k]
				most = max(most, x[k])
			}
		}
		if total == 0 {
			continue
		}
		ratios = append(ratios, most/total*float64(len(values)))
		for i, x := range values {
			share := 0.0
			if k < len(x) && x[k] > 0 {
				share = x[k] / total
			}
			shares[i] = append(shares[i], share)
		}
	}
	for i, x := range shares {
		if len(x) > 0 {
			g.mean[i], g.low[i], g.high[i] = results.EstimateOf(x, "").Mean, slices.Min(x), slices.Max(x)
		}
	}
	g.ratio = results.EstimateOf(ratios, "")
	return g
}

func mostServers(groups []shareGroup) int {
	most := 0
	for _, g := range groups {
		most = max(most, len(g.servers))
	}
	return most
}

// highest is the largest share that is drawn.
func (c shareColumn) highest() float64 {
	most := 0.0
	for _, g := range c.groups {
		top := g.high
		if len(g.servers) > serversMost {
			top = g.mean
		}
		for _, x := range top {
			if !math.IsNaN(x) {
				most = max(most, x)
			}
		}
		most = max(most, 1/float64(len(g.servers)))
	}
	return most
}
