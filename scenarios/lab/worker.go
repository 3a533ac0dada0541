package lab

import (
	"sync"
	"time"

	"lbsim/models/server"
)

// worker is a station in real time: of what clients ask of a server, it tells when
// it is done.
type worker struct {
	clock *clock
	alarm *alarm

	mu      sync.Mutex
	station *station
	config  *server.Config
	stopped bool
	since   time.Duration // when it was stopped last
	lost    time.Duration // how long it has been stopped before that
}

func newWorker(c *server.Config, clk *clock) (*worker, error) {
	a, err := newAlarm()
	if err != nil {
		return nil, err
	}
	w := &worker{clock: clk, alarm: a, station: newStation(c), config: c}
	go w.watch()
	return w, nil
}

// now is the station's time, which stands still while the worker is stopped.
func (w *worker) now() time.Duration {
	if w.stopped {
		return w.since - w.lost
	}
	return w.clock.now() - w.lost
}

// submit gives the worker a request. The channel is closed when it is done; nil: there
// is no room for it.
func (w *worker) submit(demand time.Duration) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.finish(now)
	j := &job{demand, make(chan struct{})}
	if !w.station.add(j, now) {
		return nil
	}
	w.finish(now) // if it demands nothing
	return j.done
}

// finish ends what is done, and sets the alarm to when more is.
func (w *worker) finish(now time.Duration) {
	for _, j := range w.station.finish(now) {
		close(j.done)
	}
	if at, ok := w.station.working.next(); ok && !w.stopped {
		w.alarm.set(at - now)
	}
}

// watch ends what is done when it is, until the worker is closed.
func (w *worker) watch() {
	for w.alarm.wait() {
		w.mu.Lock()
		w.finish(w.now())
		w.mu.Unlock()
	}
}

// stop lets all work stand still; resume lets it go on from there.
func (w *worker) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.clock.now(); !w.stopped {
		w.finish(now - w.lost)
		w.stopped, w.since = true, now
	}
}

func (w *worker) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		w.stopped, w.lost = false, w.lost+w.clock.now()-w.since
		w.finish(w.now())
	}
}

// forget drops all work: nobody is told that it is done.
func (w *worker) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.station = newStation(w.config)
}

func (w *worker) close() { w.alarm.close() }
