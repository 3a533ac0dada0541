package results

import (
	"encoding/csv"
	"io"
	"math"
	"slices"
)

// ServersCSV writes a row for each variant, service and server with the mean
// of each metric that any server has; a cell is empty where there is none.
func ServersCSV(w io.Writer, r *Result) error {
	var names []string
	column := map[string]int{}
	r.eachServer(func(_ *Variant, _ *Service, s *Server) {
		for _, m := range s.Metrics {
			if _, ok := column[m.Name]; !ok {
				column[m.Name] = 3 + len(names)
				names = append(names, m.Name)
			}
		}
	})
	out := csv.NewWriter(w)
	out.Write(append([]string{"variant", "service", "server"}, names...)) // Error reports it
	r.eachServer(func(v *Variant, sv *Service, s *Server) {
		row := make([]string, 3+len(names))
		row[0], row[1], row[2] = v.Name, sv.Name, s.Name
		for _, m := range s.Metrics {
			row[column[m.Name]] = numberOr(m.Mean, "")
		}
		out.Write(row)
	})
	out.Flush()
	return out.Error()
}

func (r *Result) eachServer(f func(*Variant, *Service, *Server)) {
	for i := range r.Variants {
		v := &r.Variants[i]
		for k := range v.Services {
			for m := range v.Services[k].Servers {
				f(v, &v.Services[k], &v.Services[k].Servers[m])
			}
		}
	}
}

// TimeseriesCSV writes the series, mean over the replications, by time: a row
// for each variant, time, service and server, a column for each metric. The
// time is where a value's step begins, in seconds. A row without a server is
// about the whole service, one without a service about the whole run.
func TimeseriesCSV(w io.Writer, r *Result) error {
	var names []string
	for i := range r.Variants {
		for _, s := range r.Variants[i].Series {
			if !slices.Contains(names, s.Metric) {
				names = append(names, s.Metric)
			}
		}
	}
	out := csv.NewWriter(w)
	out.Write(append([]string{"variant", "t_s", "service", "server"}, names...)) // Error reports it
	for i := range r.Variants {
		writeSeries(out, &r.Variants[i], names)
	}
	out.Flush()
	return out.Error()
}

// A seriesGroup holds the series of one service and server.
type seriesGroup struct {
	service, server string
	series          []*Series
	column          []int // of each series
	next            []int // index of the value of each that comes next
}

func writeSeries(out *csv.Writer, v *Variant, names []string) {
	groups := groupSeries(v, names)
	row := make([]string, 4+len(names))
	for {
		t := math.Inf(1)
		for _, g := range groups {
			for i, s := range g.series {
				if g.next[i] < len(s.Mean) {
					t = min(t, s.at(g.next[i]))
				}
			}
		}
		if math.IsInf(t, 1) {
			return
		}
		for _, g := range groups {
			clear(row)
			row[0], row[1], row[2], row[3] = v.Name, numberOr(t, ""), g.service, g.server
			if g.take(t, row) {
				out.Write(row)
			}
		}
	}
}

// groupSeries gathers a variant's series in order of appearance.
func groupSeries(v *Variant, names []string) []*seriesGroup {
	var groups []*seriesGroup
	index := map[[2]string]*seriesGroup{}
	for i := range v.Series {
		s := &v.Series[i]
		g := index[[2]string{s.Service, s.Server}]
		if g == nil {
			g = &seriesGroup{service: s.Service, server: s.Server}
			index[[2]string{s.Service, s.Server}] = g
			groups = append(groups, g)
		}
		g.series = append(g.series, s)
		g.column = append(g.column, 4+slices.Index(names, s.Metric))
		g.next = append(g.next, 0)
	}
	return groups
}

// take fills in the values at time t and reports whether there are any. Times
// closer than half a microsecond are the same: they are sums of steps.
func (g *seriesGroup) take(t float64, row []string) bool {
	any := false
	for i, s := range g.series {
		if k := g.next[i]; k < len(s.Mean) && s.at(k) < t+0.5e-6 {
			row[g.column[i]] = numberOr(s.Mean[k], "")
			g.next[i]++
			any = true
		}
	}
	return any
}

// at is when step k begins, in seconds.
func (s *Series) at(k int) float64 { return s.Start + float64(float64(k)*s.Step) }

// VMsCSV writes a row for each variant and virtual machine with the mean of each
// metric.
func VMsCSV(w io.Writer, r *Result) error {
	out := csv.NewWriter(w)
	header := append([]string{"variant", "vm"}, partMetrics[vmParts]...)
	out.Write(header) // Error reports it
	for i := range r.Variants {
		for _, vm := range r.Variants[i].VMs {
			row := []string{r.Variants[i].Name, vm.Name}
			for _, name := range header[2:] {
				cell := ""
				if m, ok := vm.Metrics.Get(name); ok {
					cell = numberOr(m.Mean, "")
				}
				row = append(row, cell)
			}
			out.Write(row)
		}
	}
	out.Flush()
	return out.Error()
}
