package results

import (
	"testing"

	"lbsim/models/flow"
	"lbsim/sim"
)

// From the order to the last connection: once for each server and balancer, from
// the first of several orders, and not at all for one that is put back before.
func TestDrainTime(t *testing.T) {
	r := NewRecorder(Setting{Services: []ServiceSetting{{Name: "rpc", Servers: []int{0, 1}}}, Servers: []string{"a", "b"}})
	note := func(at float64, kind flow.NoteKind, server int) flow.Note {
		return flow.Note{At: sim.Time(at * 1e9), Kind: kind, Server: server, Actor: "rpc", Text: "is empty"}
	}
	r.Noted(note(10, flow.TakenOut, 0))
	r.Noted(note(20, flow.TakenOut, 0)) // in maintenance after it has drained
	r.Noted(note(30, flow.TakenOut, 1))
	r.returned(note(40, flow.PutBack, 1))
	r.Noted(note(52.5, flow.Emptied, 0))
	r.Noted(note(60, flow.TakenOut, 1))
	r.Noted(note(60, flow.Emptied, 1))
	r.Noted(note(70, flow.Emptied, 1)) // of a drain that is over
	var out values
	r.listDrains(&out, -1)
	if len(out) != 2 || out[0].x != 21.25 || out[1].x != 42.5 {
		t.Errorf("%+v, want a mean of 21.25 s and 42.5 s at most", out)
	}
	var texts []string
	for _, m := range r.marks {
		if m.Kind == "empty" {
			texts = append(texts, m.Text)
		}
	}
	if len(texts) != 3 || texts[0] != "is empty, after 42.5s" || texts[1] != "is empty" {
		t.Errorf("%q", texts)
	}
	out = nil
	if r.listDrains(&out, 1); len(out) != 0 {
		t.Errorf("another service has %+v", out)
	}
}
