package experiment_test

import (
	"regexp"
	"slices"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// What a run measures can be limited by an expectation: the lists of package
// scenarios have every metric of package results, which does not know them.
func TestMetricsHaveNames(t *testing.T) {
	// member stands for the number at the end of members_up.at_least.2.
	member := regexp.MustCompile(`at_least\.\d+$`)
	for _, name := range []string{"dag-antiaffinity", "rejoin-storm", "nat-ports", "persistence-modes", "balancer-failover", "receive-connector"} {
		r := perform(t, libraryScenario(t, name), experiment.Options{}).Result
		for i := range r.Variants {
			v := &r.Variants[i]
			check := func(metrics results.Metrics, prefix string, known []string) {
				for _, m := range metrics {
					if path := prefix + member.ReplaceAllString(m.Name, "at_least.N"); !slices.Contains(known, path) {
						t.Errorf("%s, %s: metric %s is not in the lists of package scenarios", name, v.Name, path)
					}
				}
			}
			check(v.Metrics, "", scenarios.MetricNames())
			for _, kind := range []string{"vms", "classes", "databases"} {
				for _, p := range v.Parts(kind) {
					check(p.Metrics, kind+".NAME.", scenarios.PartMetricNames())
				}
			}
		}
	}
}
