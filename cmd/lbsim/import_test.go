package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The real logs become scenarios that run unedited, and what each server gets
// under source hash is what a count over the raw text gives: the hash written
// out here, and the address found by its place in the line.
func TestImportedLogsRunAsCounted(t *testing.T) {
	for _, test := range []struct {
		path   string
		column int // of the address, in words
	}{
		{"scenarios/convert/testdata/apache-2015.log.gz", 0},
		{"scenarios/convert/testdata/w3c-sample.log.gz", 8},
		{"scenarios/library/nasa-1995-08-01.log.gz", 0},
	} {
		t.Run(filepath.Base(test.path), func(t *testing.T) {
			path := filepath.Join(repository, test.path)
			addresses := column(t, path, test.column)
			t.Chdir(t.TempDir())
			must(t, "import", "log", path, "-o", "imported/log.yaml", "--servers", "4,8")
			must(t, "run", "imported/log.yaml", "-o", "result", "--record", "assignments")
			got := map[string]int{}
			lines := strings.Split(strings.TrimSpace(read(t, "result/assignments.csv")), "\n")
			header := strings.Split(lines[0], ",")
			for _, line := range lines[1:] {
				row := map[string]string{}
				for i, value := range strings.Split(line, ",") {
					row[header[i]] = value
				}
				if variant := row["variant"]; strings.HasPrefix(variant, "source-hash ") {
					got[variant+" "+row["server"]]++
				}
			}
			want := map[string]int{}
			for _, a := range addresses {
				var b [4]uint64
				if _, err := fmt.Sscanf(a, "%d.%d.%d.%d", &b[0], &b[1], &b[2], &b[3]); err != nil {
					t.Fatal(a, err)
				}
				x := b[0]<<24 + b[1]<<16 + b[2]<<8 + b[3] + 0x9E3779B97F4A7C15
				x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
				x = (x ^ x>>27) * 0x94D049BB133111EB
				x ^= x >> 31
				want[fmt.Sprintf("source-hash 4 web%d", x%4+1)]++
				want[fmt.Sprintf("source-hash 8 web%d", x%8+1)]++
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("requests of each server differ from the count (-) here:\n%s", diff)
			}
		})
	}
}

// column returns a word of each line that is no comment.
func column(t *testing.T, path string, n int) (words []string) {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)[n])
		}
	}
	return words
}

// must carries out a command and returns what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitDone {
		t.Fatalf("%q: exit status %d\n%s", args, status, &stderr)
	}
	return stdout.String()
}

// The report for programs has the figures that are known of the sample.
func TestImportJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	text := must(t, "import", "log", filepath.Join(repository, "scenarios/convert/testdata/apache-2015.log.gz"), "--format", "json")
	var r struct {
		Clients, Addresses int
		Trace              string
		Requests           struct {
			Total         int
			Top10         float64 `json:"top_10"`
			H             float64
			EffectiveSize float64 `json:"effective_size"`
		} `json:"requests_per_address"`
		SourceHash []struct {
			Servers  int
			Requests float64 `json:"requests_max_over_mean"`
		} `json:"source_hash"`
		Busiest []struct {
			Address  string
			Requests int
		}
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%d %d %s %d %.4f %.6f %.1f %v %s %d", r.Clients, r.Addresses, r.Trace, r.Requests.Total,
		r.Requests.Top10, r.Requests.H, r.Requests.EffectiveSize, len(r.SourceHash), r.Busiest[0].Address, r.Busiest[0].Requests)
	if want := "1862 1753 apache-2015.csv 10000 0.2039 0.007419 134.8 3 120.212.228.149 482"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
