package traffic

import (
	"math"
	"time"

	"lbsim/models/dist"
	"lbsim/sim"
)

// Arrivals whose rate changes are those of a process with one arrival a second
// on average, whose clock runs faster or slower: the next arrival comes when the
// integral of the rate has grown by the next exponential number (Cinlar 1975,
// section 4.7). Nothing is thrown away, as thinning would (Lewis and Shedler
// 1979), so that arrival n has the same random number at every rate.

// course is how a rate changes, as stretches of time in each of which it does so
// evenly.
type course interface {
	// next returns the stretch that follows, the first one from time 0.
	next() stretch
}

// stretch is a time in which a rate changes evenly.
type stretch struct {
	rate   float64 // at the start, per second
	slope  float64 // of the rate, per second each second
	length float64 // seconds; infinite for the last
}

// area is the integral of the rate over the first d seconds.
func (s stretch) area(d float64) float64 {
	if s.slope == 0 {
		return s.rate * d
	}
	return d * (s.rate + float64(s.slope*d)/2)
}

// reach returns the time after which the area is e, which it must get to: the
// root of the quadratic equation in the form that does not subtract.
func (s stretch) reach(e float64) float64 {
	if s.slope == 0 {
		return e / s.rate
	}
	return min(s.length, 2*e/(s.rate+math.Sqrt(max(0, float64(s.rate*s.rate)+2*float64(s.slope*e)))))
}

// after is what is left of a stretch after d seconds of it.
func (s stretch) after(d float64) stretch {
	return stretch{max(0, s.rate+float64(s.slope*d)), s.slope, s.length - d}
}

// changingGaps are the times between arrivals whose rate follows a course.
type changingGaps struct {
	course course
	rest   stretch // of the present one
	u      *sim.Stream
	at     float64  // seconds: the last arrival, before rounding
	last   sim.Time // the same, rounded
}

// Next implements Gaps. Once the rate stays at 0, the next arrival is beyond the
// end of any run.
func (g *changingGaps) Next() time.Duration {
	e := -sim.Log(1 - g.u.Float64())
	for {
		if g.rest.rate == 0 && math.IsInf(g.rest.length, 1) {
			return never
		}
		a := g.rest.area(g.rest.length)
		if e < a {
			break
		}
		e -= a
		g.at += g.rest.length
		g.rest = g.course.next()
	}
	d := g.rest.reach(e)
	g.at += d
	g.rest = g.rest.after(d)
	before := g.last
	g.last = max(before, sim.Time(dist.Seconds(g.at)))
	return g.last.Sub(before)
}

// never is a wait beyond the end of any run.
const never = 100 * 365 * 24 * time.Hour
