package plot

import (
	"math"

	"gonum.org/v1/plot"

	"lbsim/results"
)

// Values that span more than logBeyond are drawn on a logarithmic axis: the
// smaller ones would all lie on the zero line.
const logBeyond = 50

// An axis is how the values of a quantity are laid out: the words beside it,
// its ticks and its ends.
type axis struct {
	label     string
	ticks     plot.Ticker
	low, high float64
	log       bool
}

// countAxis is an axis of numbers from 0 with steps of at least so much.
func countAxis(label string, least, high float64, most int) axis {
	ticks := countTicks{most, least, plainLabel}
	return axis{label, ticks, 0, ticks.above(high), false}
}

// numberAxis is a countAxis, or a logarithmic one if the values, of which low
// is the smallest above 0, span too much.
func numberAxis(label string, low, high float64, most int) axis {
	if !spansMuch(low, high) {
		return countAxis(label, 0, high, most)
	}
	return logAxis(label, low, high, plainLabel)
}

// secondsAxis is an axis of times in the unit that fits them, or a logarithmic
// one whose ticks have units of their own.
func secondsAxis(label string, low, high float64, most int) axis {
	if spansMuch(low, high) {
		return logAxis(label, low, high, wholeTime)
	}
	u := valueUnits[0]
	for _, next := range valueUnits[1:] {
		if high < next.from {
			break
		}
		u = next
	}
	ticks := countTicks{most, 0, plainLabel}
	top := ticks.above(high / u.seconds)
	return axis{label + " (" + u.name + ")", unitTicks{ticks, u.seconds}, 0, top * u.seconds, false}
}

// wholeTime writes a power of ten of seconds: 10 µs, 1 s, 1,000 s.
func wholeTime(v float64) string {
	if v >= 1 {
		return plainLabel(v) + " s"
	}
	return results.Seconds.Human(v)
}

func spansMuch(low, high float64) bool { return low > 0 && high > logBeyond*low }

// valueUnits are the units of measured times, each with the value from which
// on it is used, as in the numbers that reports print.
var valueUnits = []struct {
	name          string
	seconds, from float64
}{{"µs", 1e-6, 0}, {"ms", 1e-3, 0.9995e-3}, {"s", 1, 0.9995}, {"min", 60, 600}, {"h", 3600, 7200}, {"d", 86400, 2 * 86400}}

// unitTicks are ticks of values in a unit of so many seconds.
type unitTicks struct {
	countTicks
	seconds float64
}

// Ticks implements plot.Ticker.
func (t unitTicks) Ticks(low, high float64) []plot.Tick {
	ticks := t.countTicks.Ticks(low/t.seconds, high/t.seconds)
	for i := range ticks {
		ticks[i].Value *= t.seconds
	}
	return ticks
}

// logAxis begins at a power of ten and ends at 1, 2 or 5 times one.
func logAxis(label string, low, high float64, words func(float64) string) axis {
	a := axis{label: label + ", log scale", ticks: logTicks{words}, log: true}
	power := int(math.Floor(math.Log10(low) + 1e-9))
	a.low = math.Pow10(power)
	for a.high = a.low; a.high < high*1.02; {
		for _, digit := range [...]float64{2, 5, 10} {
			if a.high = float64(digit * math.Pow10(power)); a.high >= high*1.02 {
				break
			}
		}
		power++
	}
	return a
}

// logTicks marks powers of ten with words, and the steps between them without.
type logTicks struct{ label func(v float64) string }

// Ticks implements plot.Ticker.
func (t logTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	first := int(math.Floor(math.Log10(low) + 1e-9))
	for power := first; math.Pow10(power) <= high*(1+1e-9); power++ {
		for digit := 1; digit < 10; digit++ {
			v := float64(float64(digit) * math.Pow10(power))
			if v < low*(1-1e-9) || v > high*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: v}
			if digit == 1 {
				tick.Label = t.label(v)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// place is where v lies between the ends of the axis, from 0 to 1.
func (a axis) place(v float64) float64 {
	v = min(max(v, a.low), a.high)
	if a.log {
		return math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return (v - a.low) / (a.high - a.low)
}

// set gives a plot's axis these ends and ticks.
func (a axis) set(to *plot.Axis) {
	to.Min, to.Max, to.Tick.Marker = a.low, a.high, a.ticks
	if a.log {
		to.Scale = plot.LogScale{}
	}
}
