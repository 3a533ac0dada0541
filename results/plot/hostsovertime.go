package plot

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"lbsim/results"
)

// hostsOverTime shows hosts and machines that are too many for lanes.
var hostsOverTime = overTime{
	name: "placement", title: "Hosts and virtual machines that are up",
	axis: func(low, _ float64) axis { return upAxis(low) },
	panels: func(r *results.Result) (panels []timePanel) {
		for i := range r.Variants {
			v := &r.Variants[i]
			if v.Placement == nil || len(v.Placement.Hosts) == 0 {
				continue
			}
			p := timePanel{title: v.Name}
			p.traces = append(p.traces, shareOf(v, "vms_up", "virtual machines", len(v.Placement.VMs), calm[0])...)
			p.traces = append(p.traces, shareOf(v, "hosts_up", "hosts", len(v.Placement.Hosts), calm[4])...)
			panels = append(panels, p)
		}
		return panels
	},
}

// upAxis is an axis of shares up to 1, from 0 or from a round share below the lowest
// if that is more than half.
func upAxis(low float64) axis {
	ticks := countTicks{panelTicks, 0, func(v float64) string { return plainLabel(v * 100) }}
	from := 0.
	if low > 0.5 {
		step := ticks.step(max(1-low, 1e-4))
		from = 1 - float64(math.Ceil((1-low)/step+0.2)*step)
	}
	return axis{"share that is up (%)", ticks, max(0, from), 1 + (1-from)*0.05, false}
}

// shareOf is the trace of a number over that of all.
func shareOf(v *results.Variant, metric, label string, all int, t tone) []trace {
	for i := range v.Series {
		if v.Series[i].Metric != metric {
			continue
		}
		s := v.Series[i]
		part := func(x []float64) []float64 {
			out := slices.Clone(x)
			for k := range out {
				out[k] /= float64(cmp.Or(all, 1))
			}
			return out
		}
		s.Mean, s.Min, s.Max = part(s.Mean), part(s.Min), part(s.Max)
		return []trace{{series: &s, label: label, tone: t, width: vg.Length(dataLine)}}
	}
	return nil
}
