package theory

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// repository is its root, from here.
const repository = "../../.."

// part is a package with rows, and the tests that compare them.
type part struct {
	folder string
	tests  string // a pattern for their names after Test
	once   bool   // chance has no part in them
}

var parts = []part{
	{folder: "models", tests: "QueueingTheory|ManyIdleQueues|ManyCores|VarianceOfAverages|Sizes|BusierAfterAFailure|" +
		"RetriesAfterTimeouts|RetriesHaveACriticalRate|ImmediateRetriesCollapse|RetriesInOverload|Attempts|" +
		"RejoinUnderLeastConnections|RampUnderLeastConnections|RampUnderSharing|RampInShare|RampInSixteenths|RampInRate|" +
		"ConnectionCounts|StickySessions|ReconnectionsPerSurvivor|PortsBoundTheRateOfConnections|BlocksOfPortsBoundTheUsersOfAnAddress|" +
		"BallsIntoBins|SourceHashOfUnequalGroups|SourceHashOfZipfGroups|AllOnOneServer|ModuloMovesClients"},
	{folder: "models/cluster", tests: "AllDown|Together|TimeToAllDown|PlacedAtRandom|Shared|RarelyAllDown|RarelyTooFew|RestartElsewhere"},
	{folder: "models/lb", tests: "Detection", once: true},
	{folder: "models/lb/sched", tests: "RingShares|MaglevTables|BoundedLoads|ThreeChoices|TablesOfTheMaglevPaper"},
	{folder: "models/tcp", tests: "KnownExchanges|LastSegmentWaits"},
	{folder: "results", tests: "KnownValues"},
}

// everyRow returns the rows of all packages by id.
func everyRow(t *testing.T) map[string]Row {
	t.Helper()
	rows := map[string]Row{}
	for _, p := range parts {
		table := Load(filepath.Join(repository, p.folder, "testdata/theory.json"))
		for _, id := range table.ids {
			if _, twice := rows[id]; twice {
				t.Errorf("two packages have %s", id)
			}
			rows[id] = table.rows[id]
		}
	}
	return rows
}

// collect adds up what records have of each comparison, in the order of their names.
func collect(t *testing.T, folder string) (all []*outcome) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	byKey := map[string]*outcome{}
	for _, name := range files {
		base := strings.TrimSuffix(filepath.Base(name), ".jsonl")
		dash := strings.LastIndex(base, "-")
		for _, c := range readRecord(t, name) {
			if c.Row == "" {
				continue // a number that no row has
			}
			c.Test = base[:dash] + "." + strings.TrimPrefix(c.Test, "Test")
			key := fmt.Sprint(c.Test, c.Nth)
			o := byKey[key]
			if o == nil {
				o = &outcome{Comparison: c, run: simulationOf(c.Test)}
				byKey[key] = o
				all = append(all, o)
			}
			o.count(c)
		}
	}
	for _, o := range all {
		o.spread()
	}
	slices.SortFunc(all, func(a, b *outcome) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Test, b.Test), cmp.Compare(a.Nth, b.Nth))
	})
	return all
}

// count adds what came of a seed.
func (o *outcome) count(c Comparison) {
	switch {
	case c.Verdict == Differing:
	case c.Half == 0 && c.N < 2 || c.Half == 0 && !c.Verdict.Holds():
		if !c.Verdict.Holds() {
			o.wrong++
		}
	default:
		o.seeds++
		o.means = append(o.means, c.Mean)
		o.width = math.Hypot(o.width, c.Half)
		if !c.Verdict.Holds() {
			o.misses++
		}
	}
}

// spread works out how the seeds differ.
func (o *outcome) spread() {
	o.mean, _ = Interval(o.means, 0)
	squares := 0.0
	for _, x := range o.means {
		squares += (x - o.mean) * (x - o.mean)
	}
	o.deviation = math.Sqrt(squares / float64(max(1, o.seeds-1)))
	o.width /= math.Sqrt(float64(max(1, o.seeds)))
}

// simulationOf is what tests have in common that look at the same runs: the test of a
// list of systems and the system.
func simulationOf(test string) string {
	names := strings.SplitN(test, "/", 3)
	return strings.Join(names[:min(2, len(names))], "/")
}

func readRecord(t *testing.T, name string) (list []Comparison) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c Comparison
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// missed lists the rows that no comparison is of.
func missed(rows map[string]Row, all []*outcome) (ids []string) {
	seen := map[string]bool{}
	for _, o := range all {
		seen[o.Row] = true
	}
	for id := range rows {
		if !seen[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
