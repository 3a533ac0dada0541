package place

import (
	"fmt"
	"math"
	"slices"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// VSphereAdmission is vSphere HA admission control, which concerns starts by hand:
// a restart is never refused.
type VSphereAdmission struct {
	Policy string `yaml:"policy" doc:"none, slots (of the size of the largest machine), percentage (of the capacity stays free) or dedicated (hosts that run nothing)"`
	// Tolerate is for slots only.
	Tolerate int `yaml:"host_failures" doc:"slots: how many hosts may fail"`
	// DefaultCPU is 32 MHz at 2.5 GHz (vSphere 5 Availability); the reference of
	// the programming interface, and 4.x, have 256 MHz.
	DefaultCPU float64   `yaml:"default_cpu" doc:"cores that a machine without reserved processor time counts for"`
	Overhead   flow.Size `yaml:"overhead" doc:"memory that the host needs for a machine besides the machine's own; vSphere has tables of it, by processors and memory"`
	// SlotCPU and SlotMemory are das.slotcpuinmhz and das.slotmeminmb.
	SlotCPU    float64    `yaml:"slot_cpu" doc:"slots: the largest size of a slot, in cores; a larger machine takes several; 0: no limit"`
	SlotMemory flow.Size  `yaml:"slot_memory" doc:"slots: the largest size of a slot; a larger machine takes several; 0: no limit"`
	CPU        flow.Share `yaml:"cpu" doc:"percentage: share of the processors that stays unreserved"`
	Memory     flow.Share `yaml:"memory" doc:"percentage: share of the memory that stays unreserved"`
	Hosts      []string   `yaml:"hosts,omitempty" doc:"dedicated: the hosts that are kept for failures"`
}

// Validate implements flow.Validator.
func (p *VSphereAdmission) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("policy", p.Policy, "none", "slots", "percentage", "dedicated")
	c.Number("host_failures", p.Tolerate, 0, 100000)
	for _, x := range []struct {
		path  string
		value float64
	}{{"default_cpu", p.DefaultCPU}, {"slot_cpu", p.SlotCPU}} {
		if !(x.value >= 0 && x.value <= 1e6) {
			c.Add(x.path, fmt.Sprintf("%v is not between 0 and 1000000 cores", x.value), "")
		}
	}
	if p.SlotMemory < 0 {
		c.Add("slot_memory", fmt.Sprintf("%d is negative", p.SlotMemory), "")
	}
	if p.Overhead < 0 || p.Overhead > 1e12 {
		c.Add("overhead", "is not between 0 and 1TB", "")
	}
	c.Share("cpu", p.CPU)
	c.Share("memory", p.Memory)
	if p.Policy == "dedicated" && len(p.Hosts) == 0 {
		c.Add("hosts", "are needed for the policy dedicated", "")
	}
	return c
}

// Admit implements cluster.Admitter.
func (v *vsphere) Admit(vm int) (ok bool, why string) {
	switch v.Admission.Policy {
	case "slots":
		s := v.Admission.slots(v.view, vm)
		if left := s.left(v.Admission.Tolerate); left < s.needed {
			return false, fmt.Sprintf("%d slots with %d hosts down, %d needed", left, v.Admission.Tolerate, s.needed)
		}
	case "percentage":
		cpu, memory := v.Admission.unreserved(v.view, vm)
		if cpu < float64(v.Admission.CPU) {
			return false, fmt.Sprintf("%.1f%% of the processors left, %.1f%% needed", 100*cpu, 100*float64(v.Admission.CPU))
		}
		if memory < float64(v.Admission.Memory) {
			return false, fmt.Sprintf("%.1f%% of the memory left, %.1f%% needed", 100*memory, 100*float64(v.Admission.Memory))
		}
	}
	return true, ""
}

// slots is how many machines of the largest size there is room for.
type slots struct {
	cpu    float64 // cores of a slot
	memory int64   // bytes of a slot
	hosts  []int   // by host that is up: its slots, most first
	needed int     // by the machines that run, and the one that is asked for
}

// left is how many slots there are when so many hosts have failed, those with
// the most slots.
func (s *slots) left(down int) (left int) {
	for _, n := range s.hosts[min(down, len(s.hosts)):] {
		left += n
	}
	return left
}

// slots counts slots for the machines that run and, unless it is -1, one more.
func (p *VSphereAdmission) slots(view *cluster.View, more int) slots {
	var s slots
	for vm := range view.VMs {
		if vm == more || view.VMs[vm].State.Hosted() {
			s.cpu = max(s.cpu, p.cpuOf(&view.VMs[vm]))
			s.memory = max(s.memory, p.memoryOf(&view.VMs[vm]))
		}
	}
	if p.SlotCPU > 0 {
		s.cpu = min(s.cpu, p.SlotCPU)
	}
	if p.SlotMemory > 0 {
		s.memory = min(s.memory, int64(p.SlotMemory))
	}
	for vm := range view.VMs {
		if vm == more || view.VMs[vm].State.Hosted() {
			s.needed += max(1, ceil(p.cpuOf(&view.VMs[vm]), s.cpu), ceil(float64(p.memoryOf(&view.VMs[vm])), float64(s.memory)))
		}
	}
	for h := range view.Hosts {
		if view.Hosts[h].Usable() {
			s.hosts = append(s.hosts, min(floor(float64(view.Hosts[h].Cores), s.cpu), floor(float64(view.Hosts[h].Memory), float64(s.memory))))
		}
	}
	slices.SortFunc(s.hosts, func(a, b int) int { return b - a })
	return s
}

// unreserved is which shares of the processors and of the memory of the hosts
// that are up would be unreserved with one more machine, unless it is -1.
func (p *VSphereAdmission) unreserved(view *cluster.View, more int) (cpu, memory float64) {
	var cores, reserved float64
	var bytes, taken int64
	for h := range view.Hosts {
		if view.Hosts[h].Usable() {
			cores += float64(view.Hosts[h].Cores)
			bytes += view.Hosts[h].Memory
		}
	}
	for vm := range view.VMs {
		if vm == more || view.VMs[vm].State.Hosted() {
			reserved += p.cpuOf(&view.VMs[vm])
			taken += p.memoryOf(&view.VMs[vm])
		}
	}
	return shareOf(cores-reserved, cores), shareOf(float64(bytes-taken), float64(bytes))
}

// cpuOf is how many cores a machine counts for.
func (p *VSphereAdmission) cpuOf(v *cluster.VMView) float64 {
	if v.Reserved > 0 {
		return v.Reserved
	}
	return p.DefaultCPU
}

// memoryOf is how much memory a machine counts for.
func (p *VSphereAdmission) memoryOf(v *cluster.VMView) int64 { return v.Memory + int64(p.Overhead) }

// anySlots is the number of slots where their size is 0.
const anySlots = 1 << 30

// rounding is what a quotient may be off by, such as that of 0.3 and 0.1.
const rounding = 1e-9

func floor(whole, slot float64) int {
	if slot <= 0 {
		return anySlots
	}
	return int(min(math.Floor(whole/slot+rounding), anySlots))
}

func ceil(part, slot float64) int {
	if slot <= 0 {
		return 0
	}
	return int(min(math.Ceil(part/slot-rounding), anySlots))
}
