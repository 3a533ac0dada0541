// Package flow holds what passes between the models: clients, connections and
// requests, the ways they end, and the Observer to which every model reports.
//
// Connections and requests live in slabs and are named by small integers, so
// that an event can carry one and a run of a million connections is a few
// arrays. A request belongs to a connection; work that opening a connection
// costs its server is a request whose Work is Setup.
package flow
