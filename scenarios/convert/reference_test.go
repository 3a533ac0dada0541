package convert

import (
	"math"
	"testing"
	"time"
)

// A reference holds figures that came with one of the sample logs, none of
// them made by this package. A second count, in Python with regular
// expressions, gave the same requests, addresses, first and last times, Gini
// indices, shares and squares. The figures fix how a hundredth of the
// addresses is rounded: to the nearest whole number.
type reference struct {
	path, format                   string
	requests, addresses            int
	first, last                    int64 // Unix seconds
	giniRequests, giniBytes        float64
	top1, top10, top1pct, top10pct float64
	p50, p90, p99, max             int64
	squares, squaresBytes          float64
	spread                         map[int]float64 // of an ideal hash, by number of servers
	spreadBytes4                   float64
	statuses                       map[int16]int // by hundreds
	perSecondMax, perMinuteMax     int           // in calendar seconds and minutes
	once, twice                    int           // addresses with so many requests
}

var references = []reference{{
	path: apacheLog, format: "NCSA combined", requests: 10000, addresses: 1753,
	first: 1431857100, last: 1432155959, giniRequests: 0.639875, giniBytes: 0.951671,
	top1: 0.0482, top10: 0.2039, top1pct: 0.2506, top10pct: 0.546, p50: 2, p90: 8, p99: 50, max: 482,
	squares: 0.00741928, squaresBytes: 0.0245696,
	spread:       map[int]float64{2: 0.0861352, 4: 0.149191, 8: 0.227892, 16: 0.3336},
	spreadBytes4: 0.271494, statuses: map[int16]int{2: 9171, 3: 609, 4: 217, 5: 3},
	perSecondMax: 9, perMinuteMax: 136, once: 680, twice: 324,
}, {
	path: nasaLog, format: "NCSA common", requests: 30969, addresses: 2365,
	first: 807256800, last: 807303121, giniRequests: 0.534963, giniBytes: 0.753455,
	top1: 0.0117537, top10: 0.0659369, top1pct: 0.111079, top10pct: 0.402628, p50: 8, p90: 29, p99: 81, max: 364,
	squares: 0.0013632, squaresBytes: 0.00578179,
	spread:       map[int]float64{2: 0.0369216, 4: 0.0639501, 8: 0.0976854, 16: 0.142997},
	spreadBytes4: 0.131702, statuses: map[int16]int{2: 27972, 3: 2776, 4: 221},
	perSecondMax: 17, perMinuteMax: 164, once: 241, twice: 133,
}}

func TestSamplesAgreeWithReference(t *testing.T) {
	for _, want := range references {
		t.Run(want.path, func(t *testing.T) {
			l := readFile(t, want.path)
			checkLaws(t, l)
			equal(t, "format", l.Format, want.format)
			equal(t, "lines", l.Lines, want.requests)
			equal(t, "requests", len(l.Entries), want.requests)
			equal(t, "first", l.First.Unix(), want.first)
			equal(t, "span", l.Span(), time.Duration(want.last-want.first)*time.Second)

			var requests, bytes []int64
			histogram := make(map[int]int)
			for _, a := range l.Addresses() {
				requests, bytes = append(requests, int64(a.Requests)), append(bytes, a.Bytes)
				histogram[a.Requests]++
			}
			equal(t, "addresses with one request", histogram[1], want.once)
			equal(t, "addresses with two requests", histogram[2], want.twice)
			c, size := Measure(requests), Measure(bytes)
			equal(t, "per address", c, l.PerAddress())
			equal(t, "addresses", c.N, want.addresses)
			equal(t, "total", c.Total, int64(want.requests))
			equal(t, "percentiles", [4]int64{c.P50, c.P90, c.P99, c.Max}, [4]int64{want.p50, want.p90, want.p99, want.max})
			near(t, "top 1", c.Top1, want.top1)
			near(t, "top 10", c.Top10, want.top10)
			near(t, "top 1 %", c.Top1Percent, want.top1pct)
			near(t, "top 10 %", c.Top10Percent, want.top10pct)
			near(t, "Gini of requests", c.Gini, want.giniRequests)
			near(t, "Gini of bytes", size.Gini, want.giniBytes)
			near(t, "sum of squares", c.SumOfSquares, want.squares)
			near(t, "sum of squares of bytes", size.SumOfSquares, want.squaresBytes)
			near(t, "spread of bytes over 4", size.SpreadOverServers(4), want.spreadBytes4)
			for servers, spread := range want.spread {
				near(t, "spread", c.SpreadOverServers(servers), spread)
			}
			checkEntries(t, l, want)
		})
	}
}

// checkEntries compares the answers' status and the highest rates.
func checkEntries(t *testing.T, l *Log, want reference) {
	statuses := make(map[int16]int)
	seconds, minutes := make(map[int64]int), make(map[int64]int)
	perSecond, perMinute := 0, 0
	for _, e := range l.Entries {
		statuses[e.Status/100]++
		at := l.First.Add(e.At).Unix()
		seconds[at]++
		minutes[at/60]++
		perSecond, perMinute = max(perSecond, seconds[at]), max(perMinute, minutes[at/60])
	}
	for class, n := range want.statuses {
		equal(t, "status", statuses[class], n)
	}
	equal(t, "most in a second", perSecond, want.perSecondMax)
	equal(t, "most in a minute", perMinute, want.perMinuteMax)
}

// The Apache sample has agents: shares of addresses with one, two, three to
// five and more of them.
func TestAgentsPerAddress(t *testing.T) {
	var counts [4]int
	most, n := 0, 0
	for _, a := range readFile(t, apacheLog).Addresses() {
		n++
		most = max(most, a.Clients)
		switch {
		case a.Clients <= 2:
			counts[a.Clients-1]++
		case a.Clients <= 5:
			counts[2]++
		default:
			counts[3]++
		}
	}
	equal(t, "most agents at an address", most, 8)
	for i, share := range []float64{0.954364, 0.0382202, 0.00684541, 0.000570451} {
		near(t, "share", float64(counts[i])/float64(n), share)
	}
}

// The W3C sample was converted from the first 2,000 requests of the NASA day.
func TestW3CSampleEqualsItsOriginal(t *testing.T) {
	w3c, ncsa := readFile(t, w3cLog), readFile(t, nasaLog)
	equal(t, "format", w3c.Format, "W3C extended")
	equal(t, "skipped", w3c.Skipped, 4)
	equal(t, "requests", len(w3c.Entries), 2000)
	equal(t, "first", w3c.First, ncsa.First)
	for i, e := range w3c.Entries {
		equal(t, "entry", e, ncsa.Entries[i])
	}
	for i, c := range w3c.Clients {
		equal(t, "address", c.Addr, ncsa.Clients[i].Addr)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// near compares to the six digits that the references have.
func near(t testing.TB, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 5e-6*math.Abs(want) {
		t.Errorf("%s: got %.7g, want %.7g", what, got, want)
	}
}
