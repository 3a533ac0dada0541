package place

import (
	"slices"

	"lbsim/models/cluster"
)

// roster finds the machines that have a class without looking at all there are. It
// is made anew when the classes have been edited.
type roster struct {
	of    [][]int // by class
	edits uint64
}

// each calls f for each machine of a class and each host that has it: two, if it
// moves.
func (m *roster) each(view *cluster.View, class int32, f func(vm, host int)) {
	if m.of == nil || m.edits != view.Edits {
		m.edits, m.of = view.Edits, make([][]int, len(view.Classes))
		for v := range view.VMs {
			for _, c := range view.VMs[v].Classes {
				for len(m.of) <= int(c) {
					m.of = append(m.of, nil)
				}
				m.of[c] = append(m.of[c], v)
			}
		}
	}
	for _, v := range m.of[class] {
		switch x := &view.VMs[v]; {
		case x.State == cluster.Migrating:
			for h := range view.Hosts {
				if slices.Contains(view.Hosts[h].VMs, v) {
					f(v, h)
				}
			}
		case x.Host >= 0:
			f(v, x.Host)
		}
	}
}
