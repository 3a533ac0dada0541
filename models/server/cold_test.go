package server

import (
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
)

// Work that begins after a comeback takes longer, by a factor that comes down to
// 1: one request of a second every ten, the work of each against the formula.
func TestColdCaches(t *testing.T) {
	for _, c := range []struct {
		name string
		cold Cold
		f    func(seconds float64) float64
		sum  float64 // of 60 requests
	}{
		{"linear", Cold{Factor: 3, For: 4 * time.Minute}, func(t float64) float64 { return max(1, 3-2*t/240) }, 60 + 2*(24-(23*24/2)/24.0)},
		{"exponential", Cold{Factor: 3, For: 4 * time.Minute, Decay: ExponentialDecay}, func(t float64) float64 { return 1 + 2*math.Exp(-t/240) },
			60 + 2*(1-math.Exp(-2.5))/(1-math.Exp(-1/24.0))},
		{"not at all", Cold{Factor: 3}, func(float64) float64 { return 1 }, 60},
	} {
		for _, d := range []Discipline{FIFO, PS} {
			t.Run(c.name+" "+string(d), func(t *testing.T) {
				r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: d, Cold: &c.cold})
				r.at(1, func() { r.send("before", 0, 1) })
				r.at(50, func() { r.p.Fail(0, flow.Refuses) })
				r.at(100, func() { r.p.Recover(0, nil) })
				sum := 1.0
				for i := range 60 {
					at := float64(10 * i)
					r.at(100+at, func() { r.send("x", 0, 1) })
					sum += c.f(at)
				}
				r.run(1000)
				if !almost(r.worked(), sum) || !almost(r.worked()-1, c.sum) {
					t.Errorf("the core worked for %v s, want %v and %v", r.worked(), sum, c.sum+1)
				}
			})
		}
	}
}

// A start is cold as its event says, else as its server; the start of the run
// only if that is asked for, and one service's start only for that service.
func TestWhatIsCold(t *testing.T) {
	own, event := &Cold{Factor: 3, For: time.Hour}, &Cold{Factor: 5, For: time.Hour}
	always := &Cold{Factor: 3, For: time.Hour, AtStart: true}
	for _, c := range []struct {
		name   string
		config *Cold
		do     func(p *Pool)
		want   [2]float64 // demand of a second, of two services
	}{
		{"start of the run", own, func(*Pool) {}, [2]float64{1, 1}},
		{"start of the run, asked for", always, func(*Pool) {}, [2]float64{3, 3}},
		{"server returns", own, func(p *Pool) { p.Fail(0, flow.Silent); p.Recover(0, nil) }, [2]float64{3, 3}},
		{"server returns, event", own, func(p *Pool) { p.Fail(0, flow.Refuses); p.Recover(0, event) }, [2]float64{5, 5}},
		{"server returns, event alone", nil, func(p *Pool) { p.Fail(0, flow.Refuses); p.Recover(0, event) }, [2]float64{5, 5}},
		{"service returns", own, func(p *Pool) { p.Close(0, 1); p.Mend(0, 1, nil) }, [2]float64{1, 3}},
		{"service returns, event", own, func(p *Pool) { p.Close(0, 1); p.Mend(0, 1, event) }, [2]float64{1, 5}},
		{"service hung", own, func(p *Pool) { p.Hang(0, 1); p.Mend(0, 1, nil) }, [2]float64{1, 1}},
		{"service hung, event", own, func(p *Pool) { p.Hang(0, 1); p.Mend(0, 1, event) }, [2]float64{1, 5}},
		{"both", always, func(p *Pool) { p.Close(0, 1); p.Mend(0, 1, event) }, [2]float64{3, 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Config{Cores: 2, Queue: Unlimited, Discipline: FIFO, Cold: c.config})
			r.at(0, func() {
				c.do(r.p)
				for k, want := range c.want {
					if got := r.fl.Requests.At(uint32(r.send("x", k, 1))).Demand.Seconds(); got != want {
						t.Errorf("service %d: a second takes %v s, want %v", k, got, want)
					}
				}
			})
			r.run(0)
		})
	}
}

// A time beyond the clock's is not multiplied into the past.
func TestColdLongDemand(t *testing.T) {
	if d := times(math.MaxInt64/2, 1000); d <= 0 {
		t.Error(d)
	}
}
