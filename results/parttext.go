package results

import "slices"

// partsMost is how many parts of a kind a terminal shows.
const partsMost = 12

// partGrids are tables of classes, virtual machines and databases where they are few:
// of one variant all that matters, of several how long each was down.
func (r *Result) partGrids() (grids []grid) {
	if len(r.Variants) != 1 {
		return append(grids, r.downGrid())
	}
	v := &r.Variants[0]
	for _, k := range PartKinds {
		parts := v.Parts(k.Kind)
		if len(parts) > partsMost {
			continue
		}
		g := grid{corner: k.One}
		metrics := slices.DeleteFunc(slices.Clone(k.metrics), func(name string) bool {
			return !slices.ContainsFunc(parts, func(p Part) bool { m, _ := p.Metrics.Get(name); return m.Mean != 0 })
		})
		for _, name := range metrics {
			g.columns = append(g.columns, TermOf(name).Label)
		}
		for i := range parts {
			var cells []string
			for _, name := range metrics {
				m, _ := parts[i].Metrics.Get(name)
				cells = append(cells, TermOf(name).Display.HumanInterval(m.Estimate))
			}
			g.add(parts[i].Name, cells)
		}
		grids = append(grids, g)
	}
	return grids
}

// downGrid shows how long classes, virtual machines and databases were down in each
// variant.
func (r *Result) downGrid() grid {
	g := grid{corner: "downtime of"}
	for _, v := range r.Variants {
		g.columns = append(g.columns, v.Name)
	}
	for _, k := range PartKinds {
		var names []string
		for i := range r.Variants {
			for _, p := range r.Variants[i].Parts(k.Kind) {
				if !slices.Contains(names, p.Name) && len(names) <= partsMost {
					names = append(names, p.Name)
				}
			}
		}
		if len(names) > partsMost {
			continue
		}
		for _, name := range names {
			cells := make([]string, len(r.Variants))
			for i := range r.Variants {
				m, ok := r.Variants[i].Metric(k.Kind + "." + name + ".downtime")
				if cells[i] = "-"; ok {
					cells[i] = TermOf("downtime").Display.HumanInterval(m.Estimate)
				}
			}
			g.add(k.One+" "+name, cells)
		}
	}
	return g
}
