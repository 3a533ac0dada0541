package experiment_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

var update = flag.Bool("update", false, "rewrite the golden files; look at the diff before you commit it")

// small makes the bundled scenarios quick to run, without changing what they
// are about.
var small = map[string][]string{
	"balancer-failover":     {"replications", "2", "sites.users.clients", "300"},
	"delayed-ack":           {"replications", "1", "duration", "90s"},
	"dead-datastore":        {"replications", "1", "sites.users.clients", "200"},
	"exchange-2010":         {"replications", "1", "sites.hq.clients", "1000"},
	"host-failure":          {"replications", "2", "sites.users.clients", "400"},
	"logon-storm":           {"replications", "1"},
	"maintenance":           {"replications", "1", "sites.users.clients", "300"},
	"nlb-affinity":          {"replications", "2", "duration", "8m", "warmup", "2m", "sites.offices.clients", "300"},
	"nlb-against-balancer":  {"replications", "1", "sites.staff.clients", "300", "traffic.pages.arrivals.rate", "10/s"},
	"nat-ports":             {"replications", "2", "duration", "4m", "warmup", "1m"},
	"outage-retries":        {"replications", "1"},
	"platforms":             {"replications", "1", "traffic.shop.arrivals.rate", "15/s"},
	"rejoin-cold-cache":     {"replications", "1", "sites.staff.clients", "1000"},
	"rejoin-storm":          {"replications", "2", "sites.staff.clients", "1000"},
	"rejoin-storm-products": {"replications", "2", "sites.staff.clients", "500"},
	"rolling-upgrade":       {"replications", "1", "sites.users.clients", "200"},
	"size-nodes":            {"replications", "1", "sites.hq.clients", "300", "sites.roaming.clients", "100"},
	"stunned-member":        {"replications", "1", "sites.office.clients", "60"},
	"scheduling-assistant":  {"replications", "1", "duration", "10m", "warmup", "2m"},
	"source-ip-nat":         {"replications", "2"},
	"persistence-modes":     {"replications", "1", "duration", "8m", "warmup", "1m"},
}

func libraryScenario(t testing.TB, name string) *scenarios.File {
	t.Helper()
	src, ok := scenarios.FromLibrary(name)
	if !ok {
		t.Fatalf("there is no scenario %s", name)
	}
	settings, ok := small[name]
	if !ok {
		settings = []string{"replications", "2"}
	}
	return load(t, src, settings...)
}

func summary(t *testing.T, o *experiment.Outcome) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := results.SummaryJSON(&b, o.Result); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The result depends on the scenario and nothing else: not on how many
// replications run at a time, on the number of threads, or on what ran before.
// Go shuffles maps anew each time, so a run whose result depends on the order
// of a map would differ from itself.
func TestSameResultHoweverItIsRun(t *testing.T) {
	for _, name := range scenarios.LibraryNames() {
		t.Run(name, func(t *testing.T) {
			f := libraryScenario(t, name)
			want := summary(t, perform(t, f, experiment.Options{Parallel: 1}))
			check := func(how string, o *experiment.Outcome) {
				if diff := cmp.Diff(string(want), string(summary(t, o))); diff != "" {
					t.Errorf("%s differs:\n%s", how, diff)
				}
			}
			check("a run that was kept and read again", keptAndRead(t, f))
			check("a second run", perform(t, f, experiment.Options{Parallel: 1}))
			check("a run with two at a time", perform(t, f, experiment.Options{Parallel: 2}))
			check("a run with assignments", perform(t, f, experiment.Options{Assignments: true}))
			check("the scenario read again", perform(t, libraryScenario(t, name), experiment.Options{}))
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			check("a run on one thread", perform(t, f, experiment.Options{Parallel: 2}))
		})
	}
}

// The fingerprints of the bundled scenarios: the time, place and argument of
// every event. A change means that all results change.
func TestFingerprints(t *testing.T) {
	const golden = "testdata/fingerprints.txt"
	var b strings.Builder
	for _, name := range scenarios.LibraryNames() {
		for _, v := range perform(t, libraryScenario(t, name), experiment.Options{}).Result.Variants {
			fmt.Fprintf(&b, "%s, %s: %s, %d events\n", name, v.Name, results.Hex(v.Fingerprint), v.Events)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the fingerprints have changed; if that is meant, go test -update and say why:\n%s", diff)
	}
}

// Two seeds, and two replications, are different runs.
func TestSeedsAndReplicationsDiffer(t *testing.T) {
	src, _ := scenarios.FromLibrary("source-ip-nat")
	seen := map[uint64][]string{}
	for _, settings := range [][]string{
		{"seed", "1", "replications", "1"},
		{"seed", "2", "replications", "1"},
		{"seed", "1", "replications", "2"},
	} {
		fingerprint := perform(t, load(t, src, settings...), experiment.Options{}).Result.Fingerprint()
		if other, ok := seen[fingerprint]; ok {
			t.Errorf("%v and %v have the same fingerprint", settings, other)
		}
		seen[fingerprint] = settings
	}
}
