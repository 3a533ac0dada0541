package plot

import (
	"math"

	"gonum.org/v1/plot"

	"lbsim/results"
)

// countTicks marks at most so many steps of 1, 2 or 5 times a power of ten from
// 0, and of no less than least, which is 1 for what is counted. Where that
// would leave a single step, as for a mean of 0.3, least does not apply.
type countTicks struct {
	most  int
	least float64
	label func(v float64) string
}

// Ticks implements plot.Ticker.
func (t countTicks) Ticks(low, high float64) []plot.Tick {
	step := t.step(high - low)
	var ticks []plot.Tick
	for k := math.Ceil(low/step - 1e-9); float64(k*step) <= high+step*1e-9; k++ {
		v := float64(k * step)
		ticks = append(ticks, plot.Tick{Value: v, Label: t.label(v)})
	}
	return ticks
}

func (t countTicks) step(span float64) float64 {
	least := t.least
	if span < 2*least {
		least = 0
	}
	for power := -9; power < 15; power++ {
		for _, digit := range [...]float64{1, 2, 5} {
			if s := digit * math.Pow10(power); s >= least && span/s <= float64(t.most) {
				return s
			}
		}
	}
	return span
}

// above is a round number that leaves some room above v.
func (t countTicks) above(v float64) float64 {
	if !(v > 0) {
		return 1
	}
	step := t.step(v) / 2
	return float64(math.Ceil(v*1.02/step) * step)
}

func plainLabel(v float64) string { return results.Plain.Human(v) }

// A timeUnit is what a time axis counts in.
type timeUnit struct {
	name    string
	seconds float64
	steps   []float64 // between ticks, in this unit
}

var timeUnits = []timeUnit{
	{"s", 1, []float64{1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30}},
	{"min", 60, []float64{1, 2, 5, 10, 15, 30}},
	{"h", 3600, []float64{1, 2, 3, 6, 12}},
	{"d", 86400, []float64{1, 2, 5, 10, 20, 50, 100, 200, 500}},
}

// timeTicks marks round times; values are in seconds.
type timeTicks struct {
	unit timeUnit
	step float64 // seconds
}

// ticksOfTime chooses at most so many ticks for a span of seconds.
func ticksOfTime(span float64, most int) timeTicks {
	for _, u := range timeUnits {
		for _, s := range u.steps {
			if span/(s*u.seconds) <= float64(most) {
				return timeTicks{u, s * u.seconds}
			}
		}
	}
	last := timeUnits[len(timeUnits)-1]
	return timeTicks{last, math.Ceil(span/float64(most)/last.seconds) * last.seconds}
}

// Ticks implements plot.Ticker.
func (t timeTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for k := math.Ceil(low/t.step - 1e-9); float64(k*t.step) <= high+t.step*1e-9; k++ {
		v := float64(k * t.step)
		ticks = append(ticks, plot.Tick{Value: v, Label: plainLabel(v / t.unit.seconds)})
	}
	return ticks
}
