package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lbsim/scenarios"
)

// goldenFiles are the parts of a result that are kept for each bundled
// scenario: what people read, and one figure for the README.
var goldenFiles = map[string][]string{
	"balancer-failover":     {"timeline.txt"},
	"client-habits":         {"plots/heat-map.svg"},
	"dag-antiaffinity":      {"timeline.txt", "plots/placement.svg", "plots/databases-over-time.svg"},
	"dead-datastore":        {"timeline.txt"},
	"delayed-ack":           {"plots/ladder.svg"},
	"drs-repair":            {"timeline.txt"},
	"host-failure":          {"timeline.txt"},
	"hung-service":          {"timeline.txt", "plots/answers-over-time.svg"},
	"last-resort":           {"timeline.txt", "plots/placement.svg"},
	"logon-storm":           {"plots/new-connections-over-time.svg"},
	"maintenance":           {"timeline.txt", "plots/connections-over-time.svg"},
	"nlb-affinity":          {"plots/heat-map.svg"},
	"nlb-against-balancer":  {"plots/heat-map.svg"},
	"nat-ports":             {"plots/new-connections-over-time.svg"},
	"outage-retries":        {"plots/answers-over-time.svg"},
	"platforms":             {"plots/heat-map.svg"},
	"rejoin-cold-cache":     {"plots/response-time-over-time.svg"},
	"rejoin-storm":          {"timeline.txt", "plots/new-connections-over-time.svg"},
	"rejoin-storm-products": {"plots/storm-by-variant.svg"},
	"rolling-upgrade":       {"timeline.txt"},
	"stunned-member":        {"timeline.txt", "plots/heat-map.svg"},
	"source-ip-nat":         {"servers.csv"},
	"persistence-modes":     {"plots/heat-map.svg"},
}

// The bundled scenarios give the results in results/golden. A change there is
// a change of what the simulator says: the commit has to say what moved and
// why it is right.
func TestGolden(t *testing.T) {
	for _, name := range scenarios.LibraryNames() {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var stdout, stderr bytes.Buffer
			if status := run([]string{"run", name}, strings.NewReader(""), &stdout, &stderr); status != exitDone && status != exitMissed {
				t.Fatalf("exit status %d\n%s", status, &stderr)
			}
			text := stdout.String()
			first, rest, _ := strings.Cut(text, "\n")
			compareGolden(t, name, "summary.txt", elapsed.ReplaceAllString(first, "")+"\n"+rest)
			for _, file := range goldenFiles[name] {
				compareGolden(t, name, filepath.Base(file), read(t, filepath.Join("out", name, file)))
			}
		})
	}
}

func compareGolden(t *testing.T, scenario, file, got string) {
	t.Helper()
	path := filepath.Join(repository, "results", "golden", scenario, file)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, path, got)
		return
	}
	if want := read(t, path); got != want {
		t.Errorf("%s has changed:\n%s", path, firstDifference(want, got))
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "(end)", "(end)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return "-" + a + "\n+" + b
		}
	}
	return ""
}
