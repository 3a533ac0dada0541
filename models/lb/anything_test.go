package lb_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
)

// Whatever happens to a service of any configuration, the laws hold that
// (*turmoil).laws lists.
func TestAnythingMayHappen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTurmoil(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.step()
			w.laws()
		}
		w.end()
	})
}

// turmoil is a stand on which anything happens.
type turmoil struct {
	*stand
	t       *rapid.T
	service lb.Service
	spy     *spy
	waiting []flow.ConnID
	held    []flow.ConnID
	away    []bool // servers in maintenance
	rude    bool   // servers close what they take from a queue at once
	sorry   int    // the server that says sorry, -1: none
}

// spy is any scheduler whose view of the servers the test can read.
type spy struct {
	lb.SchedulerPolicy
	views []*lb.View // by instance
}

func (p *spy) NewScheduler(env lb.Env) lb.Scheduler {
	p.views = append(p.views, env.View)
	return p.SchedulerPolicy.NewScheduler(env)
}

// nervous is a check that acts on every connection that is not taken.
func nervous() lb.Health {
	h := lb.Health{
		Kind: lb.HTTPCheck, Every: time.Second, Timeout: time.Second / 2, Fall: 2, Rise: 2, Pace: lb.PaceRetry, Pause: true, Start: lb.StartFailing,
		Observe: &lb.Observe{Layer: "layer4", Limit: 2, OnError: "sudden-death"}, Outlier: &lb.Outlier{},
	}
	h.Outlier.SetDefaults()
	h.Outlier.Interval, h.Outlier.BaseTime, h.Outlier.MaxEjected, h.Outlier.Errors = time.Second, 2*time.Second, 0.7, 3
	return h
}

func newTurmoil(t *rapid.T) *turmoil {
	w := &turmoil{t: t, sorry: -1}
	w.spy = &spy{SchedulerPolicy: rapid.SampledFrom([]lb.SchedulerPolicy{
		&homes{}, &sched.RoundRobin{}, &sched.LeastConnections{}, &sched.Random{},
	}).Draw(t, "scheduler")}
	w.service = lb.Service{
		Scheduler:   w.spy,
		Persistence: rapid.SampledFrom([]lb.PersistencePolicy{persist.None{}, &persist.SourceIP{Timeout: time.Minute}}).Draw(t, "persistence"),
		SlowStart:   rapid.SampledFrom([]lb.RampPolicy{ramp.None{}, &ramp.Linear{Time: 5 * time.Second}}).Draw(t, "slow start"),
		Health: rapid.SampledFrom([]lb.Health{
			{Kind: lb.NoCheck}, checks, {Kind: lb.Passive, MaxFails: 2, FailTimeout: 2 * time.Second}, nervous(),
		}).Draw(t, "health"),
		Full:       rapid.SampledFrom([]lb.Overflow{lb.FullNext, lb.FullWaits, lb.FullQueues, lb.FullRejects}).Draw(t, "full"),
		Queue:      rapid.SampledFrom([]int{lb.Unlimited, 0, 1, 3}).Draw(t, "queue"),
		Resume:     flow.Share(rapid.SampledFrom([]float64{0, 0.5, 0.75, 1}).Draw(t, "resume")),
		Redispatch: rapid.SampledFrom([]int{0, 0, 1, lb.Unlimited}).Draw(t, "redispatch"),
		Panic:      flow.Share(rapid.SampledFrom([]float64{0, 0, 0.5, 1}).Draw(t, "panic")),
		Linger:     rapid.SampledFrom([]time.Duration{0, time.Second}).Draw(t, "linger"),
		Instances:  rapid.IntRange(1, 3).Draw(t, "instances"),
		Spread:     rapid.SampledFrom([]lb.Spread{lb.SpreadConnections, lb.SpreadClients}).Draw(t, "spread"),

		OnDown:         rapid.SampledFrom([]lb.Fate{lb.Kept, lb.Kept, lb.Cut, lb.Reselected, lb.Dropped, lb.Suspended}).Draw(t, "on down"),
		OnUp:           rapid.SampledFrom([]lb.Comeback{lb.BackupsKept, lb.BackupsCut}).Draw(t, "on up"),
		OnRemove:       rapid.SampledFrom([]lb.Fate{lb.Kept, lb.Cut, lb.Reselected, lb.Dropped, lb.Suspended, lb.Refused}).Draw(t, "on remove"),
		Drain:          lb.Drain{Time: 3 * time.Second, Then: rapid.SampledFrom([]string{"keep", "cut", "cut-unless-kept"}).Draw(t, "drain then")},
		ConnectTimeout: rapid.SampledFrom([]time.Duration{0, 0, 500 * time.Millisecond, 4 * time.Second}).Draw(t, "connect timeout"),
		Retries:        rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "retries"), RetryWait: time.Second,
	}
	var members []lb.MemberConfig
	for range rapid.IntRange(1, 4).Draw(t, "servers") {
		members = append(members, lb.MemberConfig{
			Weight: rapid.IntRange(0, 3).Draw(t, "weight"), MaxConnections: rapid.IntRange(0, 3).Draw(t, "limit"),
		})
	}
	if rapid.Bool().Draw(t, "sorry") {
		members = append(members, lb.MemberConfig{Weight: 1, Sorry: true})
		w.sorry = len(members) - 1
	}
	w.away = make([]bool, len(members))
	w.rude = rapid.Bool().Draw(t, "rude")
	w.stand = newStand(t, w.service, members...)
	w.stand.taken, w.stand.refused = w.onTaken, w.onRefused
	w.stand.cut = func(id flow.ConnID) { w.leave(&w.held, id, "that are held") }
	return w
}

// leave takes a connection off a list, on which it must be.
func (w *turmoil) leave(list *[]flow.ConnID, id flow.ConnID, name string) {
	i := slices.Index(*list, id)
	if i < 0 {
		w.t.Fatalf("connection %d is not among those %s", id, name)
	}
	*list = slices.Delete(*list, i, i+1)
}

func (w *turmoil) onTaken(id flow.ConnID) {
	w.leave(&w.waiting, id, "that wait")
	w.given(id)
	if w.rude {
		w.close(id)
		return
	}
	w.held = append(w.held, id)
}

func (w *turmoil) onRefused(id flow.ConnID) {
	w.leave(&w.waiting, id, "that wait")
	w.flows.Conns.Free(uint32(id))
}

// given checks that a server may have the connection that it has just been
// given.
func (w *turmoil) given(id flow.ConnID) {
	c := w.flows.Conns.At(uint32(id))
	v := w.spy.views[c.Via].Members[c.Member]
	if c.Sorry != (int(c.Member) == w.sorry) {
		w.t.Fatalf("sorry server %d: %+v", w.sorry, c)
	}
	if c.Sorry {
		return
	}
	if v.Absent {
		w.t.Fatalf("a server that is not in the table is given a connection: %+v", c)
	}
	if w.away[c.Server] {
		w.t.Fatalf("a server in maintenance is given a connection: %+v", c)
	}
	if v.Limit > 0 && v.Active > v.Limit {
		w.t.Fatalf("a server has %d connections, its limit is %d", v.Active, v.Limit)
	}
	if w.answers[c.Server] != flow.Accepts {
		w.t.Fatalf("a dead server has taken a connection: %+v", c)
	}
	if w.service.Panic == 0 && w.service.Health.Kind == lb.TCPCheck && w.believedDown(c.Via, int(c.Server)) {
		w.t.Fatalf("a server that is believed down is given a connection: %+v", c)
	}
	if w.service.Persistence == (persist.None{}) && w.service.Full != lb.FullWaits && v.Base == 0 {
		w.t.Fatalf("a server of weight 0 is given a connection: %+v", c)
	}
}

// believedDown reports what balancer k has noted last of a server.
func (w *turmoil) believedDown(k uint8, server int) (down bool) {
	actor := "rpc"
	if w.service.Instances > 1 {
		actor = "rpc/" + string('1'+k)
	}
	for _, n := range w.notes {
		if n.Actor == actor && n.Server == server && (n.Kind == flow.MarkedDown || n.Kind == flow.MarkedUp || n.Kind == flow.PutBack) {
			down = n.Kind == flow.MarkedDown // one that is added is believed up at first
		}
	}
	return down
}

func (w *turmoil) step() {
	server := int32(rapid.IntRange(0, len(w.answers)-1).Draw(w.t, "server"))
	switch rapid.SampledFrom([]string{
		"open", "open", "open", "open", "close", "close", "die", "live", "time", "time",
		"drain", "disable", "enable", "enable", "weight", "limit", "remove", "add", "give up",
	}).Draw(w.t, "step") {
	case "open":
		id, o := w.openAs(flow.ClientID(rapid.IntRange(0, 5).Draw(w.t, "client")))
		switch {
		case o == "waits":
			w.waiting = append(w.waiting, id)
		case len(o) == 1:
			w.given(id)
			w.held = append(w.held, id)
		default:
			w.flows.Conns.Free(uint32(id))
		}
	case "close":
		if n := len(w.held); n > 0 {
			id := w.held[rapid.IntRange(0, n-1).Draw(w.t, "connection")]
			w.leave(&w.held, id, "that are held")
			w.close(id)
		}
	case "die":
		w.answers[server] = rapid.SampledFrom([]flow.Answer{flow.Refuses, flow.Silent}).Draw(w.t, "answer")
		for _, id := range slices.Clone(w.held) {
			if w.flows.Conns.At(uint32(id)).Server == server {
				w.leave(&w.held, id, "that are held")
				w.close(id)
			}
		}
	case "live":
		w.answers[server] = flow.Accepts
	case "time":
		w.e.Run(w.e.Now().Add(time.Duration(rapid.IntRange(1, 4000).Draw(w.t, "ms")) * time.Millisecond))
	case "drain":
		w.away[server] = false
		w.b.Drain(server)
	case "disable":
		w.away[server] = true
		w.b.Disable(server)
	case "enable":
		w.away[server] = false
		w.b.Enable(server)
	case "weight":
		w.b.SetWeight(0, server, rapid.IntRange(0, 3).Draw(w.t, "weight"))
	case "remove":
		w.b.Remove(server)
	case "add":
		w.away[server] = false
		w.b.Add(server)
	case "give up":
		if n := len(w.waiting); n > 0 {
			id := w.waiting[rapid.IntRange(0, n-1).Draw(w.t, "connection")]
			w.leave(&w.waiting, id, "that wait")
			w.b.Leave(id)
			w.flows.Conns.Free(uint32(id))
		}
	case "limit":
		w.b.SetLimit(0, server, rapid.IntRange(0, 3).Draw(w.t, "limit"))
	}
	w.e.Run(w.e.Now()) // what is to happen at once
}

// laws checks what must hold at all times.
func (w *turmoil) laws() {
	w.counts()
	for k, view := range w.spy.views {
		n := 0
		for _, id := range w.waiting {
			if is, _ := w.b.Dialling(id); !is && w.flows.Conns.At(uint32(id)).Via == uint8(k) {
				n++
			}
		}
		if q := w.service.Queue; q != lb.Unlimited && n > q || w.service.Full == lb.FullRejects && n > 0 {
			w.t.Fatalf("%d wait", n)
		}
		if n == 0 {
			continue
		}
		full := false
		for m := range view.Members {
			v := &view.Members[m]
			full = full || v.Full()
			// Persistent clients wait for their own server; a connection that a dead
			// server has refused waits for others.
			anybody := w.service.Full == lb.FullNext && w.service.Persistence == (persist.None{}) && w.service.Redispatch == 0
			if anybody && v.Usable {
				w.t.Fatalf("%d wait while a server has a free place: %+v", n, v)
			}
		}
		if !full {
			w.t.Fatalf("%d wait while no server is full: %+v", n, view.Members)
		}
	}
}

// counts compares the balancers' counts with the connections there are.
func (w *turmoil) counts() {
	active := make([][]int32, len(w.spy.views))
	for k := range active {
		active[k] = make([]int32, len(w.answers))
	}
	for _, id := range w.held {
		if c := w.flows.Conns.At(uint32(id)); c.Path != flow.Dead {
			active[c.Via][c.Member]++
		}
	}
	for _, id := range w.waiting {
		if _, counts := w.b.Dialling(id); counts {
			c := w.flows.Conns.At(uint32(id))
			active[c.Via][c.Member]++
		}
	}
	for m := range w.answers {
		sum := 0
		for k, view := range w.spy.views {
			if v := &view.Members[m]; v.Active != active[k][m] || v.Inactive < 0 {
				w.t.Fatalf("balancer %d counts %d and %d of server %d, it has %d", k, v.Active, v.Inactive, m, active[k][m])
			}
			sum += int(active[k][m])
		}
		if n := w.b.Meter(0, m, w.e.Now()).Conns; n != sum {
			w.t.Fatalf("the meter of server %d counts %d, it has %d", m, n, sum)
		}
	}
	if wrong := w.b.Miscounted(); wrong != "" {
		w.t.Fatalf("%s", wrong)
	}
	if n := w.flows.Conns.Len(); n != len(w.held)+len(w.waiting) {
		w.t.Fatalf("%d connections exist, %d are held and %d wait", n, len(w.held), len(w.waiting))
	}
}

// end closes everything: nobody is left waiting, and nothing is remembered.
func (w *turmoil) end() {
	for done := false; !done; done = len(w.held) == 0 {
		for len(w.held) > 0 {
			id := w.held[0]
			w.held = w.held[1:]
			w.close(id)
		}
		w.e.Run(w.e.Now().Add(time.Hour)) // a silent server with one place holds them up one after the other
		w.laws()
	}
	if len(w.waiting) > 0 {
		w.t.Fatalf("%d wait for ever", len(w.waiting))
	}
	for _, view := range w.spy.views {
		for _, v := range view.Members {
			if v.Active != 0 || v.Inactive != 0 || v.Crowded {
				w.t.Fatalf("at the end %+v", v)
			}
		}
	}
}
