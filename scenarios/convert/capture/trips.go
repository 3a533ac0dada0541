package capture

import "time"

// trips are times from a segment of one end to its acknowledgement by the other.
// The least of them is the round trip between the place of the capture and the
// other end, unless all were delayed: an acknowledgement of one segment, without
// data, may have been, one of two or with data was not.
type trips struct {
	n, sure     int
	least       int64 // of all, in nanoseconds
	leastSure   int64 // of those that were not delayed
	bare, worst int64 // least and most of those that may have been
}

func (t *trips) add(trip int64, mayBeDelayed bool) {
	if trip < 0 { // the capture is not in order
		return
	}
	if t.n == 0 || trip < t.least {
		t.least = trip
	}
	switch {
	case !mayBeDelayed:
		if t.sure == 0 || trip < t.leastSure {
			t.leastSure = trip
		}
		t.sure++
	case t.n == t.sure: // the first
		t.bare, t.worst = trip, trip
	default:
		t.bare, t.worst = min(t.bare, trip), max(t.worst, trip)
	}
	t.n++
}

// roundTrip returns the least, or 0 and false if it is not known. Where only
// acknowledgements that may have been delayed are as fast, they tell it if they
// are alike; if they are not, they look like a timer.
func (t *trips) roundTrip() (trip int64, known bool) {
	switch {
	case t.n == 0:
		return 0, false
	case t.sure > 0 && t.leastSure <= t.least+t.least/4, t.bare < int64(leastDelay):
		return t.least, true
	}
	if t.worst-t.bare >= max(t.bare/2, int64(20*time.Millisecond)) {
		return 0, false
	}
	return t.least, true
}

// seconds returns the round trip for reports, nil if it is not known.
func (t *trips) seconds() *float64 {
	trip, known := t.roundTrip()
	if !known {
		return nil
	}
	s := seconds(trip)
	return &s
}
