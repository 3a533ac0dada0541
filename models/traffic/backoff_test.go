package traffic_test

import (
	"testing"
	"time"

	"lbsim/models/traffic"
)

// Nobody waits less than a millisecond, and who asks for no backoff waits
// exactly that, however many failures there were.
func TestShortestWait(t *testing.T) {
	for _, law := range traffic.BackoffTable {
		p := law.New()
		for failures := 1; failures < 100; failures *= 3 {
			for _, u := range []float64{0, 0.5, 0.999} {
				d := p.Delay(failures, u)
				if d < time.Millisecond || law.Name == "none" && d != time.Millisecond {
					t.Errorf("%s waits %v after %d failures", law.Name, d, failures)
				}
			}
		}
	}
}
