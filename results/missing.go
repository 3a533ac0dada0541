package results

import (
	"fmt"
	"slices"
	"strings"
)

// Missing says in a few words why a metric of the variant has no value, ""
// if it has one or if there is nothing to say.
func (v *Variant) Missing(metric string) string {
	m, ok := v.Metrics.Get(metric)
	switch {
	case ok && m.Known() || !strings.HasPrefix(metric, "storm."):
		return ""
	case !ok:
		return "no storm"
	case v.noConnection():
		return "no connection"
	case metric == "storm.rebalance_time":
		return "not within the run"
	}
	return "none"
}

// noConnection reports whether a server came back and never got a connection,
// in any replication.
func (v *Variant) noConnection() bool {
	m, ok := v.Metrics.Get("storm.connections")
	return ok && m.Known() && m.Mean == 0
}

// Unexplained says about each variant why values of its storm are missing, but for
// grids of placements that show nothing of storms.
func (r *Result) Unexplained() []string {
	silent := r.placed() && len(r.Axes) > 0 && !slices.ContainsFunc(r.Tables, func(name string) bool { return strings.HasPrefix(name, "storm.") })
	if silent || len(r.rowsOf(stormMetrics)) == 0 {
		return nil
	}
	var without, idle, never, partly []string
	for i := range r.Variants {
		v := &r.Variants[i]
		m, ok := v.Metrics.Get("storm.rebalance_time")
		switch {
		case !ok:
			without = append(without, v.Name)
		case v.noConnection():
			idle = append(idle, v.Name)
		case m.N == 0:
			never = append(never, v.Name)
		case m.N < len(m.Values):
			partly = append(partly, fmt.Sprintf("%s: %s is a mean over the %d of %d replications in which the server got level within the run",
				v.Name, TermOf(m.Name).Label, m.N, len(m.Values)))
		}
	}
	var out []string
	say := func(names []string, words string) {
		if len(names) > 0 {
			out = append(out, strings.Join(names, "; ")+": "+words)
		}
	}
	say(without, "no storm, since no server came back")
	say(idle, "the server that came back got no new connection until the end of the run or its next failure, so there is no time until level and no response time in the storm")
	say(never, "the server that came back was not level with the others by the end of the run or its next failure")
	return append(out, partly...)
}
