package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios/strict"
)

// maxWindows bounds the spans of time that expectations measure: each takes a
// megabyte of histograms and slows every event down.
const maxWindows = 50

// checkExpectations checks what expectations refer to.
func (l *loader) checkExpectations(doc *strict.Document, s *Scenario, unread strict.Diagnostics) {
	variants := []string{Base}
	if !s.Variants.none() {
		variants = nil
		for _, x := range s.Variants.versions() {
			variants = append(variants, x.name)
		}
	}
	values := s.Variants.values()
	for i := range s.Expect {
		e := &s.Expect[i]
		at := fmt.Sprintf("expect[%d]", i)
		for k, in := range e.In {
			where := fmt.Sprintf("%s.in[%d]", at, k)
			if axes := s.Variants.axesOf(in); len(axes) > 1 && len(variants) > 0 {
				l.bad(doc, where, fmt.Sprintf("%q is a value of %s", in, strings.Join(axes, " and of ")), "name the variants in full, as in "+quoteAll(variants[:1]))
			} else if len(axes) == 0 && len(variants) > 0 && !slices.Contains(variants, in) {
				l.bad(doc, where, fmt.Sprintf("variant %q does not exist", in), l.variantHint(in, variants, values))
			}
		}
		if len(e.Between) == 2 && s.Duration > 0 && e.Between[1] > s.Duration {
			l.bad(doc, at+".between", fmt.Sprintf("%s is after the end (%s)", strict.FormatDuration(e.Between[1]), strict.FormatDuration(s.Duration)), "")
		}
		l.checkMetric(doc, at, e, unread)
	}
	if n := len(s.Windows()); n > maxWindows {
		l.bad(doc, "expect", fmt.Sprintf("%d different spans of time are to be measured; at most %d can be", n, maxWindows), "use the same between several times")
	}
}

// variantHint helps with the name of a variant that does not exist.
func (l *loader) variantHint(name string, variants, values []string) string {
	if near := l.nearest(name, slices.Concat(values, variants)); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(values) > 0 {
		return "values of axes are " + quoteAll(values)
	}
	return "variants are " + quoteAll(variants)
}

// checkTables checks the metrics that a grid is to be shown in.
func (l *loader) checkTables(doc *strict.Document, s *Scenario) {
	for i, name := range s.Tables {
		at := fmt.Sprintf("tables[%d]", i)
		l.metric(doc, at, name)
		if slices.Contains(s.Tables[:i], name) {
			l.bad(doc, at, fmt.Sprintf("there is a table of %s already", name), "")
		}
	}
}

// metric returns the metric of that name or, of a part, of that path; if there is
// none, it says so.
func (l *loader) metric(doc *strict.Document, at, name string) (m metric, ok bool) {
	if i := slices.IndexFunc(metrics, func(m metric) bool { return m.name == name }); i >= 0 {
		return metrics[i], true
	}
	if _, _, m, ok := ofPart(name); ok {
		return m, true
	}
	hint := "lbsim list metrics shows them"
	if near := l.nearest(name, MetricNames()); near != "" {
		hint = "did you mean " + near + "?"
	}
	l.bad(doc, at, fmt.Sprintf("%q is not a metric", name), hint)
	return m, false
}

// checkMetric checks that the metric exists and that the limits are in its
// unit.
func (l *loader) checkMetric(doc *strict.Document, at string, e *Expectation, unread strict.Diagnostics) {
	if e.Metric == "" {
		return // reported already
	}
	m, ok := l.metric(doc, at+".metric", e.Metric)
	if !ok {
		return
	}
	for _, limit := range []struct {
		key string
		*Limit
	}{{"below", e.Below}, {"above", e.Above}} {
		if limit.Limit != nil && !unread.Hide(doc.Path(at+"."+limit.key)) && limit.unit != m.unit {
			l.bad(doc, at+"."+limit.key, fmt.Sprintf("%s is %s, not %s", limit.text, limit.unit, m.unit), m.unit.example(limit.text))
		}
	}
}

func quoteAll(names []string) string {
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	return strings.Join(quoted, ", ")
}

// unit is what a metric is measured in.
type unit int

const (
	plain unit = iota
	duration
	share
	rate
)

// String names the unit, with its article.
func (u unit) String() string {
	return [...]string{"a plain number", "a duration", "a share", "a rate"}[u]
}

// example shows how to write a limit in the unit, of the user's own number if
// it is a plain one. What metrics print as 0.9 is 90%, and may have been meant.
func (u unit) example(text string) string {
	number := strings.TrimRight(text, "%/abcdefghijklmnopqrstuvwxyz")
	if number == "" || strings.ContainsAny(number, "eE") {
		number = "5"
	}
	if value, err := strconv.ParseFloat(number, 64); u == share && number == text && err == nil && value >= 0 && value <= 1 {
		return fmt.Sprintf("write %s or %s%%", strict.FormatShare(flow.Share(value)), number)
	}
	return fmt.Sprintf([...]string{"write %s", "write %[1]sms or %[1]ss", "write %s%%", "write %s/s"}[u], number)
}

// metric is what an expectation may limit.
type metric struct {
	name string
	unit unit
}

var metrics = allMetrics()

func allMetrics() (out []metric) {
	add := func(u unit, names ...string) {
		for _, n := range names {
			out = append(out, metric{n, u})
		}
	}
	for _, o := range []string{"completed", "rejected", "timed_out", "reset", "retried"} {
		add(plain, o)
		add(share, o+"_share")
	}
	add(plain, "arrived")
	for _, t := range []string{"response_time", "wait_time", "connect_time", "network_time"} {
		for _, q := range []string{"mean", "p50", "p90", "p95", "p99", "p999", "max"} {
			add(duration, t+"."+q)
		}
	}
	add(plain, "connections.mean", "connections.max", "connections.reset")
	add(rate, "new_connections.per_s_max")
	add(share, "utilization", "utilization.max", "memory.max", "balancer_utilization")
	add(plain, "memory.refused")
	add(plain, "queue.mean", "queue.max", "balancer_queue.mean", "balancer_queue.max", "present.mean", "moved_clients", "stuck_to_down", "storm.peak_factor", "snat.ports_max", "snat.exhausted", "per_source.refused", "per_source.clients", "sorry")
	add(share, "broken_sessions_share")
	add(plain, "broken_sessions")
	for why := flow.Stayed + 1; why <= flow.Expired; why++ {
		add(plain, "moved."+why.String())
	}
	add(duration, "detection.time", "detection.time_max", "drain.time", "drain.time_max")
	add(plain, "detection.lost", "detection.lost_max")
	add(share, "storm.share_first")
	add(plain, "storm.connections")
	add(duration, "storm.rebalance_time")
	for _, of := range []string{"", "connections.", "work."} {
		for _, m := range []string{"max_over_mean", "cov", "jain", "gini"} {
			add(plain, "imbalance."+of+m)
		}
	}
	for _, when := range []string{"before", "during", "after"} {
		for _, q := range []string{"mean", "p95", "p99"} {
			add(duration, "storm.response_time."+when+"."+q)
		}
	}
	add(plain, "stalls")
	add(duration, "stall_time")
	return append(out, placedMetrics...)
}

// MetricNames lists the metrics that an expectation may limit.
func MetricNames() (names []string) {
	for _, m := range metrics {
		names = append(names, m.name)
	}
	return names
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
