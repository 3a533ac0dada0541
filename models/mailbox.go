package models

import "lbsim/models/flow"

// mailboxes is the world to a database group: where databases are.
type mailboxes World

// Mounted implements dag.Listener.
func (w *mailboxes) Mounted(database, member int) {
	if p, ok := w.obs.(flow.PlacementObserver); ok {
		p.Mounted(database, member, w.engine.Now())
	}
}

// Dismounted implements dag.Listener.
func (w *mailboxes) Dismounted(database int) {
	if p, ok := w.obs.(flow.PlacementObserver); ok {
		p.Mounted(database, -1, w.engine.Now())
	}
}
