package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"lbsim/results"
)

// Tables of more servers than rowsMost show only the fullest of them.
const rowsMost = 20

// A serverTable shows the servers of one variant's service, in the manner of
// a load balancer's statistics page.
type serverTable struct {
	Name    string // of the variant, and of the service if there are several
	Columns []string
	Rows    []serverRow
	Open    bool // unfolded
	More    string
	What    string // what the rows are, "" for servers
}

type serverRow struct {
	Name    string
	Cells   []serverCell
	Fullest bool
	Events  string // what happened to it
}

type serverCell struct {
	Value string
	Bar   string // width of the bar behind a share, in percent of the cell
}

func newServerTable(v *results.Variant, service int) serverTable {
	s := &v.Services[service]
	t := serverTable{Name: v.Name}
	if len(v.Services) > 1 {
		t.Name += ": " + s.Name
	}
	var names []string
	for _, server := range s.Servers {
		for _, m := range server.Metrics {
			if !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
				t.Columns = append(t.Columns, results.TermOf(m.Name).Column())
			}
		}
	}
	if len(names) == 0 {
		return t
	}
	servers, fullest := byLoad(s.Servers)
	if len(servers) > rowsMost {
		servers = servers[:rowsMost]
		t.More = fmt.Sprintf("The %d fullest of %s servers; all are in servers.csv.", rowsMost, results.Plain.Human(float64(len(s.Servers))))
	} else {
		servers = s.Servers // in their own order
	}
	for i := range servers {
		row := serverRow{Name: servers[i].Name, Fullest: servers[i].Name == fullest, Events: eventsOf(v, s.Name, servers[i].Name)}
		for _, name := range names {
			row.Cells = append(row.Cells, newServerCell(name, servers[i].Metrics))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func newServerCell(name string, metrics results.Metrics) serverCell {
	m, ok := metrics.Get(name)
	if !ok {
		return serverCell{Value: "-"}
	}
	d := results.TermOf(name).Display
	c := serverCell{Value: d.HumanInterval(m.Estimate)}
	if d == results.Percent && m.Mean > 0 {
		c.Bar = fmt.Sprintf("%.1f", min(100, m.Mean*100))
	}
	return c
}

// byLoad returns the servers from the fullest to the emptiest, by their share
// of connections or else their users, and the name of the first if it stands
// out: it has a twentieth more than the mean, and its interval, if there is
// one, lies above the mean.
func byLoad(servers []results.Server) (sorted []results.Server, fullest string) {
	load := func(s results.Server) results.Estimate {
		for _, name := range [...]string{"share", "users"} {
			if m, ok := s.Metrics.Get(name); ok && m.Known() {
				return m.Estimate
			}
		}
		return results.Estimate{Mean: math.Inf(-1), Low: math.NaN()}
	}
	sorted = slices.Clone(servers)
	slices.SortStableFunc(sorted, func(a, b results.Server) int { return cmp.Compare(load(b).Mean, load(a).Mean) })
	mean := 0.0
	for _, s := range servers {
		mean += load(s).Mean / float64(len(servers))
	}
	first := load(sorted[0])
	if first.Mean > 1.05*mean && !(first.Low <= mean) {
		fullest = sorted[0].Name
	}
	return sorted, fullest
}

// eventsOf says in short what happened to a server.
func eventsOf(v *results.Variant, service, server string) string {
	return inShort(v, func(m *results.Mark) bool {
		return m.Server == server && (m.Service == "" || m.Service == service)
	})
}

// inShort lists the first events that are meant.
func inShort(v *results.Variant, meant func(m *results.Mark) bool) string {
	var words []string
	for i := range v.Marks {
		if m := &v.Marks[i]; meant(m) {
			words = append(words, m.Kind+" "+results.ShortClock(m.At))
		}
	}
	const most = 6
	if len(words) > most {
		words = append(words[:most], fmt.Sprintf("and %d more", len(words)-most))
	}
	return strings.Join(words, ", ")
}
