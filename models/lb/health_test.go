package lb_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/sim"
)

// known are times to detection and requests lost before; the rows are copied
// from the collection that ../testdata/README.md describes.
var known = theory.Load("testdata/theory.json")

// seconds converts, for rows whose times are halves and tenths of seconds.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }

// check is a health check as rows describe it.
type check struct {
	Every   float64 `json:"interval_s"`
	Timeout float64 `json:"timeout_s"`
	Fall    int
}

func (c check) config() lb.Health {
	return lb.Health{Kind: lb.TCPCheck, Every: seconds(c.Every), Timeout: seconds(c.Timeout), Fall: c.Fall, Rise: 1}
}

// detections lets the first of four servers die at instants spread evenly over
// an interval, while 200 connections a second are asked for. It returns how long
// it took each time to notice, and how many attempts the server got meanwhile.
func detections(t *testing.T, c check, how flow.Answer) (took, lost []float64) {
	const instants = 200
	for i := range instants {
		s := newStand(t, lb.Service{Health: c.config()}, alike(4, 0)...)
		died := 3*c.Every + (float64(i)+0.5)/instants*c.Every
		s.at(died)
		s.answers[0] = how
		for len(s.notes) == 0 {
			if id, outcome := s.open('A'); outcome != "reset" {
				s.close(id)
			}
			s.e.Run(s.e.Now() + sim.Time(5*time.Millisecond))
		}
		if n := s.notes[0]; n.Kind != flow.MarkedDown || n.Server != 0 {
			t.Fatalf("%+v", n)
		}
		took = append(took, s.notes[0].At.Seconds()-died)
		lost = append(lost, float64(s.b.Refused()))
	}
	return took, lost
}

func TestDetection(t *testing.T) {
	for _, id := range known.WithPrefix("hc-") {
		if !strings.HasSuffix(id, "-mean") {
			continue
		}
		var c check
		if err := json.Unmarshal(known.Row(t, id).Params, &c); err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(id, "-mean")
		took, lost := detections(t, c, flow.Silent)
		for row, values := range map[string][]float64{
			base + "-mean": took,
			base + "-min":  {slices.Min(took)},
			base + "-max":  {slices.Max(took)},
			strings.Replace(base, "hc-", "hc-lost-", 1): lost,
		} {
			t.Run(row, func(t *testing.T) { known.Check(t, row, values) })
		}
		t.Run(base+" refused", func(t *testing.T) {
			// A server that refuses fails its probe at once: there is no time-out to wait for.
			took, _ := detections(t, c, flow.Refuses)
			theory.CheckNumber(t, (float64(c.Fall)-0.5)*c.Every, 0.01, took)
			theory.CheckNumber(t, (float64(c.Fall)-1)*c.Every, 0.02*c.Every, []float64{slices.Min(took)})
			theory.CheckNumber(t, float64(c.Fall)*c.Every, 0.01, []float64{slices.Max(took)})
		})
	}
	if left := known.Unused(); len(left) > 0 {
		t.Errorf("rows that nothing exercises: %v", left)
	}
}

// It takes Rise good probes in a row to come back, and a bad one among them
// starts the count again; the same for Fall.
func TestRiseAndFall(t *testing.T) {
	s := newStand(t, lb.Service{Health: lb.Health{Kind: lb.TCPCheck, Every: time.Second, Timeout: time.Second / 2, Fall: 3, Rise: 2}}, alike(1, 0)...)
	for i, bad := range []bool{true, true, false, true, true, true, false, true, false, false, false} {
		s.at(float64(i) + 0.9) // the probes of a single server are at whole seconds
		if s.answers[0] = flow.Accepts; bad {
			s.answers[0] = flow.Refuses
		}
	}
	s.at(15)
	want := []flow.Note{
		{At: sim.Time(6 * time.Second), Kind: flow.MarkedDown, Actor: "rpc", Text: "a is down: 3 checks failed"},
		{At: sim.Time(10 * time.Second), Kind: flow.MarkedUp, Actor: "rpc", Text: "a is up: 2 checks passed"},
	}
	if !slices.Equal(s.notes, want) {
		t.Errorf("got %+v, want %+v", s.notes, want)
	}
}

// The servers of a service are not probed at the same instant.
func TestProbesAreSpread(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks}, alike(4, 0)...)
	for m := range s.answers {
		s.answers[m] = flow.Refuses
	}
	s.at(2)
	for m, n := range s.notes {
		if want := sim.Time(m+1) * sim.Time(time.Second) / 4; n.At != want || n.Server != m {
			t.Errorf("%s at %v, want %v", n.Text, n.At, want)
		}
	}
	s.expectOpen('A', "rejected")
}

// Without checks the balancer never learns.
func TestNoCheck(t *testing.T) {
	s := newStand(t, lb.Service{}, alike(2, 0)...)
	s.answers[0] = flow.Silent
	s.at(1e6)
	s.expectOpen('A', "unanswered")
	s.expectOpen('A', "b")
	if len(s.notes) != 0 || s.b.Refused() != 1 {
		t.Errorf("%v noted, %d refused", s.notes, s.b.Refused())
	}
}
