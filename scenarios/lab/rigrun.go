package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"lbsim/models/flow"
)

// crowd is the clients that are there.
type crowd struct {
	mu    sync.Mutex
	conns map[*net.TCPConn]struct{}
	gone  sync.WaitGroup
}

// run lets the arrivals happen, and the timeline, for as long as the scenario says.
func (r *rig) run(ctx context.Context, arrivals []Arrival) (*Observation, error) {
	if err := r.check(arrivals); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.arrivals, r.visits, r.cancel = arrivals, make([]Visit, len(arrivals)), cancel
	c := &crowd{conns: map[*net.TCPConn]struct{}{}}
	s, err := newSleeper(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()

	if err := r.awaitCheck(ctx); err != nil {
		return nil, err
	}
	began := r.beginning()
	if !s.until(r.clock.at(began)) {
		return nil, context.Cause(ctx)
	}
	r.began.Store(int64(began))
	var others sync.WaitGroup
	others.Go(func() { r.operate(ctx) })
	others.Go(func() {
		select {
		case <-r.process.gone:
			cancel(r.process.ended())
		case <-ctx.Done():
		}
	})
	came, late := r.dispatch(s, c)
	s.until(r.instant(r.plan.Scenario.Duration))
	given := context.Cause(ctx) // nil: it was not given up
	end := r.now()
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	c.leave()
	cancel(nil)
	others.Wait()

	if given != nil || r.problem != nil {
		return nil, errors.Join(given, r.problemBeside(given))
	}
	for i := range r.visits[:came] {
		if v := &r.visits[i]; v.Outcome == flow.Accepted {
			v.Ended = end
		}
	}
	return &Observation{Arrivals: arrivals, Visits: r.visits[:came], Marks: r.journal.list(), End: end, Late: late}, nil
}

// problemBeside is what has gone wrong, unless it is told already.
func (r *rig) problemBeside(told error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(told, r.problem) {
		return nil
	}
	return r.problem
}

// dispatch lets clients come, one after the other, and returns how many have and the
// most by which one was late.
func (r *rig) dispatch(s *sleeper, c *crowd) (came int, late time.Duration) {
	for i := range r.arrivals {
		a := &r.arrivals[i]
		if i > 0 && a.At <= r.now() {
			r.settle(i - 1)
		}
		if a.At >= r.plan.Scenario.Duration || !s.until(r.instant(a.At)) {
			return i, late
		}
		now := r.now()
		late = max(late, now-a.At)
		if now >= r.plan.Scenario.Duration { // it is over, and nobody comes any more
			return i, late
		}
		v := &r.visits[i]
		r.mu.Lock()
		v.Arrival, v.Began, v.Server = i, now, int(flow.NoServer)
		r.mu.Unlock()
		to := &r.services[a.Service]
		conn, err := dial(a.Source, to.host, to.patience)
		if err != nil {
			r.ended(i, flow.Reset)
			if lacks(err) {
				r.fail(fmt.Errorf("arrival %d: %w", i, err))
			}
			continue
		}
		r.ask(conn, i) // what cannot be said shows in what is heard
		c.enter(conn, func() {
			outcome := r.attend(conn, i)
			r.ended(i, outcome)
		})
	}
	return len(r.arrivals), late
}

// settle waits, for a short time, until a server has an arrival, or it is over. A
// balancer that finds several new connections does not always take them in their
// order, and where decisions are to be compared one by one order matters more than
// time.
func (r *rig) settle(arrival int) {
	const patience = 10 * time.Millisecond
	if r.queues {
		return // it may wait for a server in the balancer
	}
	enough := time.After(patience)
	for !r.settled(arrival) {
		select {
		case <-r.moved:
		case <-enough:
			return
		}
	}
}

// enter lets a client stay until f returns, which is when its connection ends.
func (c *crowd) enter(conn *net.TCPConn, f func()) {
	c.mu.Lock()
	c.conns[conn] = struct{}{}
	c.mu.Unlock()
	c.gone.Go(func() {
		f()
		c.mu.Lock()
		delete(c.conns, conn)
		c.mu.Unlock()
		conn.Close()
	})
}

// leave ends all connections and waits until nobody is there.
func (c *crowd) leave() {
	c.mu.Lock()
	for conn := range c.conns {
		abort(conn)
	}
	c.mu.Unlock()
	c.gone.Wait()
}
