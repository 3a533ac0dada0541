package results

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Run is what one replication of one variant yields.
type Run struct {
	Kernel      sim.Stats
	Assignments *Assignments // nil unless asked for
	GroupSizes  []int        // clients behind each source address

	metrics  values
	services []serviceRun
	windows  []windowRun // as Setting.Windows
	series   []Series
	marks    []Mark
	unlisted int // marks beyond those

	setting   []ServiceSetting
	placement *placement // nil without virtual machines and databases
	history   *Placement // of those, if they are few
}

// windowRun is what one window of a replication yields.
type windowRun struct {
	metrics   values
	placement *placement
}

type serviceRun struct {
	name    string
	metrics values
	servers []string
	members []values
}

// Finish returns what the recorder has seen, after the world has run.
func (r *Recorder) Finish() *Run {
	now := r.engine.Now()
	for _, s := range r.live {
		s.roll(now)
	}
	for _, d := range r.detections {
		if !d.over {
			d.end(r, now)
		}
	}
	// That a server is level is known a second later than it is true.
	slices.SortStableFunc(r.marks, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	main := r.windows[0]
	run := &Run{
		Kernel: r.engine.Stats(), series: r.series.list(r), marks: r.marks, unlisted: r.unlisted,
		setting: r.setting.Services, placement: main.placement, history: r.history.finish(now),
	}
	run.metrics = main.list(r)
	r.listStorm(&run.metrics, r.worst(-1))
	r.listDetection(&run.metrics, -1)
	r.listDrains(&run.metrics, -1)
	for i, sv := range r.setting.Services {
		s := serviceRun{name: sv.Name}
		s.metrics, s.members = main.listService(r, i)
		r.listStorm(&s.metrics, r.worst(i))
		r.listDetection(&s.metrics, i)
		r.listDrains(&s.metrics, i)
		main.placement.listService(&s.metrics, i)
		for _, server := range sv.Servers {
			s.servers = append(s.servers, r.setting.Servers[server])
		}
		run.services = append(run.services, s)
	}
	for _, w := range r.windows[1:] {
		run.windows = append(run.windows, windowRun{w.list(r), w.placement})
	}
	return run
}

// CheckLaws returns an error if the record contradicts itself or the world:
// requests and connections are conserved, and the number of requests present,
// integrated over time, equals the time that requests spent (Little's law, for
// a finite run). requests calls its argument for each request under way.
func (r *Recorder) CheckLaws(requests func(func(*flow.Request)), connections int) error {
	now := r.engine.Now()
	present, stay := uint64(0), r.stay
	requests(func(q *flow.Request) {
		if q.Work == flow.Ask && !q.Abandoned { // others have ended for their clients
			present++
			stay += float64(now - q.Sent)
		}
	})
	var asked, conns outcomes
	for i := range r.services {
		asked, conns = asked.and(&r.services[i].requests), conns.and(&r.services[i].conns)
	}
	if p := asked.present(); p != present {
		return fmt.Errorf("%d requests arrived and %d are not accounted for, but %d are present", asked.arrived, p, present)
	}
	// Attempts that wait in the balancer's queue have not been reported yet.
	if p := conns.present(); p > uint64(connections) {
		return fmt.Errorf("%d connections are not accounted for, but %d exist", p, connections)
	}
	area := r.present.Value(now)
	if math.Abs(area-stay) > 1e-9*max(area, stay)+1 {
		return fmt.Errorf("requests present add up to %.9g s, but requests spent %.9g s in the system", area/1e9, stay/1e9)
	}
	return nil
}
