package scenarios

import (
	"fmt"
	"slices"
	"time"

	"lbsim/scenarios/strict"
)

// checkExpectations checks what expectations refer to.
func (l *loader) checkExpectations(doc *strict.Document, s *Scenario) {
	var variants []string
	for _, v := range s.Variants {
		variants = append(variants, v.Name)
	}
	if len(variants) == 0 {
		variants = []string{Base}
	}
	for i := range s.Expect {
		e := &s.Expect[i]
		for k, in := range e.In {
			if !slices.Contains(variants, in) {
				hint := "variants are " + quoteAll(variants)
				if near := strict.Nearest(in, variants); near != "" {
					hint = "did you mean " + near + "?"
				}
				l.bad(doc, fmt.Sprintf("expect[%d].in[%d]", i, k), fmt.Sprintf("variant %q does not exist", in), hint)
			}
		}
		if len(e.Between) == 2 && e.Between[1] > s.Duration {
			l.bad(doc, fmt.Sprintf("expect[%d].between", i), fmt.Sprintf("%v is after the end (%v)", e.Between[1], s.Duration), "")
		}
		if !slices.Contains(MetricNames(), e.Metric) {
			hint := "the README lists the metrics"
			if near := strict.Nearest(e.Metric, MetricNames()); near != "" {
				hint = "did you mean " + near + "?"
			}
			l.bad(doc, fmt.Sprintf("expect[%d].metric", i), fmt.Sprintf("%q is not a metric", e.Metric), hint)
		}
	}
}

func quoteAll(names []string) string {
	var s string
	for i, n := range names {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%q", n)
	}
	return s
}

// MetricNames lists the metrics that an expectation may limit.
func MetricNames() []string {
	var out []string
	for _, o := range []string{"completed", "rejected", "timed_out", "reset", "retried"} {
		out = append(out, o, o+"_share")
	}
	out = append(out, "arrived")
	for _, t := range []string{"response_time", "wait_time", "connect_time"} {
		for _, q := range []string{"mean", "p50", "p90", "p95", "p99", "p999", "max"} {
			out = append(out, t+"."+q)
		}
	}
	out = append(out, "connections.mean", "connections.max", "new_connections.per_s_max",
		"utilization", "utilization.max", "queue.mean", "queue.max", "present.mean", "moved_clients", "stuck_to_down",
		"storm.peak_factor", "storm.share_first", "storm.connections", "storm.rebalance_time")
	for _, of := range []string{"", "connections.", "work."} {
		for _, m := range []string{"max_over_mean", "cov", "jain", "gini"} {
			out = append(out, "imbalance."+of+m)
		}
	}
	for _, when := range []string{"before", "during", "after"} {
		for _, q := range []string{"mean", "p95", "p99"} {
			out = append(out, "storm.response_time."+when+"."+q)
		}
	}
	return out
}

// Windows lists the spans of time that expectations measure, each once.
func (s *Scenario) Windows() (out [][2]time.Duration) {
	for i := range s.Expect {
		if b := s.Expect[i].Between; len(b) == 2 {
			w := [2]time.Duration{b[0], b[1]}
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}
