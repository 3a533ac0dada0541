package plot

import (
	"fmt"
	"slices"

	"lbsim/results"
)

var sharePerServer = Figure{
	Name: "share-per-server",
	Doc:  "Share of users, connections and work of each server, for each variant, against the fair share.",
	Draw: drawShares,
}

// shareMetrics are the quantities to show, as far as servers have them.
var shareMetrics = []struct{ metric, title string }{
	{"users", "users"}, {"share", "connections"}, {"work_share", "work"},
}

// A serverGroup holds how one quantity of one variant is spread over servers.
type serverGroup struct {
	name            string
	servers         []string
	mean, low, high []float64 // of each server, from 0 to 1; range over replications
	words           string    // above the bars; "" if nothing is known
	dashed          float64   // where the dashed line is
}

// A serverColumn is one quantity of all variants.
type serverColumn struct {
	title, axis string
	groups      []serverGroup
	limits      []float64 // lines through all groups
}

func drawShares(r *results.Result) (*Picture, error) {
	var columns []serverColumn
	for _, m := range shareMetrics {
		c := serverColumn{title: m.title, axis: "share (%)"}
		known := false
		for i := range r.Variants {
			for k := range r.Variants[i].Services {
				if g := groupOf(&r.Variants[i], k, m.metric); len(g.servers) > 1 {
					known = known || g.words != ""
					c.groups = append(c.groups, g)
				}
			}
		}
		if known {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return nil, ErrNothing
	}
	note := "Dashed: the fair share. max/mean: the fullest server over the mean"
	return drawColumns(r, "share-per-server", "Share of each server", note, columns), nil
}

// serversNote says how to read groups of that many servers. The first words are what
// the dashed line and the words above the bars are.
func serversNote(note string, servers, replications int) string {
	if replications > 1 {
		note += fmt.Sprintf(", in each of %d replications, with its 95 %% interval", replications)
	}
	switch {
	case servers > dotsMost:
		return "Boxes reach over the middle 80 % of the servers, lines over all; the stroke is the median. " + note + "."
	case servers > serversMost:
		return "Each dot is a server. " + note + "."
	case replications > 1:
		return "Bars: mean; thin lines: from the smallest to the largest replication. " + note + "."
	}
	return note + "."
}

// groupOf computes the shares of a service's servers in each replication, and
// from them the means, ranges and the ratio of the largest to the mean.
func groupOf(v *results.Variant, service int, metric string) serverGroup {
	s := &v.Services[service]
	g := serverGroup{name: v.Name, dashed: 1 / float64(len(s.Servers))}
	if len(v.Services) > 1 {
		g.name += ": " + s.Name
	}
	n := 0
	values := make([][]float64, len(s.Servers))
	for i := range s.Servers {
		g.servers = append(g.servers, s.Servers[i].Name)
		if m, ok := s.Servers[i].Metrics.Get(metric); ok {
			values[i] = m.Values
			if len(values[i]) == 0 {
				values[i] = []float64{m.Mean}
			}
		}
		n = max(n, len(values[i]))
	}
	g.mean, g.low, g.high = make([]float64, len(values)), make([]float64, len(values)), make([]float64, len(values))
	shares := make([][]float64, len(values))
	var ratios []float64
	for k := range n {
		total, most := 0.0, 0.0
		for _, x := range values {
			if k < len(x) && x[k] > 0 {
				total += x[k]
				most = max(most, x[k])
			}
		}
		if total == 0 {
			continue
		}
		ratios = append(ratios, most/total*float64(len(values)))
		for i, x := range values {
			share := 0.0
			if k < len(x) && x[k] > 0 {
				share = x[k] / total
			}
			shares[i] = append(shares[i], share)
		}
	}
	for i, x := range shares {
		if len(x) > 0 {
			g.mean[i], g.low[i], g.high[i] = results.EstimateOf(x, "").Mean, slices.Min(x), slices.Max(x)
		}
	}
	if ratio := results.EstimateOf(ratios, ""); ratio.Known() {
		g.words = "max/mean " + results.Plain.HumanInterval(ratio)
	}
	return g
}
