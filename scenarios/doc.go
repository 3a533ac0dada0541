// Package scenarios is the language in which a run is described: one YAML file
// that is read strictly, checked as a whole, and built into worlds.
//
// A Scenario is composed of the models' own configuration structs, so the
// file, the Go API and the documentation cannot drift apart. The bundled
// scenarios are in Library.
package scenarios
