package lab

import (
	"testing"
	"time"

	"lbsim/models/server"
)

// In real time, work takes no less than it does by the rules, and stands still while
// the server hangs. How much longer it takes is the machine's affair.
func TestWorker(t *testing.T) {
	clk := newClock()
	for _, discipline := range []server.Discipline{server.FIFO, server.PS} {
		w, err := newWorker(&server.Config{Cores: 1, Queue: 1, Slots: map[server.Discipline]int{server.PS: 2}[discipline], Discipline: discipline}, clk)
		if err != nil {
			t.Fatal(err)
		}
		began := clk.now()
		first, second := w.submit(20*ms), w.submit(10*ms)
		if discipline == server.FIFO && w.submit(ms) != nil {
			t.Error("fifo: a third is taken, with one place to wait")
		}
		w.stop()
		held := clk.now()
		select {
		case <-first:
		case <-second:
			if held-began < 10*ms {
				t.Errorf("%s: served while it hangs", discipline)
			}
		case <-time.After(40 * ms):
		}
		stood := clk.now() - held
		w.resume()
		<-first
		<-second
		if d := clk.now() - began; held-began < 10*ms && d < 30*ms+stood {
			t.Errorf("%s: 30 ms of work took %v, and it stood still for %v", discipline, d, stood)
		}
		w.submit(time.Minute)
		w.forget()
		began = clk.now()
		<-w.submit(5 * ms)
		if d := clk.now() - began; d < 5*ms {
			t.Errorf("%s: 5 ms of work took %v", discipline, d)
		}
		w.close()
	}
}
