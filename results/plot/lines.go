package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

// columnsMost is how many columns of values a panel can show. Where there are
// more values, a column shows the smallest and the largest of its own, so that
// no peak is lost.
const columnsMost = 200

// A span is a range of simulated time in seconds.
type span struct{ from, to float64 }

// groups returns for each column the indexes [i, j) of its values.
func groups(s *results.Series, in span) (columns [][2]int) {
	first := max(0, int(math.Floor((in.from-s.Start)/s.Step)))
	last := min(len(s.Mean), int(math.Ceil((in.to-s.Start)/s.Step)))
	size := max(1, (last-first+columnsMost-1)/columnsMost)
	for i := first; i < last; i += size {
		columns = append(columns, [2]int{i, min(i+size, last)})
	}
	return columns
}

// curveOf returns the lines through the values of a series in a span, broken
// where there are none. A value alone in its column is drawn as a step.
func curveOf(s *results.Series, in span) (lines []plotter.XYs) {
	var now plotter.XYs
	end := func() {
		if len(now) > 0 {
			lines = append(lines, now)
		}
		now = nil
	}
	for _, g := range groups(s, in) {
		low, high := extremes(s.Mean, g)
		switch {
		case low < 0:
			end()
		case g[1]-g[0] == 1:
			now = append(now, plotter.XY{X: in.clamp(stepAt(s, g[0])), Y: s.Mean[low]}, plotter.XY{X: in.clamp(stepAt(s, g[1])), Y: s.Mean[low]})
		default:
			for _, k := range [...]int{min(low, high), max(low, high)} {
				now = append(now, plotter.XY{X: in.clamp(stepAt(s, k) + s.Step/2), Y: s.Mean[k]})
			}
		}
	}
	end()
	return lines
}

// bandOf returns the outlines of the area between a series' smallest and
// largest values over the replications.
func bandOf(s *results.Series, in span) (areas []plotter.XYs) {
	if len(s.Min) != len(s.Mean) || len(s.Max) != len(s.Mean) {
		return nil
	}
	var upper, lower plotter.XYs
	end := func() {
		for i := len(lower) - 1; i >= 0; i-- {
			upper = append(upper, lower[i])
		}
		if len(upper) > 0 {
			areas = append(areas, upper)
		}
		upper, lower = nil, nil
	}
	for _, g := range groups(s, in) {
		low, _ := extremes(s.Min, g)
		_, high := extremes(s.Max, g)
		if low < 0 || high < 0 {
			end()
			continue
		}
		from, to := in.clamp(stepAt(s, g[0])), in.clamp(stepAt(s, g[1]))
		xs := []float64{from, to}
		if g[1]-g[0] > 1 {
			xs = []float64{(from + to) / 2} // no step where the line has none
		}
		for _, x := range xs {
			lower = append(lower, plotter.XY{X: x, Y: s.Min[low]})
			upper = append(upper, plotter.XY{X: x, Y: s.Max[high]})
		}
	}
	end()
	return areas
}

// extremes returns the indexes of the smallest and the largest value, -1 if
// there is none.
func extremes(values []float64, g [2]int) (low, high int) {
	low, high = -1, -1
	for k := g[0]; k < g[1]; k++ {
		if math.IsNaN(values[k]) || math.IsInf(values[k], 0) {
			continue
		}
		if low < 0 || values[k] < values[low] {
			low = k
		}
		if high < 0 || values[k] > values[high] {
			high = k
		}
	}
	return low, high
}

func stepAt(s *results.Series, k int) float64 { return s.Start + float64(float64(k)*s.Step) }

func (in span) clamp(t float64) float64 { return min(max(t, in.from), in.to) }

// highest returns the largest value that a curve and its band reach.
func highest(parts ...[]plotter.XYs) float64 {
	most := 0.0
	for _, part := range parts {
		for _, line := range part {
			for _, p := range line {
				most = max(most, p.Y)
			}
		}
	}
	return most
}

// lowest returns the smallest value above 0 that a curve and its band reach.
func lowest(parts ...[]plotter.XYs) float64 {
	least := math.Inf(1)
	for _, part := range parts {
		for _, line := range part {
			for _, p := range line {
				if p.Y > 0 {
					least = min(least, p.Y)
				}
			}
		}
	}
	return least
}

// A curve draws a series.
type curve struct {
	lines, band []plotter.XYs
	tone        tone
	width       vg.Length
}

// Plot implements plot.Plotter.
func (v curve) Plot(c draw.Canvas, p *plot.Plot) {
	for _, area := range v.band {
		c.FillPolygon(v.tone.faded(0.18), c.ClipPolygonXY(onPaper(area, &c, p)))
	}
	for _, l := range v.lines {
		c.StrokeLines(line(v.tone, v.width), c.ClipLinesXY(onPaper(l, &c, p))...)
	}
}

func onPaper(l plotter.XYs, c *draw.Canvas, p *plot.Plot) []vg.Point {
	x, y := p.Transforms(c)
	points := make([]vg.Point, len(l))
	for i, xy := range l {
		points[i] = vg.Point{X: x(xy.X), Y: y(max(xy.Y, p.Y.Min))} // a logarithmic axis has no 0
	}
	return points
}
