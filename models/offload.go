package models

import (
	"slices"

	"lbsim/models/flow"
	"lbsim/models/server"
	"lbsim/sim"
)

// machines are the servers and, where the balancer does TLS handshakes, after
// them the balancer as a machine that does so.
func (r *resolved) machines() []server.Config {
	tls := r.Balancer.TLS
	if tls == nil {
		return r.Servers
	}
	return append(slices.Clone(r.Servers), server.Config{
		Name: balancerName, Cores: tls.Cores, Queue: tls.Queue, Discipline: server.FIFO,
	})
}

// machineName names a machine.
func (w *World) machineName(s int32) string {
	if int(s) == len(w.config.Servers) {
		return balancerName
	}
	return w.config.Servers[s].Name
}

// isHandshake reports whether a request is the handshake of a connection to server
// s that the balancer does.
func (w *World) isHandshake(r *flow.Request, s int32) bool {
	return int(r.Server) == len(w.config.Servers) && !r.Abandoned && w.flows.Conns.At(uint32(r.Conn)).Server == s
}

// TLSMeter implements flow.TLSMetering.
func (w *World) TLSMeter(now sim.Time) (m flow.ServerMeter, ok bool) {
	if w.config.Balancer.TLS == nil {
		return m, false
	}
	return w.servers.Meter(len(w.config.Servers), now), true
}
