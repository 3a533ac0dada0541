package results_test

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

// TestGridInJSON wants the axes and the place of each variant at them, and
// neither where the variants are a list.
func TestGridInJSON(t *testing.T) {
	type summary struct {
		Axes     []struct{ Name, Values any }
		Variants []struct {
			Name string
			At   map[string]string
		}
	}
	read := func(r *results.Result) (s summary) {
		if err := json.Unmarshal(write(t, results.SummaryJSON, r), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := read(sample.Grid())
	if len(s.Axes) != 3 || s.Axes[1].Name != "nat" {
		t.Errorf("axes are %v", s.Axes)
	}
	if v := s.Variants[11]; v.At["mode"] != "source-ip" || v.At["nat"] != "20 groups" || v.At["servers"] != "8 servers" {
		t.Errorf("variant %s is at %v", v.Name, v.At)
	}
	if s := read(sample.Storm()); s.Axes != nil || s.Variants[0].At != nil {
		t.Error("a list has axes")
	}
}

// TestGridOfOneAxis has one column.
func TestGridOfOneAxis(t *testing.T) {
	r := sample.GridOf(results.Axis{Name: "mode", Values: []string{"none", "source-ip"}})
	if n := len(r.Grid()[0].Columns); n != 1 {
		t.Errorf("%d columns", n)
	}
	if got := textOf(t, r, results.TextOptions{}); !strings.Contains(got, "mode             value\n") {
		t.Error(got)
	}
}

// TestGridThatIsWide is cut between groups of columns, and within them only if
// one group alone is too wide.
func TestGridThatIsWide(t *testing.T) {
	r := sample.GridOf(
		results.Axis{Name: "mode", Values: []string{"none"}},
		results.Axis{Name: "nat", Values: []string{"a", "b", "c"}},
		results.Axis{Name: "servers", Values: []string{"4", "8"}})
	for _, c := range []struct {
		width, parts int
	}{{100, 1}, {70, 2}, {40, 3}, {25, 6}} {
		got, _, _ := strings.Cut(textOf(t, r, results.TextOptions{Width: c.width}), "broken sessions")
		if n := strings.Count(got, "\n  mode "); n != c.parts {
			t.Errorf("%d tables in %d columns, want %d:\n%s", n, c.width, c.parts, got)
		}
	}
}

// TestGridSaysHowFarItReaches names the variants at both ends.
func TestGridSaysHowFarItReaches(t *testing.T) {
	s := sample.Grid().Sentences()
	if len(s) != 2 || !strings.Contains(s[1], "to 76.5\u00a0% (sip, no NAT, 8 servers)") {
		t.Errorf("%q", s)
	}
}

// TestFewVerdicts lists an expectation for one variant of a grid in a line, and
// shows one for many in a table.
func TestFewVerdicts(t *testing.T) {
	r := sample.GridOf(
		results.Axis{Name: "mode", Values: []string{"none", "source-ip"}},
		results.Axis{Name: "servers", Values: []string{"4", "8"}})
	expect := func(below float64, variants ...int) {
		for _, v := range variants {
			x := results.Expectation{Metric: "imbalance.connections.max_over_mean", Below: below, Above: math.NaN(), Variant: r.Variants[v].Name}
			x.Judge(r.Variants[v].Metrics[0].Estimate)
			r.Expectations = append(r.Expectations, x)
		}
	}
	expect(9.125, 2)
	expect(8, 0, 1, 3)
	got := textOf(t, r, results.TextOptions{})
	if !regexp.MustCompile(`max_over_mean < 9\.125  source-ip, 4  held [0-9.]+\n`).MatchString(got) {
		t.Errorf("no line for a single variant:\n%s", got)
	}
	if !regexp.MustCompile(`max_over_mean < 8\n  mode +4 +8\n  none +held [0-9.]+ +held [0-9.]+\n  source-ip +- +held`).MatchString(got) {
		t.Errorf("no table for many variants:\n%s", got)
	}
	if md := write(t, results.Markdown, r); !strings.Contains(string(md), "| source-ip, 4 | held") {
		t.Error(string(md))
	}
}
