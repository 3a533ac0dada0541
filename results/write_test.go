package results_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected files")

var samples = []struct {
	name string
	make func() *results.Result
}{
	{"storm", sample.Storm}, {"imbalance", sample.Imbalance}, {"minimal", sample.Minimal},
	{"unknown", sample.Unknown}, {"many", sample.Many}, {"ramps", sample.Ramps}, {"none", func() *results.Result { return new(results.Result) }}, {"grid", sample.Grid}, {"placed", sample.Placed}, {"sweep", sample.Sweep}, {"sampled", sample.Sampled}, {"stalled", sample.Stalled},
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; see what go test -update changes", path)
	}
}

func write(t *testing.T, f func(io.Writer, *results.Result) error, r *results.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestText(t *testing.T) {
	for _, s := range samples {
		opt := results.TextOptions{Elapsed: 3100 * time.Millisecond, Report: "out/" + s.name + "/report.html"}
		got := write(t, func(w io.Writer, r *results.Result) error { return results.Text(w, r, opt) }, s.make())
		golden(t, s.name+".txt", got)
		for line := range strings.Lines(string(got)) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 100 {
				t.Errorf("%s: a line of %d columns: %s", s.name, n, line)
			}
		}
		golden(t, s.name+".md", write(t, results.Markdown, s.make()))
	}
}

func TestSummaryIsJSON(t *testing.T) {
	for _, s := range samples {
		got := write(t, results.SummaryJSON, s.make())
		var tree map[string]any
		if err := json.Unmarshal(got, &tree); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if tree["schema"] != results.SummarySchema {
			t.Errorf("%s: schema is %v", s.name, tree["schema"])
		}
		if n := len(tree["variants"].([]any)); n != len(s.make().Variants) {
			t.Errorf("%s: %d variants", s.name, n)
		}
		if s.name != "many" && s.name != "imbalance" && s.name != "ramps" && s.name != "grid" { // large, and they add nothing
			golden(t, s.name+".json", got)
		}
	}
}

func TestCSVHasARowForEachServerAndTime(t *testing.T) {
	for _, c := range []struct {
		sample        int
		servers, time int
	}{{0, 4 * 4, 4 * 1200 * 5}, {1, 8 * 4, 0}, {3, 4, 2 * 3}, {4, 2000, 2 * 360 * 64}} {
		s := samples[c.sample]
		servers := records(t, write(t, results.ServersCSV, s.make()))
		if len(servers) != 1+c.servers {
			t.Errorf("%s: %d servers, not %d", s.name, len(servers)-1, c.servers)
		}
		times := records(t, write(t, results.TimeseriesCSV, s.make()))
		if len(times) != 1+c.time {
			t.Errorf("%s: %d times, not %d", s.name, len(times)-1, c.time)
		}
	}
	golden(t, "placed-vms.csv", write(t, results.VMsCSV, sample.Placed()))
	golden(t, "storm-servers.csv", write(t, results.ServersCSV, sample.Storm()))
	series := write(t, results.TimeseriesCSV, sample.Storm())
	golden(t, "storm-timeseries.csv", bytes.Join(bytes.SplitAfterN(series, []byte("\n"), 22)[:21], nil))
}

func records(t *testing.T, b []byte) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTimeline(t *testing.T) {
	golden(t, "storm-timeline.txt", write(t, results.TimelineTXT, sample.Storm()))
	golden(t, "minimal-timeline.txt", write(t, results.TimelineTXT, sample.Minimal()))
}
