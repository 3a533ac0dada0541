package capture

import (
	"math"
	"time"
)

// A Timer is an estimate of how an end delays acknowledgements.
type Timer struct {
	// Kind is arrival if the delay counts from the segment's arrival, tick if it
	// ends at the ticks of a clock, unknown if there are too few, several if
	// connections differ.
	Kind string `json:"kind"`
	// Interval is the delay from arrival, or the time between two ticks.
	Interval float64 `json:"interval_s"`
	// Most is the longest that a segment waits: with ticks, it may be several.
	Most float64 `json:"most_s"`
	Note string  `json:"note"`
}

// leastSample is how many delays an estimate needs.
const leastSample = 5

// timer estimates the timer behind delays. From arrival they are all alike, but
// for the ticks of the clock by which the system counts: Linux's least delay of
// 40 ms ends up to 10 ms late. With ticks that have nothing to do with arrivals
// they are uniform, and the width of a uniform distribution is its standard
// deviation times the root of 12.
func (m *moments) timer() Timer {
	if m.n < leastSample {
		return Timer{Kind: "unknown", Most: seconds(m.max), Note: "too few to tell the timer"}
	}
	width := time.Duration(float64(m.spread()) * math.Sqrt(12))
	if width <= max(10*time.Millisecond, m.mean()/5) {
		t := Timer{Kind: "arrival", Interval: rounded(m.least).Seconds(), Most: rounded(m.max).Seconds()}
		t.Note = knownTimer(time.Duration(m.least), m.mean())
		return t
	}
	t := Timer{Kind: "tick", Interval: rounded(int64(width)).Seconds()}
	most := m.mean() + width/2
	t.Most = rounded(int64(most)).Seconds()
	for _, k := range []struct {
		interval time.Duration
		note     string
	}{{100 * time.Millisecond, "a timer of 200 ms in ticks of 100 ms, as Windows has"}, {200 * time.Millisecond, "as BSD of old has"}} {
		if alike(width, k.interval) && alike(most, 200*time.Millisecond) {
			t.Interval, t.Most, t.Note = k.interval.Seconds(), 0.2, k.note
		}
	}
	return t
}

// mixed reports whether a timer of all connections is none of any: theirs, counted
// by kind, are of both kinds, or count from arrival with different delays.
func (t *Timer) mixed(kinds map[string]int) bool {
	return kinds["arrival"] > 0 && (kinds["tick"] > 0 || t.Kind == "tick")
}

// rounded returns the nearest 10 ms.
func rounded(d int64) time.Duration {
	return max(time.Duration(d).Round(10*time.Millisecond), 10*time.Millisecond)
}

// alike allows for an eighth.
func alike(d, of time.Duration) bool { return max(d-of, of-d) <= of/8 }

// knownTimer names systems with a delay like that.
func knownTimer(least, mean time.Duration) string {
	switch {
	case alike(least, 40*time.Millisecond) && mean < 50*time.Millisecond:
		return "as Linux and Windows Server 2019 have"
	case alike(mean, 200*time.Millisecond):
		return "as Windows has up to 2012"
	case alike(mean, 100*time.Millisecond):
		return "as macOS has"
	}
	return ""
}
