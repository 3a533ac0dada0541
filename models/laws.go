package models

import (
	"fmt"

	"lbsim/models/flow"
)

// CheckLaws returns an error if a server has a free place while a request
// waits for one, or if the ports in use are not those of the connections.
func (w *World) CheckLaws() error {
	for s := range int32(w.servers.Len()) {
		if free, waiting := w.servers.Idle(s); free > 0 && waiting > 0 {
			return fmt.Errorf("%s has %d free places while %d requests wait, at %v",
				w.machineName(s), free, waiting, w.engine.Now())
		}
	}
	if !w.SourceMeter().Ports {
		return nil
	}
	held, served := make([]int, len(w.pop.Sites)), 0
	w.flows.Conns.All(func(_ uint32, c *flow.Conn) {
		if w.clients.TakesPort(c) {
			held[w.pop.SiteOf(c.Client)]++
		}
		if c.Taken() {
			served++
		}
	})
	err := w.pop.CheckPorts(held)
	if w.faces != nil && err == nil {
		err = w.faces.CheckPorts(served)
	}
	if err != nil {
		return fmt.Errorf("%w, at %v", err, w.engine.Now())
	}
	return nil
}
