package experiment_test

import (
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/sim"
)

// books counts what a world reports, apart from the recorder of results, which
// checks the same at the end of each run.
type books struct {
	asked, ended int             // requests
	taken        int             // connections, by servers
	held         map[uint32]bool // connections that a server has, by number of the attempt
	wrong        int             // connections given twice, or closed without having been given
}

func (b *books) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, _ sim.Time) {
	if o != flow.Accepted {
		return
	}
	if b.held[c.Seq] {
		b.wrong++
	}
	b.held[c.Seq] = true
	b.taken++
}

func (b *books) Closed(_ flow.ConnID, c *flow.Conn, _ flow.Outcome, _ sim.Time) {
	if !b.held[c.Seq] {
		b.wrong++
	}
	delete(b.held, c.Seq)
}

func (b *books) Arrived(*flow.Request, sim.Time)                { b.asked++ }
func (b *books) Finished(*flow.Request, flow.Outcome, sim.Time) { b.ended++ }
func (*books) Opened(flow.ConnID, *flow.Conn, sim.Time)         {}
func (*books) Noted(flow.Note)                                  {}

// present returns the requests that somebody waits for, and the connections that
// servers have, or had without their clients knowing yet that they do no more.
func present(w *models.World) (requests, connections int) {
	w.Requests(func(r *flow.Request) {
		if r.Work == flow.Ask && !r.Abandoned {
			requests++
		}
	})
	w.Conns(func(_ flow.ConnID, c *flow.Conn) {
		if c.Server != flow.NoServer {
			connections++
		}
	})
	return requests, connections
}

// The laws hold in every bundled scenario, and not only at its end: what has
// arrived has been completed, rejected, given up or reset, or is present, and no
// server idles beside one who waits.
func TestLawsOfTheLibrary(t *testing.T) {
	const parts = 50
	for _, name := range scenarios.LibraryNames() {
		t.Run(name, func(t *testing.T) {
			f := libraryScenario(t, name)
			for i := range f.Variants {
				p := &f.Variants[i]
				b := &books{held: map[uint32]bool{}}
				w, err := models.New(p.Config, p.Scenario.Seed, 0, b)
				if err != nil {
					t.Fatal(err)
				}
				for k := range parts {
					now := p.Scenario.Duration * time.Duration(k+1) / parts
					if err := w.Run(now); err != nil {
						t.Fatalf("%s, at %v: %v", p.Name, now, err)
					}
					if err := w.CheckLaws(); err != nil {
						t.Fatalf("%s: %v", p.Name, err)
					}
					requests, connections := present(w)
					if b.asked != b.ended+requests || b.wrong > 0 || len(b.held) != connections {
						t.Fatalf("%s, at %v: %d requests arrived, %d ended, %d are present; %d connections are reported, %d of them wrongly, %d are there",
							p.Name, now, b.asked, b.ended, requests, len(b.held), b.wrong, connections)
					}
				}
				if b.taken < 20 {
					t.Errorf("%s: only %d connections", p.Name, b.taken)
				}
			}
		})
	}
}
