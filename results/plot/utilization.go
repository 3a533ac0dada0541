package plot

import (
	"math"
	"slices"

	"lbsim/results"
)

var utilizationPerServer = Figure{
	Name: "utilization-per-server",
	Doc:  "How busy each server is, for each variant, or each state of a sizing, against the mean of all and the limit.",
	Draw: drawUtilization,
}

func drawUtilization(r *results.Result) (*Picture, error) {
	c := serverColumn{title: "busy cores over all cores", axis: "utilization (%)", limits: utilizationLimits(r)}
	known := false
	for i := range r.Variants {
		if g := busyGroup(&r.Variants[i]); len(g.servers) > 0 {
			known = known || g.words != ""
			c.groups = append(c.groups, g)
		}
	}
	if !known {
		return nil, ErrNothing
	}
	note := "Dashed: the mean of the servers. "
	if len(c.limits) > 0 {
		note = "Full line: the limit. " + note
	}
	return drawColumns(r, "utilization-per-server", "Utilization of each server", note+"Busiest: the server that is it", []serverColumn{c}), nil
}

// utilizationLimits are the limits that a sizing, or an expectation on all of the time,
// sets to the utilization of the busiest server, each once.
func utilizationLimits(r *results.Result) (limits []float64) {
	add := func(metric string, values ...float64) {
		for _, v := range values {
			if metric == "utilization.max" && !math.IsNaN(v) && !slices.Contains(limits, v) {
				limits = append(limits, v)
			}
		}
	}
	if r.Sizing != nil {
		for _, o := range r.Sizing.Objectives {
			add(o.Metric, o.Below, o.Above)
		}
	}
	for i := range r.Expectations {
		if x := &r.Expectations[i]; !x.Windowed {
			add(x.Metric, x.Below, x.Above)
		}
	}
	return limits
}

// busyGroup holds how busy the servers of a variant are, each of them once, in however
// many services it is.
func busyGroup(v *results.Variant) serverGroup {
	g := serverGroup{name: v.Name}
	var values [][]float64 // by server and replication
	for k := range v.Services {
		for i := range v.Services[k].Servers {
			s := &v.Services[k].Servers[i]
			m, ok := s.Metrics.Get("utilization")
			if !ok || !m.Known() || slices.Contains(g.servers, s.Name) {
				continue
			}
			if len(m.Values) == 0 {
				m.Values = []float64{m.Mean}
			}
			g.servers = append(g.servers, s.Name)
			g.mean, g.low, g.high = append(g.mean, m.Mean), append(g.low, slices.Min(m.Values)), append(g.high, slices.Max(m.Values))
			values = append(values, m.Values)
		}
	}
	if len(values) == 0 {
		return g
	}
	busiest := slices.Clone(values[0])
	for i, list := range values {
		g.dashed += g.mean[i] / float64(len(values))
		for r := range min(len(list), len(busiest)) {
			busiest[r] = max(busiest[r], list[r])
		}
	}
	display := results.TermOf("utilization.max").Display
	g.words = "busiest " + display.HumanInterval(results.EstimateOf(busiest, "")) + ", mean " + display.Human(g.dashed)
	return g
}
