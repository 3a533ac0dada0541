package tcp

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"lbsim/models/internal/theory"
	"lbsim/sim"
)

// known are times of exchanges and segments that wait; the rows are copied from the
// collection that ../testdata/README.md describes.
var known = theory.Load("testdata/theory.json")

func TestMain(m *testing.M) { os.Exit(known.Run(m)) }

// known exchanges are of small messages on an open connection that is idle.
type knownExchange struct {
	Exchanges int
	RTT       float64 `json:"rtt_s"`
	Delayed   float64 `json:"delayed_ack_s"`
	Server    float64 `json:"server_time_s"`
	Quick     int     `json:"quick_ack_exchanges"`
}

func seconds(s float64) time.Duration { return time.Duration(s*1e9 + 0.5) }

func (k *knownExchange) config() Config {
	c := NewConfig(seconds(k.RTT))
	// One acknowledgement of an exchange could be late, that of the first segment:
	// the answer brings that of the second, and each counts.
	c.Server.DelayedAck, c.Server.QuickAcks = seconds(k.Delayed), 2*k.Quick
	return c
}

func (k *knownExchange) exchange(writes []int) Exchange {
	return Exchange{ClientWrites: writes, ServerWrites: short, Think: seconds(k.Server), Count: k.Exchanges}
}

// What is written in two parts waits for an acknowledgement that is delayed, once in
// each exchange; what is written in one part does not.
func TestKnownExchanges(t *testing.T) {
	for _, id := range known.WithPrefix("dack-") {
		t.Run(id, func(t *testing.T) {
			var k knownExchange
			if err := json.Unmarshal(known.Row(t, id).Params, &k); err != nil {
				t.Fatal(err)
			}
			c := k.config()
			switch {
			case strings.HasPrefix(id, "dack-one-"):
				known.CheckEqual(t, id, simulate(t, c, k.exchange(one), Options{State: Idle}).Latency.Seconds())
			case strings.HasPrefix(id, "dack-wwr-"):
				known.CheckEqual(t, id, simulate(t, c, k.exchange(two), Options{State: Idle}).Latency.Seconds())
			default:
				c.Server.Timer = Tick
				known.Check(t, id, atAnyTime(t, c, k.exchange(two)))
			}
		})
	}
}

// atAnyTime returns how long exchanges take that begin at times which have nothing to
// do with the clock's ticks, added up over x.Count of them, for several replications.
func atAnyTime(t *testing.T, c Config, x Exchange) (totals []float64) {
	const replications, exchanges = 16, 400
	n := x.Count
	x.Count = 1
	for i := range uint64(replications) {
		u, sum := sim.NewStream(1, i, theory.Salted(t.Name())), 0.0
		for range exchanges {
			start := sim.Time(u.Float64() * float64(time.Hour))
			sum += simulate(t, c, x, Options{State: Idle, Start: start}).Latency.Seconds()
		}
		totals = append(totals, sum/exchanges*float64(n))
	}
	return totals
}

// Of one long write the last segment waits for the delayed acknowledgement where it
// is not full and follows an odd number of full ones.
func TestLastSegmentWaits(t *testing.T) {
	for _, id := range known.WithPrefix("nagle-tail-") {
		t.Run(id, func(t *testing.T) {
			var k struct {
				Bytes int `json:"write_bytes"`
				MSS   int
			}
			if err := json.Unmarshal(known.Row(t, id).Params, &k); err != nil {
				t.Fatal(err)
			}
			c := NewConfig(10 * ms)
			c.Client.Nagle, c.Client.MSS, c.Client.InitialWindow = Classic, k.MSS, 100
			c.Server.Count, c.Server.QuickAcks = FullSegments, 0
			stalls := simulate(t, c, Exchange{ClientWrites: []int{k.Bytes}, ServerWrites: short, Count: 1}, Options{State: Idle}).Stalls
			known.CheckEqual(t, id, float64(stalls))
		})
	}
}
