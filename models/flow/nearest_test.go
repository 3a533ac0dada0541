package flow_test

import (
	"strings"
	"testing"

	"lbsim/models/flow"
)

func TestNearest(t *testing.T) {
	known := []string{"name", "slow_start", "scheduler", "persistence", "max_connections", "timeout", "time"}
	for word, want := range map[string]string{
		"slowstart": "slow_start", "Slow-Start": "slow_start", "nmae": "name", "sheduler": "scheduler",
		"max_conn": "max_connections", "timout": "timeout", "tim": "time", "x": "", "weights": "", "": "",
		strings.Repeat("x", 1000): "", "persistance": "persistence",
	} {
		if got := flow.Nearest(word, known); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

func TestOneOf(t *testing.T) {
	for word, want := range map[string]string{
		"keep": "", "rset": "p: \"rset\" is not one of keep, reset (did you mean reset?)", "other": "p: \"other\" is not one of keep, reset",
	} {
		got := ""
		for _, p := range flow.OneOf("p", word, "keep", "reset") {
			got = p.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

func TestClosest(t *testing.T) {
	names := []string{"weight", "max_connections", strings.Repeat("n", 200)}
	for word, want := range map[string]int{
		"weight": 0, "wieght": 0, "limit": 0, "max_conns": 1, names[2]: 2, names[2] + "n": -1, "": 0,
	} {
		if got := flow.Closest(word, len(names), func(i int) string { return names[i] }); got != want {
			t.Errorf("%s: got %d, want %d", word, got, want)
		}
	}
	if got := flow.Closest("weight", 0, nil); got != -1 {
		t.Errorf("of no names: %d", got)
	}
}
