package place

import (
	"math"
	"testing"

	"lbsim/models/cluster"
)

// sheet is the cluster of vectors V1 and V2: 32 cores, 64 GiB, five machines.
func sheet() *cluster.View {
	v := hosts(3, 6)
	for h, cores := range []int{12, 12, 8} {
		v.Hosts[h].Cores, v.Hosts[h].Memory = cores, int64(cores)<<31
	}
	for vm, x := range []struct {
		cores  float64
		memory int64
	}{{2, 2048}, {1, 4096}, {2, 1024}, {1, 1024}, {1, 1024}, {16, 1024}} {
		v.VMs[vm].Reserved, v.VMs[vm].Memory, v.VMs[vm].State = x.cores, x.memory<<20, cluster.Online
	}
	v.VMs[5].State = cluster.Offline
	return v
}

// V1: a slot is the largest machine in both sizes.
func TestSlots(t *testing.T) {
	p := newVSphere().Admission
	s := p.slots(sheet(), -1)
	if s.cpu != 2 || s.memory != 4096<<20 {
		t.Errorf("a slot has %v cores and %d bytes", s.cpu, s.memory)
	}
	if len(s.hosts) != 3 || s.hosts[0] != 6 || s.hosts[1] != 6 || s.hosts[2] != 4 {
		t.Errorf("slots of the hosts: %v", s.hosts)
	}
	if s.left(1) != 10 || s.left(1)-s.needed != 5 || s.left(2) != 4 || s.needed != 5 || s.capacity() != 1 {
		t.Errorf("with one host down %d, with two %d, needed %d; capacity %d", s.left(1), s.left(2), s.needed, s.capacity())
	}
	p.SlotMemory = 1024 << 20 // A takes 2, B 4 slots
	if s = p.slots(sheet(), -1); s.needed != 9 || s.hosts[0] != 6 {
		t.Errorf("capped: %d needed, hosts have %v", s.needed, s.hosts)
	}
	// A machine without a reservation counts for the default.
	empty := hosts(1, 1)
	empty.VMs[0].State = cluster.Online
	if s = p.slots(empty, -1); s.cpu != p.DefaultCPU || s.capacity() != 0 {
		t.Errorf("a slot has %v cores, capacity %d", s.cpu, s.capacity())
	}
	// 0.3 / 0.1 is less than 3 in binary.
	if floor(0.3, 0.1) != 3 || ceil(0.3, 0.1) != 3 || floor(1, 0) != anySlots {
		t.Error("quotients of slots")
	}
}

// V2: shares of the capacity that are unreserved, before and with the machine.
func TestPercentage(t *testing.T) {
	p := newVSphere().Admission
	for _, c := range []struct {
		more        int
		cpu, memory float64
	}{{-1, 0.781, 0.859}, {5, 0.281, 0.844}} {
		cpu, memory := p.unreserved(sheet(), c.more)
		if math.Abs(cpu-c.cpu) > 0.0005 || math.Abs(memory-c.memory) > 0.0005 {
			t.Errorf("unreserved %v and %v, want %v and %v", cpu, memory, c.cpu, c.memory)
		}
	}
}

// capacity is how many hosts may fail such that there are slots enough.
func (s *slots) capacity() int {
	down := 0
	for down < len(s.hosts) && s.left(down+1) >= s.needed {
		down++
	}
	return down
}
