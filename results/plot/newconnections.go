package plot

import "lbsim/results"

var newConnectionsOverTime = Figure{
	Name: "new-connections-over-time",
	Doc:  "New connections per second of each server over simulated time, a panel for each variant.",
	Draw: overTime{
		name: "new-connections-over-time", title: "New connections per server", yLabel: "new connections per second",
		tick:   plainLabel,
		panels: func(r *results.Result) []timePanel { return serverPanels(r, "new_connections") },
	}.figure,
}
