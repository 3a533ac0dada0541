package plot

import (
	"errors"

	"lbsim/results"
)

// Figure is a kind of picture that scenarios ask for by name.
type Figure struct {
	Name, Doc string
	// Draw makes the picture, or returns ErrNothing.
	Draw func(r *results.Result) (*Picture, error)
}

// ErrNothing says that a result has nothing that the figure could show.
var ErrNothing = errors.New("nothing to draw")

// Table holds all figures.
var Table = []Figure{
	connectionsOverTime,
	newConnectionsOverTime,
	responseTimeOverTime,
	answersOverTime,
	placement,
	membersOverTime,
	databasesOverTime,
	stormByVariant,
	sharePerServer,
	utilizationPerServer,
	usersPerAddress,
	heatMap,
	curves,
	scatter,
	ladder,
	objectiveOverCount,
	costOverObjective,
	serversOverYears,
}

// Names returns the names of all figures.
func Names() []string {
	names := make([]string, len(Table))
	for i, f := range Table {
		names[i] = f.Name
	}
	return names
}

// Find returns the figure of that name.
func Find(name string) (Figure, bool) {
	for _, f := range Table {
		if f.Name == name {
			return f, true
		}
	}
	return Figure{}, false
}
