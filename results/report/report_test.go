package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected files")

var samples = []struct {
	name string
	make func() *results.Result
}{
	{"storm", sample.Storm}, {"imbalance", sample.Imbalance}, {"few", sample.Few}, {"many", sample.Many},
	{"grid", sample.Grid}, {"sweep", sample.Sweep}, {"sampled", sample.Sampled}, {"placed", sample.Placed}, {"minimal", sample.Minimal}, {"stalled", sample.Stalled}, {"unknown", sample.Unknown}, {"none", func() *results.Result { return new(results.Result) }},
}

func reportOf(t *testing.T, r *results.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReport compares the pages without their figures and style, which have
// tests of their own.
func TestReport(t *testing.T) {
	for _, s := range samples {
		page := reportOf(t, s.make())
		if page != reportOf(t, s.make()) {
			t.Errorf("%s: other bytes the second time", s.name)
		}
		page = regexp.MustCompile(`(?s)<style>.*?</style>|<svg.*?</svg>`).ReplaceAllString(page, "")
		if s.name == "many" {
			continue // as few, and large
		}
		path := filepath.Join("testdata", s.name+".html")
		if *update {
			if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if page != string(want) {
			t.Errorf("%s differs; see what go test -update changes", path)
		}
	}
}

func TestNothingFromOutside(t *testing.T) {
	page := reportOf(t, sample.Storm())
	for _, bad := range []string{"<script", "src=", "@import", "url(", "javascript:", "onload"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for _, u := range regexp.MustCompile(`https?://[^"<\s]*`).FindAllString(page, -1) {
		if u != "http://www.w3.org/2000/svg" {
			t.Errorf("the page refers to %s", u)
		}
	}
}

func TestEverythingIsEscaped(t *testing.T) {
	const evil = `<script>alert("x")</script>'`
	r := sample.Storm()
	r.Scenario, r.About, r.Version, r.Source, r.Command = evil, evil, evil, evil, evil
	r.Warnings = []string{evil}
	r.Plots = append(r.Plots, evil)
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Name = evil
		v.Services[0].Name, v.Services[0].Servers[0].Name = evil, evil
		v.Marks[0].Actor, v.Marks[0].Text, v.Marks[0].Server = evil, evil, evil
		v.Metrics[0].Name = evil
	}
	page := reportOf(t, r)
	if strings.Contains(page, "<script") || strings.Contains(page, `alert("`) {
		t.Error("text of the result got into the page as HTML")
	}
}
