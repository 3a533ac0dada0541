package plot

import "testing"

// TestHeatOfLittle wants another colour for a little than for nothing at all.
func TestHeatOfLittle(t *testing.T) {
	for _, c := range []struct {
		low, up, v float64
		want       int
	}{
		{0, 0.75, 0, 0}, {0, 0.75, 0.001, 1}, {0, 0.75, 0.75, len(heatTones) - 1},
		{1, 2, 1, 0}, {1, 2, 1.001, 0}, {1, 2, 2, len(heatTones) - 1}, {3, 3, 3, 0}, {0, 0, 0, 0},
	} {
		h := &heat{low: c.low, up: c.up}
		if got := h.step(c.v); got != c.want {
			t.Errorf("%v between %v and %v has colour %d, want %d", c.v, c.low, c.up, got, c.want)
		}
	}
}
