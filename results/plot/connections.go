package plot

import "lbsim/results"

var connectionsOverTime = Figure{
	Name: "connections-over-time",
	Doc:  "Open connections of each server over simulated time, a panel for each variant.",
	Draw: overTime{
		name: "connections-over-time", title: "Open connections per server",
		axis:   func(_, high float64) axis { return countAxis("open connections", 1, high, panelTicks) },
		panels: func(r *results.Result) []timePanel { return serverPanels(r, "connections") },
	}.figure,
}
