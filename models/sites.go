package models

import (
	"lbsim/models/flow"
)

// operateSite cuts a site off, or ends that: the clients there reach nobody.
func (w *World) operateSite(v verb, site int) {
	g := w.pop.Group(site)
	note := flow.Note{At: w.engine.Now(), Service: -1, Server: -1, Actor: g.Name}
	if v == failing {
		note.Kind, note.Text = flow.Failed, "is cut off: its clients reach nobody"
		w.obs.Noted(note)
		w.clients.CutOff(site)
		return
	}
	note.Kind, note.Text = flow.Recovered, "is back: its clients reconnect"
	w.obs.Noted(note)
	w.clients.Rejoin(site)
}
