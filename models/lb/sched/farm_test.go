package sched_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// farm is a balancer's view of some servers and any number of schedulers that
// are kept informed, in the way in which a balancer does it.
type farm struct {
	view       lb.View
	up         []bool
	schedulers []lb.Scheduler
	now        sim.Time
	shown      bool    // full servers stay usable, as when connections queue for them
	resume     float64 // part of the limit to which a full server must come down; 0: any free place will do
}

// testKeys are keys of 50 values, which follow from the connection's number;
// one connection in ten has none.
type testKeys struct{}

func (testKeys) Key(string) int { return 0 }

func (testKeys) Value(id flow.ConnID, _ int) (uint32, bool) { return uint32(id) % 50, id%10 != 9 }

func (testKeys) Text(_ int, value uint32) string { return fmt.Sprint("/", value) }

const addresses = 50

func newFarm(weights []int64, policies ...lb.SchedulerPolicy) *farm {
	f := &farm{}
	for _, w := range weights {
		f.view.Members = append(f.view.Members, lb.Member{Base: w, Weight: w * lb.FullWeight, Usable: w > 0})
		f.up = append(f.up, true)
	}
	f.employ(policies)
	return f
}

// employ makes the schedulers.
func (f *farm) employ(policies []lb.SchedulerPolicy) {
	env := lb.Env{
		View: &f.view, Keys: testKeys{}, MaxFails: 2, Instances: 1, Now: func() sim.Time { return f.now },
		Probe: func(m int) lb.Load {
			if !f.up[m] {
				return lb.Load{}
			}
			v := &f.view.Members[m]
			return lb.Load{Alive: true, Requests: int(v.Active), Latency: time.Duration(v.Active+1) * time.Millisecond}
		},
	}
	for i := range f.view.Members {
		env.Names = append(env.Names, fmt.Sprint("server", i))
	}
	for i := range uint32(addresses) {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], 0xc0000200+i*7919)
		env.Addrs = append(env.Addrs, netip.AddrFrom4(a))
	}
	for _, p := range policies {
		env.Rand = sim.NewStream(1, 0, "scheduler")
		f.schedulers = append(f.schedulers, p.NewScheduler(env))
	}
}

func (f *farm) changed(m int) {
	tell(f, func(s lb.Membership) { s.Changed(m) })
}

// refresh recomputes whether a member is usable.
func (f *farm) refresh(m int) {
	v := &f.view.Members[m]
	if f.resume > 0 {
		v.Crowded = v.Limit > 0 && (v.Active >= v.Limit || v.Crowded && float64(v.Active) >= f.resume*float64(v.Limit))
	}
	if usable := f.up[m] && v.Weight > 0 && (f.shown || !v.Full()); usable != v.Usable {
		v.Usable = usable
		f.changed(m)
	}
}

func (f *farm) count(m int, by int32) {
	v := &f.view.Members[m]
	v.Active += by
	if v.Limit > 0 {
		f.refresh(m)
	}
	tell(f, func(s lb.Tracker) { s.Counted(m) })
	if v.Active == 0 {
		tell(f, func(s lb.IdleQueue) { s.Idle(m) })
	}
}

func (f *farm) setUp(m int, up bool) {
	f.up[m] = up
	f.refresh(m)
}

func (f *farm) reweigh(m int, w int64) {
	if v := &f.view.Members[m]; v.Base > 0 && v.Weight != w {
		v.Weight = w
		f.changed(m)
		f.refresh(m)
	}
}

func (f *farm) usable() (list []int) {
	for m := range f.view.Members {
		if f.view.Members[m].Usable {
			list = append(list, m)
		}
	}
	return list
}

// change makes anything happen that may happen to a farm.
func change(t *rapid.T, f *farm) {
	m := rapid.IntRange(0, len(f.view.Members)-1).Draw(t, "member")
	v := &f.view.Members[m]
	f.now += sim.Time(rapid.Int64Range(0, 2e9).Draw(t, "time"))
	switch rapid.SampledFrom([]string{"down", "up", "weight", "base", "close", "close", "answer", "fail", "poll", "linger", "queue"}).Draw(t, "change") {
	case "down":
		f.setUp(m, false)
	case "up":
		f.setUp(m, true)
	case "weight":
		f.reweigh(m, max(1, v.Base*rapid.Int64Range(0, lb.FullWeight).Draw(t, "ramp")))
	case "base":
		v.Base = rapid.Int64Range(0, 5).Draw(t, "base")
		v.Weight = v.Base * lb.FullWeight
		f.changed(m)
		f.refresh(m)
	case "close":
		if v.Active > 0 {
			f.count(m, -1)
		}
	case "answer":
		took := time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "took"))
		tell(f, func(s lb.Feedback) { s.Answered(m, took, f.now) })
	case "fail":
		tell(f, func(s lb.FailureCounter) { s.Failed(m) })
	case "poll":
		l := lb.Load{Alive: f.up[m], Requests: int(v.Active), Busy: time.Duration(f.now) * time.Duration(v.Active) / 10}
		tell(f, func(s lb.Poller) { s.Polled(m, l, f.now) })
		took := time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "took"))
		tell(f, func(s lb.Timer) { s.Timed(m, took, f.up[m], f.now) })
	case "queue":
		v.Queued = int32(rapid.IntRange(0, 2).Draw(t, "queued"))
		tell(f, func(s lb.Tracker) { s.Counted(m) })
	case "linger":
		v.Inactive = int32(rapid.IntRange(0, 5).Draw(t, "inactive"))
		tell(f, func(s lb.Tracker) { s.Counted(m) })
	}
}

// tell calls f for the farm's schedulers that want to hear of something.
func tell[T any](farm *farm, f func(T)) {
	for _, s := range farm.schedulers {
		if x, ok := s.(T); ok {
			f(x)
		}
	}
}

// draw returns any farm.
func draw(t *rapid.T, policies ...lb.SchedulerPolicy) *farm {
	f := newFarm(rapid.SliceOfN(rapid.Int64Range(0, 5), 1, 9).Draw(t, "weights"))
	limits, groups := rapid.Bool().Draw(t, "limits"), rapid.Bool().Draw(t, "groups")
	if limits {
		f.shown = rapid.Bool().Draw(t, "shown")
		f.resume = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "resume")
	}
	for m := range f.view.Members {
		v := &f.view.Members[m]
		if limits {
			v.Limit = int32(rapid.IntRange(0, 4).Draw(t, "limit"))
		}
		if groups {
			v.Priority, v.Backup = int32(rapid.IntRange(0, 2).Draw(t, "priority")), rapid.Bool().Draw(t, "backup")
		}
	}
	f.employ(policies)
	return f
}
