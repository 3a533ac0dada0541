package main

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// The scenario that is written of a capture runs, stalls as often and as long as the
// capture in each of its conversations, and no more with the setting that helps.
func TestCapturedScenarioRuns(t *testing.T) {
	for _, name := range []string{"nagle-delack-40ms", "linux-two-writes"} {
		t.Run(name, func(t *testing.T) {
			capture := filepath.Join(repository, "scenarios", "convert", "capture", "testdata", name+".pcap")
			capture, err := filepath.Abs(capture)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			output := func(args ...string) []byte {
				t.Helper()
				var stdout, stderr bytes.Buffer
				if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitDone {
					t.Fatalf("%v: exit status %d\n%s", args, status, &stderr)
				}
				return stdout.Bytes()
			}
			var diagnosis struct {
				Stalls struct {
					Count float64
					Total float64 `json:"total_s"`
				}
			}
			if err := json.Unmarshal(output("diagnose", capture, "-o", "mine.yaml", "--format", "json"), &diagnosis); err != nil {
				t.Fatal(err)
			}
			var summary struct {
				Variants []struct {
					Name    string
					Metrics map[string]struct{ Mean float64 }
				}
			}
			if err := json.Unmarshal(output("run", "mine.yaml", "--format", "json"), &summary); err != nil {
				t.Fatal(err)
			}
			v := summary.Variants
			conversations := v[0].Metrics["completed"].Mean
			if conversations < 5 || len(v) != 4 {
				t.Fatalf("%v conversations, %d variants", conversations, len(v))
			}
			count, total := v[0].Metrics["stalls"].Mean/conversations, v[0].Metrics["stall_time"].Mean/conversations
			if count != diagnosis.Stalls.Count || math.Abs(total/diagnosis.Stalls.Total-1) > 0.02 {
				t.Errorf("%v stalls of %v s together; in the capture %v, %v s", count, total, diagnosis.Stalls.Count, diagnosis.Stalls.Total)
			}
			for i, want := range map[int]float64{1: 0, 2: 0, 3: count} { // no delay, the right end, the wrong end
				if got := v[i].Metrics["stalls"].Mean / v[i].Metrics["completed"].Mean; got != want {
					t.Errorf("%s: %v stalls, not %v", v[i].Name, got, want)
				}
			}
			saved := v[0].Metrics["response_time.mean"].Mean - v[1].Metrics["response_time.mean"].Mean
			if math.Abs(saved/diagnosis.Stalls.Total-1) > 0.03 {
				t.Errorf("no delay saves %v s", saved)
			}
		})
	}
}
