package experiment

import (
	"errors"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/results"
	"lbsim/scenarios"
)

// A record that grows beyond what was foreseen ends the run: clients that try
// again at once make a thousand attempts a second each, which no forecast knows.
func TestRecordIsBounded(t *testing.T) {
	f, err := scenarios.Load(scenarios.Source{Name: "f.yaml", Text: []byte(`name: f
duration: 60s
sites: [{name: all, clients: 10}]
traffic: [{name: a, from: [all], connections: {per_client: 1}, retry: {backoff: none}}]
balancer: {services: [{name: w, health: none, servers: [s]}]}
servers: [{name: s}]
timeline: [{at: 1s, fail: s}]
`)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Assignments: true}
	g := newGuard(mostMemory(f), &o)
	const room = 50_000
	g.rows.Store(int64(maxRows)/bytesPerRow - room)
	p := &f.Variants[0]
	rec := results.NewRecorder(setting(f, p, o))
	w, err := models.New(p.Config, 1, 0, rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Attach(w.Engine(), w)
	if err := g.run(t.Context(), w, rec, p.Scenario.Duration); !errors.As(err, new(TooLargeError)) {
		t.Errorf("got %v, want an error", err)
	}
	// 10 clients make 10,000 attempts a second.
	if now := w.Engine().Now().Sub(0); now < 5900*time.Millisecond || now > 6200*time.Millisecond {
		t.Errorf("the run ended at %v, want 6 s", now)
	}
}
