package results

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
)

// Values are validated with other seeds as those of models are, whose package for that
// is closed to others: see models/internal/theory.
var (
	theorySeed   = flag.Uint64("theory.seed", 0, "draw other random numbers for each; 0: those that tests are known to pass with")
	theoryRecord = flag.String("theory.record", "", "file to which comparisons with rows of theory.json are written")
	recorded     *json.Encoder
)

// salted is a name from which a seed is to derive.
func salted(name string) string {
	if *theorySeed == 0 {
		return name
	}
	return fmt.Sprintf("%s, seed %d", name, *theorySeed)
}

// record writes a comparison down, in the form of theory.Comparison.
func (k *known) record(t *testing.T, want, mean, half float64, holds bool) {
	t.Helper()
	if *theoryRecord == "" {
		return
	}
	if recorded == nil {
		f, err := os.Create(*theoryRecord)
		if err != nil {
			t.Fatal(err)
		}
		recorded = json.NewEncoder(f)
	}
	n, verdict := 16, "inside"
	switch {
	case half == 0:
		n, verdict = 1, "equal"
	case !holds:
		verdict = "near"
	}
	if half == 0 && !holds {
		verdict = "miss"
	}
	k.compared++
	err := recorded.Encode(map[string]any{
		"row": k.ID, "test": t.Name(), "nth": k.compared - 1, "theory": want, "mean": mean, "half": half, "n": n, "verdict": verdict,
	})
	if err != nil {
		t.Fatal(err)
	}
}
