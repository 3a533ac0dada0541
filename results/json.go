package results

import (
	"bytes"
	"io"
)

// SummarySchema names the form of summary.json.
const SummarySchema = "lbsim.summary/1"

// SummaryJSON writes the result as summary.json: times in seconds, rates per
// second, shares from 0 to 1, floats with 9 significant digits, null for what
// is not known. The order of all keys is fixed, and each estimate has a line,
// so that two summaries compare well by line.
func SummaryJSON(w io.Writer, r *Result) error {
	variants := make(list, len(r.Variants))
	for i, v := range r.Variants {
		variants[i] = object{
			{"name", v.Name},
			{"fingerprint", Hex(v.Fingerprint)},
			{"metrics", metricsObject(v.Metrics)},
			{"services", servicesObject(v.Services)},
			{"events", v.Events},
		}
	}
	comparisons := make(list, len(r.Comparisons))
	for i, c := range r.Comparisons {
		d := c.Difference
		comparisons[i] = line{
			{"metric", c.Metric}, {"base", c.Base}, {"other", c.Other},
			{"difference", line{{"mean", d.Mean}, {"low", d.Low}, {"high", d.High}}},
			{"significant", c.Significant},
		}
	}
	expectations := make(list, len(r.Expectations))
	for i := range r.Expectations {
		expectations[i] = expectationObject(&r.Expectations[i])
	}
	warnings := make(list, len(r.Warnings))
	for i, s := range r.Warnings {
		warnings[i] = s
	}
	var b bytes.Buffer
	writeJSON(&b, object{
		{"schema", SummarySchema},
		{"scenario", r.Scenario},
		{"version", r.Version},
		{"seed", r.Seed},
		{"replications", r.Replications},
		{"variants", variants},
		{"comparisons", comparisons},
		{"expectations", expectations},
		{"sizing", object{}},
		{"warnings", warnings},
	}, "\n")
	b.WriteByte('\n')
	_, err := b.WriteTo(w)
	return err
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
