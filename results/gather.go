package results

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Gather makes the outcome of a variant of its replications, in order.
func Gather(name string, runs []*Run) Variant {
	first := runs[0]
	v := Variant{Name: name, GroupSizes: first.GroupSizes, Marks: first.marks, Unlisted: first.unlisted, Placement: first.history}
	var series [][]Series
	for _, r := range runs {
		v.Events += r.Kernel.Fired
		v.Fingerprint = v.Fingerprint*0x9fb21c651e98df25 + r.Kernel.Fingerprint
		series = append(series, r.series)
	}
	v.Series = mergeSeries(series)
	v.Metrics = merge(runs, func(r *Run) values { return r.metrics })
	for i, s := range first.services {
		service := Service{Name: s.name, Metrics: merge(runs, func(r *Run) values { return r.services[i].metrics })}
		for m, server := range s.servers {
			service.Servers = append(service.Servers, Server{
				Name: server, Metrics: merge(runs, func(r *Run) values { return r.services[i].members[m] }),
			})
		}
		v.Services = append(v.Services, service)
	}
	v.VMs, v.Classes, v.Databases = gatherParts(vmParts, runs), gatherParts(classParts, runs), gatherParts(databaseParts, runs)
	return v
}

// Window returns the metrics of one of the Setting's windows.
func Window(i int, runs []*Run) Metrics {
	return merge(runs, func(r *Run) values { return r.windows[i].metrics })
}

// merge estimates each metric over the replications. A replication without a
// storm, say, has fewer metrics; those of any count.
func merge(runs []*Run, of func(*Run) values) Metrics {
	lists := make([]values, len(runs))
	for k, r := range runs {
		lists[k] = of(r)
	}
	return mergeLists(lists)
}

func mergeLists(lists []values) Metrics {
	var out Metrics
	place := map[string]int{}
	for k, list := range lists {
		for _, x := range list {
			i, ok := place[x.name]
			if !ok {
				i = len(out)
				place[x.name] = i
				m := Metric{Name: x.name, Values: make([]float64, len(lists))}
				for j := range m.Values {
					m.Values[j] = math.NaN()
				}
				m.Unit = x.unit
				out = append(out, m)
			}
			out[i].Values[k] = x.x
		}
	}
	for i := range out {
		out[i].Estimate = EstimateOf(out[i].Values, out[i].Unit)
	}
	return out
}

// EstimateOf returns the mean of the values that are not NaN, with its 95 %
// Student t interval if there are at least two.
func EstimateOf(values []float64, unit string) Estimate {
	e := Estimate{Mean: math.NaN(), Low: math.NaN(), High: math.NaN(), Unit: unit}
	var sum float64
	for _, x := range values {
		if !math.IsNaN(x) {
			sum += x
			e.N++
		}
	}
	if e.N == 0 {
		return e
	}
	e.Mean = sum / float64(e.N)
	if e.N < 2 {
		return e
	}
	var squares float64
	for _, x := range values {
		if !math.IsNaN(x) {
			d := x - e.Mean
			squares += float64(d * d)
		}
	}
	n := float64(e.N)
	half := float64(distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(squares/(n-1)/n))
	e.Low, e.High = e.Mean-half, e.Mean+half
	return e
}

// Compare pairs every variant with the one it is to be compared with,
// replication by replication.
func Compare(variants []Variant) []Comparison {
	var out []Comparison
	for _, other := range variants {
		against, ok := variantNamed(variants, other.Against)
		if !ok {
			continue
		}
		for _, base := range against.Metrics {
			m, ok := other.Metrics.Get(base.Name)
			if !ok || len(m.Values) != len(base.Values) {
				continue
			}
			if c, ok := paired(base, m); ok {
				c.Base, c.Other = against.Name, other.Name
				out = append(out, c)
			}
		}
	}
	correct(out)
	return out
}

// paired compares two variants in a metric, replication by replication; ok is false if
// nothing was measured.
func paired(base, other Metric) (c Comparison, ok bool) {
	difference := make([]float64, len(base.Values))
	for i := range difference {
		difference[i] = differenceOf(other.Values[i], base.Values[i])
	}
	e := EstimateOf(difference, base.Unit)
	p := chance(e)
	return Comparison{Metric: base.Name, Difference: e, P: p, Saved: saved(base.Values, other.Values, difference), alone: p}, e.N > 0
}

// rounding is what two values may differ by, relative to the larger one, that are the
// same but for the order in which their parts were added: of a time of a day, a tenth
// of a millisecond.
const rounding = 1e-9

// differenceOf is by how much x is more than base, 0 if that is rounding alone.
func differenceOf(x, base float64) float64 {
	d := x - base
	if math.Abs(d) < rounding*max(math.Abs(x), math.Abs(base)) {
		return 0
	}
	return d
}

func variantNamed(variants []Variant, name string) (v Variant, ok bool) {
	for i := range variants {
		if name != "" && variants[i].Name == name {
			return variants[i], true
		}
	}
	return v, false
}

// Judge sets the expectation's value and verdict. With an interval, the limit
// must lie outside it for the expectation to be held or missed; one
// replication has no interval and is judged by its value.
func (e *Expectation) Judge(value Estimate) {
	e.Value = value
	low, high := value.Low, value.High
	if math.IsNaN(low) {
		low, high = value.Mean, value.Mean
	}
	below := math.IsNaN(e.Below) || high < e.Below
	above := math.IsNaN(e.Above) || low > e.Above
	beyond := low >= e.Below || high <= e.Above // false for limits that are NaN
	switch {
	case !value.Known():
		e.Verdict = CannotTell
	case below && above:
		e.Verdict = Held
	case beyond:
		e.Verdict = Missed
	default:
		e.Verdict = CannotTell
		e.More = e.replicationsNeeded() - value.N
	}
}

// replicationsNeeded is how many replications would shrink the interval to
// reach no further than the nearer limit, if mean and spread stay as they are.
func (e *Expectation) replicationsNeeded() int {
	margin := math.Inf(1)
	for _, limit := range [...]float64{e.Below, e.Above} {
		if !math.IsNaN(limit) {
			margin = min(margin, math.Abs(limit-e.Value.Mean))
		}
	}
	r := e.Value.Half() / margin
	n := math.Ceil(float64(e.Value.N)*float64(r*r)) + 1
	return int(min(n, 1e6))
}

// Limit writes the expectation's limits, as in "below 0.1".
func (e *Expectation) Limit() string {
	switch {
	case math.IsNaN(e.Above):
		return fmt.Sprintf("below %.9g", e.Below)
	case math.IsNaN(e.Below):
		return fmt.Sprintf("above %.9g", e.Above)
	}
	return fmt.Sprintf("between %.9g and %.9g", e.Above, e.Below)
}
