package theory

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	validate = flag.Int("validate", 0, "seeds with which every row is simulated (make validate); 0: look at what was recorded of the last time")
	kept     = flag.Bool("kept", false, "with validate: take the records that are in out/validate for simulated, and simulate the others")
	update   = flag.Bool("update", false, "with validate: record what comes of it, in testdata and the README; otherwise: rewrite the README")
)

// recorded is what came of validating the last time.
const recorded = "testdata/validation.csv"

// All rows agree with what is simulated: as many intervals of 99 % miss the theory as
// chance allows, none of them much more often than others, and numbers that
// chance has no part in are equal. The README has the table of that.
func TestValidation(t *testing.T) {
	rows := everyRow(t)
	var all []*outcome
	if *validate > 0 {
		folder := filepath.Join(repository, "out/validate")
		simulateAll(t, folder, *validate)
		all = collect(t, folder)
		writeAll(t, folder, rows, all)
	} else {
		all = readOutcomes(t, recorded)
	}
	for _, o := range all {
		if _, ok := rows[o.Row]; !ok {
			t.Errorf("there is no row %s any more", o.Row)
		}
	}
	if ids := missed(rows, all); len(ids) > 0 {
		t.Errorf("%d rows were not compared: %s", len(ids), strings.Join(ids, " "))
	}
	if t.Failed() {
		return
	}
	sharp, slack, problems := judgement(rows, all)
	for _, p := range problems {
		t.Error(p)
	}
	table := familyTable(rows, all)
	t.Logf("%d rows, %d comparisons, %d seeds\n%s", len(rows), len(all), sharp.seeds, table)
	t.Logf("%d of %d intervals of 99 %% miss the theory; %.0f are expected, and chance allows %d (%d if all were independent)",
		sharp.misses, sharp.intervals, missing*float64(sharp.intervals), sharp.allowed(), allowed(slices.Repeat([]int{1}, sharp.comparisons), sharp.seeds))
	t.Logf("%d of %d miss that are widened by what the theory may be off; chance allows %d", slack.misses, slack.intervals, slack.allowed())
	if *validate > 0 && !*update {
		return
	}
	name, text, old := readme(t, table)
	switch {
	case *update:
		write(t, name, text)
	case old != table:
		t.Errorf("the README has another table than %s gives; go test ./models/internal/theory -update rewrites it", recorded)
	}
	if *update && *validate > 0 {
		writeTo(t, recorded, func(f *os.File) error { return writeOutcomes(f, all) })
	}
}

// simulateAll runs the tests of all parts with seeds from 1 on. None of these are the
// seeds of tests that are not told any, which are chosen so that all pass.
func simulateAll(t *testing.T, folder string, seeds int) {
	t.Helper()
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	if !*kept {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		name := filepath.Join(folder, strings.ReplaceAll(p.folder, "/", "_"))
		command(t, filepath.Join(repository, p.folder), "go", "test", "-c", "-o", name+".test", ".")
	}
	for seed := 1; seed <= seeds; seed++ {
		for _, p := range parts {
			name := filepath.Join(folder, strings.ReplaceAll(p.folder, "/", "_"))
			record := fmt.Sprintf("%s-%02d.jsonl", name, seed)
			if _, err := os.Stat(record); err == nil || p.once && seed > 1 {
				continue
			}
			command(t, filepath.Join(repository, p.folder), name+".test", "-test.run", "^Test("+p.tests+")$", "-test.timeout", "3h",
				"-theory.seed", fmt.Sprint(seed), "-theory.record", record+".part")
			if err := os.Rename(record+".part", record); err != nil { // else it is of a run that was not finished
				t.Fatal(err)
			}
		}
		t.Logf("seed %d of %d", seed, seeds)
	}
}

// command runs a program in a folder.
func command(t *testing.T, folder, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", c, err, out)
	}
}

// writeAll writes the tables of all comparisons.
func writeAll(t *testing.T, folder string, rows map[string]Row, all []*outcome) {
	t.Helper()
	writeTo(t, filepath.Join(folder, "rows.csv"), func(f *os.File) error { return writeOutcomes(f, all) })
	writeTo(t, filepath.Join(folder, "rows.md"), func(f *os.File) error {
		everyLine(f, rows, all)
		return nil
	})
}

func writeTo(t *testing.T, name string, fill func(f *os.File) error) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	writeTo(t, name, func(f *os.File) error {
		_, err := f.WriteString(text)
		return err
	})
}
