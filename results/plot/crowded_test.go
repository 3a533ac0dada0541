package plot

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

// crowded are results with more, and longer, words than usual.
func crowded() map[string]*results.Result {
	long := func(r *results.Result) *results.Result {
		for i := range r.Variants {
			r.Variants[i].Name += " of the second office with the address translation of its provider"
		}
		return r
	}
	return map[string]*results.Result{
		"thousands of servers": sample.Crowd(5000, 3, 1), "services": sample.Crowd(4, 2, 6), "many servers and services": sample.Crowd(40, 4, 3),
		"long names": long(sample.Imbalance()), "long names of storms": long(sample.Storm()), "long names, many servers": long(sample.Few()),
		"grid": sample.Grid(), "wide grid": wideGrid(), "one axis": sample.GridOf(results.Axis{Name: "mode", Values: []string{"none", "source-ip"}}),
	}
}

// wideGrid has many columns and long names.
func wideGrid() *results.Result {
	axes := []results.Axis{{Name: "mode"}, {Name: "offices"}, {Name: "servers"}}
	for i := range 6 {
		axes[0].Values = append(axes[0].Values, fmt.Sprintf("persistence of the kind number %d with the time-out of the provider", i))
		axes[1].Values = append(axes[1].Values, fmt.Sprintf("behind the address translation of office %d", i))
	}
	for i := range 5 { // 30 columns are two maps
		axes[2].Values = append(axes[2].Values, fmt.Sprintf("%d servers", 1000*i))
	}
	return sample.GridOf(axes...)
}

func TestWordsDoNotCover(t *testing.T) {
	for name, r := range crowded() {
		for _, f := range Table {
			p, err := f.Draw(r)
			if err != nil {
				continue
			}
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				apart(t, p)
				for _, w := range wordsOf(t, p) {
					if strings.HasSuffix(w.text, "…") {
						t.Errorf("%q is cut", w.text)
					}
				}
			})
		}
	}
}

// TestEveryAxisHasTicks looks for numbers below and beside the data.
func TestEveryAxisHasTicks(t *testing.T) {
	for name, r := range crowded() {
		for _, f := range Table {
			p, err := f.Draw(r)
			if err != nil {
				continue
			}
			beside := map[string]int{} // tick labels by the column or row in which they stand
			for _, w := range wordsOf(t, p) {
				if strings.Trim(w.text, "0123456789.,e-") == "" {
					beside[fmt.Sprintf("x %.0f", w.Max.X)]++
					beside[fmt.Sprintf("y %.0f", w.Min.Y)]++
				}
			}
			columns, rows := 0, 0
			for at, n := range beside {
				if n > 1 && at[0] == 'x' {
					columns++
				}
				if n > 1 && at[0] == 'y' {
					rows++
				}
			}
			if rows == 0 || columns == 0 && strings.HasSuffix(f.Name, "-over-time") {
				t.Errorf("%s of %s: an axis without ticks", f.Name, name)
			}
		}
	}
}

// TestEventsDoNotCoverOneAnother arranges random events: no words cover others,
// or are crossed by the line of another event.
func TestEventsDoNotCoverOneAnother(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	const wide = 250
	x := func(at float64) vg.Length { return vg.Length(at) }
	for range 500 {
		events := make([]event, 1+g.IntN(eventsMost))
		for i := range events {
			events[i] = event{at: wide * g.Float64(), text: strings.Repeat("word ", 1+g.IntN(8))}
		}
		slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
		words, rows := arrange(events, x, 0, wide)
		for i, w := range words {
			if w.row >= rows || w.row >= 0 && (w.left < 0 || w.right > wide) {
				t.Fatalf("words stand in row %d of %d from %.0f to %.0f", w.row, rows, w.left, w.right)
			}
			for k, other := range words {
				if k == i || w.row < 0 || other.row < 0 {
					continue
				}
				if at := x(events[k].at); other.row >= w.row && w.left < at && at < w.right {
					t.Fatalf("a line at %.0f crosses words from %.0f to %.0f in row %d", at, w.left, w.right, w.row)
				}
				if other.row == w.row && w.left < other.right && other.left < w.right {
					t.Fatalf("words cover others in row %d", w.row)
				}
			}
		}
	}
}

func TestTicksOfSharesHaveRoom(t *testing.T) {
	for _, wide := range [...]vg.Length{60, 100, 150, 200} {
		for _, highest := range [...]float64{1, 0.3, 0.0123, 1. / 3000, 1. / 20000} {
			a := shareAxis("share (%)", highest, wide)
			var widths vg.Length
			labels := labelsOf(a)
			for _, l := range labels {
				widths += written(muted, tickSize, false).Width(l) + 4
			}
			if len(labels) < 2 || widths > wide {
				t.Errorf("%g on %.0f points: %q", highest, wide, labels)
			}
		}
	}
}
