package plot

import "lbsim/results"

var newConnectionsOverTime = Figure{
	Name: "new-connections-over-time",
	Doc:  "New connections per second of each server over simulated time, a panel for each variant.",
	Draw: overTime{
		name: "new-connections-over-time", title: "New connections per server",
		axis:   func(_, high float64) axis { return countAxis("new connections per second", 0, high, panelTicks) },
		panels: func(r *results.Result) []timePanel { return serverPanels(r, "new_connections") },
	}.figure,
}
