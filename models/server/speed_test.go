package server

import (
	"fmt"
	"strings"
	"testing"

	"lbsim/models/flow"
)

// Under ps, all requests are slower at once: two of them have half a core each at
// first, then an eighth.
func TestSpeedOfSharing(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: PS})
	r.at(0, func() { r.send("a", 0, 2); r.send("b", 0, 3) })
	r.at(1, func() { r.p.SetSpeed(0, 0.25) })
	r.at(5, func() { r.p.SetSpeed(0, 1) }) // each has had 0.5 s and 0.5 s
	r.run(20)
	// a has 1 s left, at half a core: 2 s. Then b has 1 s left, alone.
	r.want("a completed 7", "b completed 8")
}

// Under fifo, work that begins is slower, and what has begun is not. The server
// keeps its speed when it fails.
func TestSpeedOfQueue(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: FIFO})
	r.at(0, func() { r.send("a", 0, 2); r.send("b", 0, 1) })
	r.at(1, func() { r.p.SetSpeed(0, 0.5) })
	r.at(5, func() { r.p.Fail(0, flow.Silent) })
	r.at(6, func() { r.p.Recover(0, nil); r.send("c", 0, 1) })
	r.at(10, func() { r.p.SetSpeed(0, 1); r.send("d", 0, 1) })
	r.run(20)
	r.want("a completed 2", "b completed 4", "c completed 8", "d completed 11")
}

// A speed of 1 changes nothing.
func TestFullSpeed(t *testing.T) {
	var ended [2]string
	for i := range ended {
		r := newRig(t, Config{Cores: 2, Queue: Unlimited, Discipline: FIFO})
		for k := range 50 {
			r.at(float64(k)*0.07, func() { r.send("x", 0, 0.1+float64(k%7)*0.03) })
			if i == 1 {
				r.at(float64(k)*0.09, func() { r.p.SetSpeed(0, 1) })
			}
		}
		r.run(100)
		ended[i] = fmt.Sprint(len(r.ended), r.ended)
	}
	if ended[0] != ended[1] || !strings.HasPrefix(ended[0], "50 ") {
		t.Errorf("%s\ninstead of\n%s", ended[1], ended[0])
	}
}
