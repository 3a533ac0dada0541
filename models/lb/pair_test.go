package lb_test

import (
	"math"
	"testing"
	"time"

	"lbsim/models/lb"
)

// How long a standby waits by VRRP, for the priorities and intervals of
// RFC 5798, section 6.1.
func TestVRRP(t *testing.T) {
	for _, row := range []struct {
		priority      int
		second, tenth float64 // gap with an advertisement each second, each tenth
	}{
		{254, 3.008, 0.301}, {200, 3.219, 0.322}, {150, 3.414, 0.341},
		{100, 3.609, 0.361}, {90, 3.648, 0.365}, {50, 3.805, 0.380},
	} {
		for _, c := range []struct {
			advert time.Duration
			want   float64
		}{{time.Second, row.second}, {100 * time.Millisecond, row.tenth}} {
			p := lb.Pair{Advert: c.advert, Priority: row.priority}
			// The table's thousandths of the short interval are rounded from 3.8047.
			if got := p.Gap(false).Seconds(); math.Abs(got-c.want) > 0.00061 {
				t.Errorf("priority %d, advertisements every %v: %.4f s, want %.3f", row.priority, c.advert, got, c.want)
			}
		}
	}
	p := lb.Pair{Advert: time.Second, Priority: 100}
	if got := p.Gap(true); got != 609375*time.Microsecond {
		t.Errorf("an orderly stop takes %v, want the skew of 0.609375 s", got)
	}
	if p.Failover = 9 * time.Second; p.Gap(false) != 9*time.Second {
		t.Errorf("a given failover time of 9 s becomes %v", p.Gap(false))
	}
}
