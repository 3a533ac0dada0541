package lab

import (
	"context"
	"time"
)

// sleeper waits for moments of a run, exactly, unless the run is given up.
type sleeper struct {
	ctx   context.Context
	alarm *alarm
	stop  func() bool
}

func newSleeper(ctx context.Context) (*sleeper, error) {
	a, err := newAlarm()
	if err != nil {
		return nil, err
	}
	return &sleeper{ctx, a, context.AfterFunc(ctx, a.close)}, nil
}

// until sleeps until a moment, and reports whether the run goes on then.
func (s *sleeper) until(t time.Time) bool {
	if d := time.Until(t); d > 0 {
		s.alarm.set(d)
		if !s.alarm.wait() {
			return false
		}
	}
	return s.ctx.Err() == nil
}

func (s *sleeper) close() {
	if s.stop() {
		s.alarm.close()
	}
}
