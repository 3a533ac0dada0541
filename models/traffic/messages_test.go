package traffic_test

import (
	"math"
	"testing"
	"time"

	"lbsim/models/traffic"
)

// Row Z1 of the facts on sizing: 24,000 mailboxes of 100 messages a day on six servers
// with three copies of each take 8,000 megacycles for the active ones and 2,400 for the
// passive ones on every server.
func TestMegacyclesOfMailboxes(t *testing.T) {
	var m traffic.Messages
	m.SetDefaults()
	m.PerDay, m.Megacycles, m.Copies = 100, 2, 2
	r := m.Requests()
	cores := 24_000 * float64(r.Rate) * r.Demand.Build().Mean()
	if got := cores * m.Core / 6; math.Abs(got-10_400) > 0.01 {
		t.Errorf("%.6g megacycles on each of six servers, want 10,400", got)
	}
	if want := 100 * 0.2 / 3600; math.Abs(float64(r.Rate)-want) > 1e-15 {
		t.Errorf("%.6g messages/s, want %.6g", float64(r.Rate), want)
	}
	// Half as many messages with the same work cost twice as much each.
	m.PerDay = 50
	if got := m.Requests().Demand.Build().Mean() / r.Demand.Build().Mean(); math.Abs(got-2) > 1e-6 {
		t.Errorf("%.6g times as much", got)
	}
}

func TestMessagesOrRequests(t *testing.T) {
	s := traffic.Stream{Name: "mail", From: []string{"hq"}, Messages: &traffic.Messages{}}
	s.Messages.SetDefaults()
	s.Messages.PerDay, s.Messages.Megacycles = 100, 2
	s.Complete()
	if p := s.Validate(); len(p) > 0 {
		t.Errorf("messages alone: %v", p)
	}
	s.Requests.Rate *= 2
	if p := s.Validate(); len(p) != 1 || p[0].Path != "requests" {
		t.Errorf("with other requests: %v", p)
	}
	if s.Requests.Demand.Build().Mean() < time.Millisecond.Seconds() {
		t.Error("a message costs nothing")
	}
}
