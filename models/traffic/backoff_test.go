package traffic_test

import (
	"testing"
	"time"

	"lbsim/models/traffic"
	"lbsim/sim"
)

// Nobody waits less than a millisecond, and who asks for no backoff waits
// exactly that, however many failures there were.
func TestShortestWait(t *testing.T) {
	for _, law := range traffic.BackoffTable {
		p := law.New()
		for failures := 1; failures < 100; failures *= 3 {
			for last := range uint64(20) {
				d := p.Delay(failures, traffic.Luck{U: sim.NewStream(1, 0, "waits"), Last: 1000 * last, Step: 1})
				if d < time.Millisecond || law.Name == "none" && d != time.Millisecond {
					t.Errorf("%s waits %v after %d failures", law.Name, d, failures)
				}
			}
		}
	}
}
