package results

import (
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// tlsMeter reads the counters of the balancer's cores for TLS handshakes, if it
// has some.
func (r *Recorder) tlsMeter(now sim.Time) (m flow.ServerMeter, ok bool) {
	if t, knows := r.meters.(flow.TLSMetering); knows {
		return t.TLSMeter(now)
	}
	return m, false
}

// limited reports whether any server's memory limits its connections.
func (w *window) limited() bool {
	return slices.ContainsFunc(w.servers, func(s flow.ServerMeter) bool { return s.Room > 0 })
}

// listMachines adds the use of what only some machines have: memory that is
// limited, and the balancer's cores for TLS handshakes.
func (w *window) listMachines(out *values) {
	if w.limited() {
		most := 0.0
		for _, s := range w.servers {
			if s.Room > 0 {
				most = max(most, float64(s.HeldMax)/float64(s.Room))
			}
		}
		out.add("memory.max", "", most)
	}
	if w.offloads {
		out.add("balancer_utilization", "", w.tls.BusyArea/float64(w.tls.Cores)/w.span())
	}
}

// listMemory adds the connections that servers had no memory for.
func (s *serviceTally) listMemory(out *values) {
	out.add("memory.refused", "", float64(s.turned[flow.OutOfMemory]))
}
