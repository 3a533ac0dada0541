package place

import (
	"cmp"
	"slices"
	"strings"

	"lbsim/models/cluster"
)

// A plan is a cluster as it will be when the moves are done that have been
// chosen so far, so that those that follow see the earlier ones.
type plan struct {
	view  *cluster.View
	moves []cluster.Move
	to    []int   // by machine: where it moves, -1 if it stays
	come  []int   // by host: how many machines move there
	seen  []int32 // by class: the host, from 1, on which a machine of it was met last
}

func newPlan(v *cluster.View) plan {
	p := plan{view: v, to: make([]int, len(v.VMs)), come: make([]int, len(v.Hosts))}
	for vm := range p.to {
		p.to[vm] = -1
	}
	return p
}

// take returns the moves and begins anew.
func (p *plan) take() []cluster.Move {
	for _, m := range p.moves {
		p.to[m.VM] = -1
		p.come[m.To] = 0
	}
	moves := p.moves
	p.moves = nil
	return moves
}

func (p *plan) move(vm, to int, why cluster.Reason, by cluster.Migration) {
	p.to[vm] = to
	p.come[to]++
	p.moves = append(p.moves, cluster.Move{VM: vm, To: to, Reason: why, Kind: by})
}

// coming returns moves among which are all those to a host: none for nearly all
// hosts, of which there may be many, as may be moves.
func (p *plan) coming(host int) []cluster.Move {
	if p.come[host] == 0 {
		return nil
	}
	return p.moves
}

// settled reports whether a machine runs on the host, and goes on to.
func (p *plan) settled(vm, host int) bool {
	v := &p.view.VMs[vm]
	return v.Host == host && v.State == cluster.Online && p.to[vm] < 0
}

// clean reports whether a host has no machine from which vm is to be kept apart:
// those that are about to leave are still there.
func (p *plan) clean(host, vm int) bool {
	for _, m := range p.coming(host) {
		if m.To == host && p.view.Apart(vm, m.VM) {
			return false
		}
	}
	return p.view.Clean(host, vm)
}

// free is the memory that a host has left for more machines. What leaves gives
// it back only when it has gone.
func (p *plan) free(host int) int64 {
	free := p.view.Hosts[host].Free
	for _, m := range p.coming(host) {
		if m.To == host {
			free -= p.view.VMs[m.VM].Memory
		}
	}
	return free
}

// reserved is the processor time that a host has promised, in cores.
func (p *plan) reserved(host int) float64 {
	reserved := p.view.Hosts[host].Reserved
	for _, m := range p.coming(host) {
		if m.To == host {
			reserved += p.view.VMs[m.VM].Reserved
		}
	}
	return reserved
}

// machines is how many machines a host has.
func (p *plan) machines(host int) int {
	n := len(p.view.Hosts[host].VMs)
	for _, m := range p.moves {
		if m.To == host {
			n++
		}
		if p.view.VMs[m.VM].Host == host {
			n--
		}
	}
	return n
}

// takes reports whether a host may have the machine and has room for it, with
// nobody there from whom it is to be kept apart.
func (p *plan) takes(host, vm int) bool {
	return p.view.Hosts[host].Usable() && p.view.May(host, vm) &&
		p.free(host) >= p.view.VMs[vm].Memory && p.clean(host, vm)
}

// together returns the machines that share a host with one from which they are
// to be kept apart: those that are there as a last resort first, then by name.
func (p *plan) together() (vms []int) {
	if len(p.view.Classes) == 0 {
		return nil
	}
	p.look()
	for h := range p.view.Hosts {
		if !p.classTwice(h) {
			continue
		}
		for _, vm := range p.view.Hosts[h].VMs {
			if p.settled(vm, h) && p.conflict(h, vm) {
				vms = append(vms, vm)
			}
		}
	}
	slices.SortFunc(vms, func(a, b int) int {
		va, vb := &p.view.VMs[a], &p.view.VMs[b]
		if va.Displaced != vb.Displaced {
			if va.Displaced {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(va.Name, vb.Name), cmp.Compare(a, b))
	})
	return vms
}

// look begins to look at hosts with classTwice, each once.
func (p *plan) look() { p.seen = append(p.seen[:0], make([]int32, len(p.view.Classes))...) }

// classTwice reports whether a host has two machines of one class. It takes one
// look at each machine, as nearly all hosts are found to have none.
func (p *plan) classTwice(host int) bool {
	twice := false
	for _, vm := range p.view.Hosts[host].VMs {
		for _, c := range p.view.VMs[vm].Classes {
			twice = twice || p.seen[c] == int32(host)+1
			p.seen[c] = int32(host) + 1
		}
	}
	return twice
}

// conflict reports whether a machine shares its host with one from which it is
// to be kept apart and which is not about to leave.
func (p *plan) conflict(host, vm int) bool {
	for _, other := range p.view.Hosts[host].VMs {
		if p.to[other] < 0 && p.view.VMs[other].State != cluster.Migrating && p.view.Apart(vm, other) {
			return true
		}
	}
	for _, m := range p.moves {
		if m.To == host && p.view.Apart(vm, m.VM) {
			return true
		}
	}
	return false
}
