package results

import (
	"bytes"
	"io"
	"math"
)

// SummarySchema names the form of summary.json.
const SummarySchema = "lbsim.summary/1"

// SummaryJSON writes the result as summary.json: times in seconds, rates per
// second, shares from 0 to 1, floats with 9 significant digits, null for what
// is not known. A grid of variants has axes, and its variants a place at them. Virtual
// machines, classes of them and databases stand beside the services where there are
// some, and what_if has what exchanges take by themselves where there is a network.
// The order of all keys is fixed, and each estimate has a line, so that two summaries
// compare well by line.
func SummaryJSON(w io.Writer, r *Result) error {
	variants := make(list, len(r.Variants))
	for i, v := range r.Variants {
		o := object{{"name", v.Name}}
		if len(r.Axes) > 0 {
			o = append(o, field{"at", r.placeObject(v.At)})
		}
		o = append(o, object{
			{"fingerprint", Hex(v.Fingerprint)},
			{"metrics", metricsObject(v.Metrics)},
			{"services", servicesObject(v.Services)},
		}...)
		for _, kind := range [...]string{vmParts, classParts, databaseParts} {
			if parts := v.Parts(kind); len(parts) > 0 {
				o = append(o, field{kind, partsObject(parts)})
			}
		}
		variants[i] = append(o, field{"events", v.Events})
	}
	comparisons := make(list, len(r.Comparisons))
	for i, c := range r.Comparisons {
		comparisons[i] = comparisonObject(&c)
	}
	expectations := make(list, len(r.Expectations))
	for i := range r.Expectations {
		expectations[i] = expectationObject(&r.Expectations[i])
	}
	warnings := make(list, len(r.Warnings))
	for i, s := range r.Warnings {
		warnings[i] = s
	}
	whole := object{
		{"schema", SummarySchema},
		{"scenario", r.Scenario},
		{"version", r.Version},
		{"seed", r.Seed},
		{"replications", r.Replications},
	}
	whole = append(whole, r.methodObject()...)
	if len(r.Axes) > 0 {
		whole = append(whole, field{"axes", axesList(r.Axes)})
	}
	var b bytes.Buffer
	whole = append(whole, object{
		{"variants", variants},
		{"comparisons", comparisons},
		{"expectations", expectations},
		{"sizing", sizingObject(r.Sizing)},
	}...)
	if r.WhatIf != nil {
		whole = append(whole, field{"what_if", whatIfObject(r.WhatIf)})
	}
	writeJSON(&b, append(whole, field{"warnings", warnings}), "\n")
	b.WriteByte('\n')
	_, err := b.WriteTo(w)
	return err
}

// methodObject tells what the scenario left open about how to measure: the warm-up in
// seconds and whether the start-up was over by then, how well a metric is known, and
// the parts of the only replication that intervals are of.
func (r *Result) methodObject() (o object) {
	if s := r.Start; s != nil {
		o = append(o, field{"warmup", line{{"seconds", r.Warmup}, {"method", "MSER-5"}, {"pilots", s.Pilots}, {"over", s.Over}}})
	}
	if p := r.Precision; p != nil {
		o = append(o, field{"precision", line{{"metric", p.Metric}, {"until", p.Until}, {"reached", p.Reached}, {"max", p.Max}}})
	}
	if r.Batches > 0 {
		o = append(o, field{"batches", r.Batches})
	}
	return o
}

func axesList(axes []Axis) list {
	out := make(list, len(axes))
	for i, a := range axes {
		values := make(list, len(a.Values))
		for k, v := range a.Values {
			values[k] = v
		}
		out[i] = line{{"name", a.Name}, {"values", values}}
	}
	return out
}

// placeObject gives the value of each axis.
func (r *Result) placeObject(at []string) line {
	o := make(line, len(at))
	for i, value := range at {
		o[i] = field{r.Axes[i].Name, value}
	}
	return o
}

func metricsObject(m Metrics) object {
	o := make(object, len(m))
	for i := range m {
		o[i] = field{m[i].Name, estimateObject(m[i].Estimate)}
	}
	return o
}

func estimateObject(e Estimate) line {
	return line{{"mean", e.Mean}, {"low", e.Low}, {"high", e.High}, {"n", e.N}, {"unit", e.Unit}}
}

func servicesObject(services []Service) object {
	o := make(object, len(services))
	for i, s := range services {
		servers := make(object, len(s.Servers))
		for k, m := range s.Servers {
			servers[k] = field{m.Name, object{{"metrics", metricsObject(m.Metrics)}}}
		}
		o[i] = field{s.Name, object{{"metrics", metricsObject(s.Metrics)}, {"servers", servers}}}
	}
	return o
}

func partsObject(parts []Part) object {
	o := make(object, len(parts))
	for i := range parts {
		o[i] = field{parts[i].Name, object{{"metrics", metricsObject(parts[i].Metrics)}}}
	}
	return o
}

func comparisonObject(c *Comparison) line {
	d := c.Difference
	return line{
		{"metric", c.Metric}, {"base", c.Base}, {"other", c.Other},
		{"difference", line{{"mean", d.Mean}, {"low", d.Low}, {"high", d.High}}},
		{"p", math.Round(1e6*c.P) / 1e6}, {"significant", c.Significant},
		{"variance_saved", math.Round(1e6*c.Saved) / 1e6},
	}
}

func expectationObject(x *Expectation) line {
	var between, held any
	if x.Windowed {
		between = list{x.Between[0], x.Between[1]}
	}
	if x.Verdict != CannotTell {
		held = x.Verdict == Held
	}
	return line{
		{"metric", x.Metric}, {"variant", x.Variant},
		{"below", x.Below}, {"above", x.Above}, {"between", between},
		{"value", estimateObject(x.Value)},
		{"held", held}, {"more_replications", x.More},
	}
}
