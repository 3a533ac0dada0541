package models

import "lbsim/models/flow"

// Readings calls f for each key that a balancer can read in the request of a
// connection attempt, with the value as it reads: url and /17, X-Tenant and
// X-Tenant-3. It is for observers, during the calls that they get.
func (w *World) Readings(id flow.ConnID, f func(key, text string)) {
	for k, name := range w.clients.Keys() {
		if value, ok := w.clients.KeyValue(id, k); ok {
			f(name, w.clients.KeyText(k, value))
		}
	}
}
