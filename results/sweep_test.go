package results

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lbsim/sim"
)

// A run that is kept gives, read again, the same bits, also of what is no number.
func TestRunIsKept(t *testing.T) {
	run := &Run{
		Kernel:  sim.Stats{Fired: 1 << 63, Fingerprint: 0x00f0_dead_beef_0001},
		metrics: values{{"a", "s", 0.1 + 0.2}, {"b", "", math.NaN()}, {"c \"<", "1/s", math.Inf(-1)}, {"d", "", math.Copysign(0, -1)}, {"e", "", 5e-324}},
		services: []serviceRun{
			{name: "web, \u00fc", metrics: values{{"a", "s", math.MaxFloat64}}},
			{name: "none"},
		},
		windows: []windowRun{{metrics: values{{"a", "", 1}}}, {placement: &placement{kept: map[string][]part{
			"vms": {{"mail", values{{"downtime", "s", 3}}}},
		}}}},
	}
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	var again Run
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	same := cmp.Comparer(func(a, b float64) bool {
		return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
	})
	if diff := cmp.Diff(run, &again, same, cmp.AllowUnexported(Run{}, serviceRun{}, value{}, windowRun{}, placement{}, part{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{`{}`, `{"fingerprint":"x"}`, `{"fingerprint":"0","metrics":[["a"]]}`, `{"fingerprint":"0","metrics":[["a","x"]]}`, `{"fingerprint":"0","metrics":[[1,2]]}`} {
		if json.Unmarshal([]byte(bad), &again) == nil {
			t.Errorf("%s was read as a run", bad)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		text, unit string
		v          float64
	}{{"8", "", 8}, {"0.5", "", 0.5}, {"-2", "", -2}, {"250ms", "s", 0.25}, {"2m", "s", 120}, {"35%", "%", 35}, {"900/s", "/s", 900}, {"4KB", "KB", 4}} {
		v, unit, ok := Number(c.text)
		if !ok || v != c.v || unit != c.unit {
			t.Errorf("%s: %v %q %v", c.text, v, unit, ok)
		}
	}
	for _, text := range []string{"", "none", "{kind: linear}", "10.0.0.1", "1h30m", "[1, 2]", "s"} {
		if v, unit, ok := Number(text); ok {
			t.Errorf("%s: %v %q", text, v, unit)
		}
	}
	if !Numeric([]string{"500ms", "1s"}) || Numeric([]string{"1", "2s"}) || Numeric([]string{"1"}) || Numeric([]string{"1", "1.0"}) {
		t.Error("which lists are numbers is wrong")
	}
}
