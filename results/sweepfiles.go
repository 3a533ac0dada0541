package results

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
)

// SweepSchema names the form of a sweep's summary.json.
const SweepSchema = "lbsim.sweep/1"

// SweepJSON writes a sweep as summary.json, in the form of SummaryJSON: what its
// points change, and for each point its values and what came out of each variant. Where
// the runs of a point decided about its replications or its warm-up, it says so; the
// replications of the sweep are then those of the point that has most.
func SweepJSON(w io.Writer, s *Sweep) error {
	design := "grid"
	if s.Sampled {
		design = "latin-hypercube"
	}
	points := make(list, len(s.Points))
	for i := range s.Points {
		points[i] = s.pointObject(&s.Points[i])
	}
	warnings := make(list, len(s.Warnings))
	for i, text := range s.Warnings {
		warnings[i] = text
	}
	var b bytes.Buffer
	writeJSON(&b, object{
		{"schema", SweepSchema},
		{"scenario", s.Scenario},
		{"version", s.Version},
		{"seed", s.Seed},
		{"replications", s.Replications},
		{"design", design},
		{"axes", axesList(s.Axes)},
		{"points", points},
		{"warnings", warnings},
	}, "\n")
	b.WriteByte('\n')
	_, err := b.WriteTo(w)
	return err
}

func (s *Sweep) pointObject(p *Point) object {
	at := make(line, len(p.At))
	for i, value := range p.At {
		at[i] = field{s.Axes[i].Name, value}
	}
	variants := make(list, len(p.Variants))
	for i := range p.Variants {
		v := &p.Variants[i]
		services := make(object, len(v.Services))
		for k := range v.Services {
			services[k] = field{v.Services[k].Name, object{{"metrics", metricsObject(v.Services[k].Metrics)}}}
		}
		one := object{
			{"name", v.Name},
			{"fingerprint", Hex(v.Fingerprint)},
			{"metrics", metricsObject(v.Metrics)},
			{"services", services},
		}
		for _, kind := range [...]string{vmParts, classParts, databaseParts} {
			if parts := v.Parts(kind); len(parts) > 0 {
				one = append(one, field{kind, partsObject(parts)})
			}
		}
		variants[i] = append(one, field{"events", v.Events})
	}
	comparisons := make(list, len(p.Comparisons))
	for i := range p.Comparisons {
		comparisons[i] = comparisonObject(&p.Comparisons[i])
	}
	expectations := make(list, len(p.Expectations))
	for i := range p.Expectations {
		expectations[i] = expectationObject(&p.Expectations[i])
	}
	o := object{{"at", at}}
	if p.Precision != nil {
		o = append(o, field{"replications", p.Replications})
	}
	one := Result{Warmup: p.Warmup, Start: p.Start, Precision: p.Precision}
	o = append(o, one.methodObject()...)
	return append(o, object{{"variants", variants}, {"comparisons", comparisons}, {"expectations", expectations}}...)
}

// SweepCSV writes a row for each point, variant, part and metric. A row without a
// part is about the whole run; a part is a service, virtual machine, class of them
// or database, which kind tells: services, vms, classes, databases. A cell is empty
// where there is no value.
func SweepCSV(w io.Writer, s *Sweep) error {
	out := csv.NewWriter(w)
	header := []string{"point"}
	for _, a := range s.Axes {
		header = append(header, a.Name)
	}
	out.Write(append(header, "variant", "kind", "part", "metric", "mean", "low", "high", "n", "unit")) // Error reports it
	s.eachVariant(func(i int, v *Variant) {
		start := append([]string{strconv.Itoa(i + 1)}, s.Points[i].At...)
		start = append(start, v.Name)
		rows := func(kind, part string, metrics Metrics) {
			for k := range metrics {
				m := &metrics[k]
				out.Write(append(start[:len(start):len(start)], kind, part, m.Name,
					numberOr(m.Mean, ""), numberOr(m.Low, ""), numberOr(m.High, ""), strconv.Itoa(m.N), m.Unit))
			}
		}
		rows("", "", v.Metrics)
		for _, kind := range [...]string{serviceParts, vmParts, classParts, databaseParts} {
			for _, p := range v.Parts(kind) {
				rows(kind, p.Name, p.Metrics)
			}
		}
	})
	out.Flush()
	return out.Error()
}
