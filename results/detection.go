package results

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// detection follows a server of a service from its failure until the balancer
// marks it down, or until it works again. Each of several balancers notices by
// itself, once.
type detection struct {
	service, member int
	at              sim.Time // of the failure
	before          uint64   // attempts that had met it dead until then
	by              []string // the balancers that have noticed
	took            []float64
	lost            float64 // attempts that met it dead until the last of these; until it worked again if none has
	over            bool
}

// broke begins to follow what a note of a failure is about: one service of a
// server, or all. It does nothing for those that are failing already.
func (r *Recorder) broke(n flow.Note) {
	for s := range r.setting.Services {
		m := slices.Index(r.setting.Services[s].Servers, n.Server)
		if n.Server < 0 || m < 0 || n.Service >= 0 && n.Service != s || r.failing(s, m) != nil {
			continue
		}
		r.detections = append(r.detections, &detection{service: s, member: m, at: n.At, before: r.meters.Meter(s, m, n.At).Refused})
	}
}

// mended ends what broke began.
func (r *Recorder) mended(n flow.Note) {
	for s := range r.setting.Services {
		if m := slices.Index(r.setting.Services[s].Servers, n.Server); n.Server >= 0 && m >= 0 && (n.Service < 0 || n.Service == s) {
			if d := r.failing(s, m); d != nil {
				d.end(r, n.At)
			}
		}
	}
}

// noticed counts that a balancer has marked a server down, and says in the mark
// how long that took.
func (r *Recorder) noticed(n flow.Note, mark *Mark) {
	m := slices.Index(r.setting.Services[n.Service].Servers, n.Server)
	d := r.failing(n.Service, m)
	if d == nil || slices.Contains(d.by, n.Actor) {
		return // nothing is wrong with it, or it has been noticed
	}
	d.by = append(d.by, n.Actor)
	d.took = append(d.took, (n.At - d.at).Seconds())
	d.lost = float64(r.meters.Meter(d.service, d.member, n.At).Refused - d.before)
	mark.Text += fmt.Sprintf("; noticed after %v", n.At.Sub(d.at).Round(time.Millisecond))
	if d.lost > 0 {
		mark.Text += fmt.Sprintf(" and %.0f attempts", d.lost)
	}
}

// failing returns the detection of a member that is failing, nil if it is not.
func (r *Recorder) failing(service, member int) *detection {
	for i := len(r.detections) - 1; i >= 0; i-- {
		if d := r.detections[i]; d.service == service && d.member == member && !d.over {
			return d
		}
	}
	return nil
}

func (d *detection) end(r *Recorder, now sim.Time) {
	d.over = true
	if len(d.took) == 0 {
		d.lost = float64(r.meters.Meter(d.service, d.member, now).Refused - d.before)
	}
}

// listDetection adds how long it took to notice the failures of a service, or of
// all if service is -1, and what was lost meanwhile. There is nothing to add if
// nothing failed.
func (r *Recorder) listDetection(out *values, service int) {
	var took, lost []float64
	for _, d := range r.detections {
		if service >= 0 && d.service != service {
			continue
		}
		took, lost = append(took, d.took...), append(lost, d.lost)
	}
	if len(lost) == 0 {
		return
	}
	add := func(name, unit string, values []float64) {
		sum, most := 0.0, math.NaN()
		for i, x := range values {
			if sum += x; i == 0 || x > most {
				most = x
			}
		}
		out.add(name, unit, ratio(sum, float64(len(values))))
		out.add(name+"_max", unit, most)
	}
	add("detection.time", "s", took)
	add("detection.lost", "", lost)
}
