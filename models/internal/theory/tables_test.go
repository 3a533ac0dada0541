package theory

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// columns are those of a file of outcomes: what the first seed gave; in how many seeds
// there was an interval, and how many missed or were wrong; the mean of the seeds, the
// standard deviation of one, and how wide half an interval was.
var columns = []string{"row", "comparison", "theory", "simulated", "half", "replications", "verdict", "seeds", "misses", "wrong", "mean", "deviation", "width"}

func writeOutcomes(out io.Writer, all []*outcome) error {
	w := csv.NewWriter(out)
	w.Write(columns)
	short := func(x float64) string { return strconv.FormatFloat(x, 'g', 7, 64) }
	for _, o := range all {
		w.Write([]string{
			o.Row, o.Test, short(o.Theory), short(o.Mean), short(o.Half), strconv.Itoa(o.N), string(o.Verdict),
			strconv.Itoa(o.seeds), strconv.Itoa(o.misses), strconv.Itoa(o.wrong), short(o.mean), short(o.deviation), short(o.width),
		})
	}
	w.Flush()
	return w.Error()
}

// readOutcomes reads what writeOutcomes has written.
func readOutcomes(t *testing.T, name string) (all []*outcome) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		number := func(i int) float64 {
			x, err := strconv.ParseFloat(l[i], 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return x
		}
		o := &outcome{
			Comparison: Comparison{Row: l[0], Test: l[1], Theory: number(2), Mean: number(3), Half: number(4), N: int(number(5)), Verdict: Verdict(l[6])},
			run:        simulationOf(l[1]), seeds: int(number(7)), misses: int(number(8)), wrong: int(number(9)),
			mean: number(10), deviation: number(11), width: number(12),
		}
		all = append(all, o)
	}
	return all
}

// interval is what was simulated, for people.
func (o *outcome) interval() string {
	if o.Half == 0 {
		return fmt.Sprintf("%.5g", o.Mean)
	}
	return fmt.Sprintf("%.5g [%.5g, %.5g]", o.Mean, o.Mean-o.Half, o.Mean+o.Half)
}

// everyLine writes a table with a line for each comparison.
func everyLine(out io.Writer, rows map[string]Row, all []*outcome) {
	fmt.Fprintln(out, "| model | row | what | kind | theory | simulated, 99 % interval | verdict | misses of seeds |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, o := range all {
		r := rows[o.Row]
		misses := "-"
		if o.seeds > 0 {
			misses = fmt.Sprintf("%d of %d", o.misses, o.seeds)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %.6g | %s | %s | %s |\n", r.Model, o.Row, r.Metric, r.Kind, o.Theory, o.interval(), o.Verdict, misses)
	}
}

// familyTable is the README's.
func familyTable(rows map[string]Row, all []*outcome) string {
	var b strings.Builder
	b.WriteString("| compared | rows | for example: theory | simulated, 99 % interval | intervals | miss | chance allows | verdict |\n| --- | ---: | --- | --- | ---: | ---: | ---: | --- |\n")
	lines := make([]struct {
		rows    int
		y       tally
		example *outcome
		wrong   int // comparisons with which something is wrong
		differs int // of those it is known why
	}, len(families)+1)
	for _, r := range rows {
		lines[familyOf(r)].rows++
		lines[len(families)].rows++
	}
	for _, o := range all {
		r := rows[o.Row]
		i := familyOf(r)
		for _, l := range []int{i, len(families)} {
			lines[l].y.add(o)
			if o.Verdict == Differing {
				lines[l].differs++
			} else if len(o.problems(&r, len(all))) > 0 {
				lines[l].wrong++
			}
		}
		if o.Row == families[i].example && lines[i].example == nil {
			lines[i].example = o
		}
	}
	for i, l := range lines {
		title, example, simulated, counts := fmt.Sprintf("all, with %d seeds", seedsOf(all)), "", "", "| - | - | -"
		if l.example != nil {
			title = families[i].title
			example, simulated = fmt.Sprintf("`%s` %.5g", l.example.Row, l.example.Theory), l.example.interval()
		}
		if l.y.comparisons > 0 {
			counts = fmt.Sprintf("| %d | %d | %d", l.y.intervals, l.y.misses, l.y.allowed())
		}
		verdict := "agrees"
		if l.wrong > 0 || l.y.comparisons > 0 && l.y.misses > l.y.allowed() {
			verdict = "does not agree"
		} else if l.differs > 0 {
			verdict = fmt.Sprintf("agrees, but for %d", l.differs)
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s %s | %s |\n", title, l.rows, example, simulated, counts, verdict)
	}
	return b.String()
}

// seedsOf is how many seeds there were.
func seedsOf(all []*outcome) (n int) {
	for _, o := range all {
		n = max(n, o.seeds)
	}
	return n
}

// readme returns the README with the table in its place, and the one that it has.
func readme(t *testing.T, table string) (name, text, old string) {
	t.Helper()
	const begin, end = "<!-- validation -->\n", "<!-- end validation -->"
	name = filepath.Join(repository, "README.md")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no place for the table, between %q and %q", begin, end)
	}
	return name, before + begin + table + end + after, old
}
