package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lbsim/models/server"
)

const ms = time.Millisecond

// visitor is a job that comes at an instant.
type visitor struct{ at, demand time.Duration }

// serve returns when a server is done with jobs, in the order in which they come:
// "no" for one that it turns away.
func serve(t *testing.T, c server.Config, visitors ...visitor) string {
	t.Helper()
	s := newStation(&c)
	said := make([]string, len(visitors))
	number := map[*job]int{}
	finish := func(until time.Duration) {
		for {
			at, ok := s.working.next()
			if !ok || at > until {
				return
			}
			for _, j := range s.finish(at) {
				said[number[j]] = fmt.Sprint(at.Round(time.Microsecond))
			}
		}
	}
	for i, v := range visitors {
		finish(v.at)
		j := &job{demand: v.demand}
		number[j] = i
		if !s.add(j, v.at) {
			said[i] = "no"
		}
	}
	finish(time.Hour)
	return strings.Join(said, " ")
}

// Completions that follow from the rules by hand.
func TestDisciplines(t *testing.T) {
	three := []visitor{{0, 10 * ms}, {2 * ms, 4 * ms}, {4 * ms, 10 * ms}}
	for _, test := range []struct {
		name     string
		config   server.Config
		visitors []visitor
		want     string
	}{
		{"fifo, one core", server.Config{Cores: 1, Queue: -1, Discipline: server.FIFO}, three, "10ms 14ms 24ms"},
		{"fifo, two cores", server.Config{Cores: 2, Queue: -1, Discipline: server.FIFO}, three, "10ms 6ms 16ms"},
		{"fifo, one place to wait", server.Config{Cores: 1, Queue: 1, Discipline: server.FIFO}, three, "10ms 14ms no"},
		{"fifo, a slot beyond the core", server.Config{Cores: 1, Slots: 2, Queue: 0, Discipline: server.FIFO}, three, "10ms 14ms no"},
		// The first has 8 ms left at 2 ms, and the others come: two share for 2 ms, which
		// leaves 7, 3 and 10; three for 9 ms: 4, 0 and 7; two for 8 ms; the last for 3.
		{"ps, one core", server.Config{Cores: 1, Queue: -1, Discipline: server.PS}, three, "21ms 13ms 24ms"},
		{"ps, two cores", server.Config{Cores: 2, Queue: -1, Discipline: server.PS}, three, "11ms 7ms 15ms"},
		// With one slot it is first come first served.
		{"ps, one slot", server.Config{Cores: 1, Slots: 1, Queue: -1, Discipline: server.PS}, three, "10ms 14ms 24ms"},
		{"ps, two slots, no queue", server.Config{Cores: 1, Slots: 2, Queue: 0, Discipline: server.PS}, three, "14ms 10ms no"},
	} {
		if got := serve(t, test.config, test.visitors...); got != test.want {
			t.Errorf("%s: done at %s, want %s", test.name, got, test.want)
		}
	}
}
