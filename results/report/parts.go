package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lbsim/results"
)

// atLeastMost is the number of members up to which a table shows how long so many
// answered.
const atLeastMost = 4

// newPartTables makes the tables of a variant's classes, machines and databases.
func newPartTables(v *results.Variant) (tables []serverTable) {
	for _, k := range results.PartKinds {
		parts := v.Parts(k.Kind)
		if len(parts) == 0 {
			continue
		}
		t := serverTable{Name: v.Name + ": " + k.Several, What: k.One}
		names := partColumns(parts)
		for _, name := range names {
			t.Columns = append(t.Columns, results.TermOf(name).Column())
		}
		if n := len(parts); n > rowsMost {
			parts = worstFirst(parts)[:rowsMost]
			t.More = fmt.Sprintf("The %d of %s that were longest down; all are in summary.json.", rowsMost, results.Plain.Human(float64(n)))
		}
		for i := range parts {
			row := serverRow{Name: parts[i].Name}
			if k.Kind == "vms" && t.More == "" {
				row.Events = eventsOfActor(v, "vm:"+parts[i].Name)
			}
			for _, name := range names {
				row.Cells = append(row.Cells, newServerCell(name, parts[i].Metrics))
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

// partColumns are the metrics of parts that say something: one is not all zero.
func partColumns(parts []results.Part) (names []string) {
	says := map[string]bool{}
	for i := range parts {
		for _, m := range parts[i].Metrics {
			if _, number, ok := strings.Cut(m.Name, "at_least."); ok {
				if n, _ := strconv.Atoi(number); n == 1 || n > atLeastMost {
					continue // the first is the availability
				}
			}
			if !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
			says[m.Name] = says[m.Name] || m.Known() && m.Mean != 0
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !says[name] })
}

// worstFirst sorts parts by how long they were down.
func worstFirst(parts []results.Part) []results.Part {
	parts = slices.Clone(parts)
	down := func(p results.Part) float64 { m, _ := p.Metrics.Get("downtime"); return m.Mean }
	slices.SortStableFunc(parts, func(a, b results.Part) int {
		switch x, y := down(a), down(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return parts
}

// eventsOfActor says in short what happened to whom events name.
func eventsOfActor(v *results.Variant, actor string) string {
	return inShort(v, func(m *results.Mark) bool { return m.Actor == actor && m.Kind != "set" })
}
