package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	{"storm", sample.Storm}, {"imbalance", sample.Imbalance}, {"few", sample.Few}, {"many", sample.Many}, {"ramps", sample.Ramps},
	{"grid", sample.Grid}, {"placed", sample.Placed}, {"sweep", sample.Sweep}, {"sampled", sample.Sampled}, {"minimal", sample.Minimal}, {"unknown", sample.Unknown}, {"stalled", sample.Stalled}, {"none", func() *results.Result { return new(results.Result) }},
}

// drawn lists the figures that each sample has something for.
var drawn = map[string][]string{
	"storm":     {"connections-over-time", "new-connections-over-time", "response-time-over-time", "storm-by-variant", "share-per-server", "utilization-per-server"},
	"ramps":     {"storm-by-variant"},
	"imbalance": {"share-per-server", "utilization-per-server", "users-per-address"},
	"few":       {"share-per-server", "utilization-per-server", "users-per-address"},
	"grid":      {"heat-map"},
	"sweep":     {"heat-map", "curves", "scatter"},
	"sampled":   {"scatter"},
	"placed":    {"placement", "members-over-time", "databases-over-time"},
	"stalled":   {"ladder"},
	"many":      {"connections-over-time", "share-per-server", "utilization-per-server", "users-per-address"},
}

// kept lists the pictures that are compared byte by byte.
var kept = []string{
	"storm-connections-over-time", "many-connections-over-time", "imbalance-share-per-server",
	"few-share-per-server", "imbalance-users-per-address", "storm-storm-by-variant", "ramps-storm-by-variant",
	"grid-heat-map", "placed-placement", "placed-databases-over-time",
	"sweep-curves", "sampled-scatter", "imbalance-utilization-per-server",
}

func TestFigures(t *testing.T) {
	for _, s := range samples {
		var have []string
		for _, f := range Table {
			p, err := f.Draw(s.make())
			if errors.Is(err, ErrNothing) {
				continue
			}
			if err != nil {
				t.Fatalf("%s of %s: %v", f.Name, s.name, err)
			}
			have = append(have, f.Name)
			svg := svgOf(t, p)
			wellFormed(t, svg)
			apart(t, p)
			if again, _ := f.Draw(s.make()); !bytes.Equal(svg, svgOf(t, again)) {
				t.Errorf("%s of %s: other bytes the second time", f.Name, s.name)
			}
			if name := s.name + "-" + f.Name; slices.Contains(kept, name) {
				golden(t, name+".svg", svg)
			}
		}
		if got, want := strings.Join(have, " "), strings.Join(drawn[s.name], " "); got != want {
			t.Errorf("%s has %q, want %q", s.name, got, want)
		}
	}
}

func svgOf(t *testing.T, p *Picture) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.SVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
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

func TestPNG(t *testing.T) {
	p, err := connectionsOverTime.Draw(sample.Storm())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.PNG(&b); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("\x89PNG")) {
		t.Fatalf("no PNG: %v", err)
	}
}

func TestNames(t *testing.T) {
	for _, n := range Names() {
		if f, ok := Find(n); !ok || f.Name != n || f.Doc == "" {
			t.Errorf("figure %q", n)
		}
	}
	if _, ok := Find("pie"); ok {
		t.Error("found a pie")
	}
}
