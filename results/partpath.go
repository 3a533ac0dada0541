package results

import (
	"slices"
	"strings"
)

// splitPath splits the path of a metric of a part, such as
// classes.MAIL.colocated_time, into the kind of part, its name and the metric. Names
// may contain dots: the metric is what begins with a name of the kind's metrics.
func splitPath(path string) (kind, name, metric string, ok bool) {
	kind, rest, _ := strings.Cut(path, ".")
	heads, ok := partMetrics[kind]
	if !ok {
		return "", "", "", false
	}
	for i := len(rest) - 1; i > 0; i-- {
		if rest[i] != '.' {
			continue
		}
		head, _, _ := strings.Cut(rest[i+1:], ".")
		if slices.Contains(heads, head) {
			return kind, rest[:i], rest[i+1:], true
		}
	}
	return "", "", "", false
}

// partMetrics are the metrics of each kind of part, or the first words of them.
var partMetrics = map[string][]string{
	serviceParts:  {"availability", "downtime", "members_up"},
	vmParts:       {"availability", "downtime", "outages", "restarts", "failovers", "migrations", "stun_time", "cpu_ready"},
	classParts:    {"availability", "downtime", "members_up", "colocated_time", "colocated_share", "failovers"},
	databaseParts: {"availability", "downtime", "thin_time", "failovers", "false_failovers", "switchovers", "returns", "lost_logs"},
}

// Metric returns a metric of the variant, or by its path one of a part of it.
func (v *Variant) Metric(name string) (Metric, bool) {
	if m, ok := v.Metrics.Get(name); ok {
		return m, true
	}
	kind, part, metric, ok := splitPath(name)
	if !ok {
		return Metric{}, false
	}
	for _, x := range v.Parts(kind) {
		if x.Name == part {
			return x.Metrics.Get(metric)
		}
	}
	return Metric{}, false
}

// WindowMetric returns a metric of one of the Setting's windows, or by its path one
// of a part.
func WindowMetric(i int, name string, runs []*Run) Metric {
	var m Metrics
	if kind, part, metric, ok := splitPath(name); ok {
		m, name = merge(runs, func(r *Run) values { return r.windows[i].placement.partValues(kind, part, r.setting) }), metric
	} else {
		m = Window(i, runs)
	}
	x, _ := m.Get(name)
	return x
}

// MetricOf returns a metric of the runs, or by its path one of a part.
func MetricOf(name string, runs []*Run) Metric {
	lists := make([]values, len(runs))
	for k, r := range runs {
		if kind, part, metric, ok := splitPath(name); ok {
			lists[k], _ = r.placement.partValues(kind, part, r.setting).named(metric)
		} else {
			lists[k], _ = r.metrics.named(name)
		}
	}
	if m := mergeLists(lists); len(m) > 0 {
		return m[0]
	}
	return Metric{Name: name, Estimate: EstimateOf(nil, "")}
}

// partValues are the metrics of one part.
func (p *placement) partValues(kind, name string, services []ServiceSetting) values {
	for _, x := range p.parts(kind, services) {
		if x.name == name {
			return x.metrics
		}
	}
	return nil
}
