package results

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// window measures a span of time.
type window struct {
	from, to  sim.Time
	requests  outcomes // in the window once it is closed, before it until then
	conns     outcomes
	response  timings
	wait      timings
	connect   timings
	members   [][]memberTally // by service
	moved     clientSet
	refused   uint64   // attempts that met a dead server; counted as requests are
	heldMax   int      // connections at a time
	second    sim.Time // the second under the clock
	inSecond  int      // connections opened in it
	perSecond int      // the most in one second
	servers   []flow.ServerMeter
	present   float64 // integral of the requests under way
}

// memberTally is what a window counts for one member of a service.
type memberTally struct {
	conns int // held at the start, or taken since
	users clientSet
	area  float64 // integral of the connections held
}

func (r *Recorder) addWindow(from, to time.Duration) {
	w := &window{
		from: sim.Time(from), to: sim.Time(to),
		response: newTimings(3), wait: newTimings(3), connect: newTimings(3),
	}
	for _, s := range r.setting.Services {
		w.members = append(w.members, make([]memberTally, len(s.Servers)))
	}
	r.windows = append(r.windows, w)
}

func (r *Recorder) openWindow(w *window) {
	r.active = append(r.active, w)
	now := r.engine.Now()
	r.meters.Conns(func(_ flow.ConnID, c *flow.Conn) {
		if c.Server != flow.NoServer {
			w.members[c.Service][c.Member].users.add(uint32(c.Client))
		}
	})
	w.requests, w.conns, w.refused = r.totals, r.conns, r.refused
	if w == r.windows[0] {
		r.meters.ResetPeaks()
	}
	w.heldMax = r.held
	w.second = now
	w.present = -r.present.Value(now)
	for s := range w.members {
		for m := range w.members[s] {
			x := &r.members[s][m]
			w.members[s][m].conns = x.held - x.opened
			w.members[s][m].area = -r.meters.Meter(s, m, now).ConnsArea
		}
	}
	for s := range r.setting.Servers {
		w.servers = append(w.servers, r.meters.ServerMeter(s, now))
	}
}

func (r *Recorder) shutWindow(w *window) {
	for i := range r.active {
		if r.active[i] == w {
			r.active = append(r.active[:i], r.active[i+1:]...)
			break
		}
	}
	now := r.engine.Now()
	w.requests, w.conns, w.refused = r.totals.since(&w.requests), r.conns.since(&w.conns), r.refused-w.refused
	w.present += r.present.Value(now)
	for s := range w.members {
		for m := range w.members[s] {
			w.members[s][m].conns += r.members[s][m].opened
			w.members[s][m].area += r.meters.Meter(s, m, now).ConnsArea
		}
	}
	for s := range w.servers {
		x := r.meters.ServerMeter(s, now)
		x.BusyArea -= w.servers[s].BusyArea
		x.QueueArea -= w.servers[s].QueueArea
		w.servers[s] = x
	}
	w.perSecond = max(w.perSecond, w.inSecond)
}

// opened counts a connection that a server took; held is how many there are.
func (w *window) opened(c *flow.Conn, held int, now sim.Time) {
	w.heldMax = max(w.heldMax, held)
	if c.Moved != flow.Stayed {
		w.moved.add(uint32(c.Client))
	}
	w.members[c.Service][c.Member].users.add(uint32(c.Client))
	if now >= w.second+sim.Time(time.Second) {
		w.perSecond = max(w.perSecond, w.inSecond)
		w.inSecond = 0
		w.second += (now - w.second) / sim.Time(time.Second) * sim.Time(time.Second)
	}
	w.inSecond++
}

// span is the window's length in nanoseconds.
func (w *window) span() float64 { return float64(w.to - w.from) }

// responses are the response times: those of connections where the traffic has
// no requests.
func (w *window) responses(r *Recorder) *timings {
	if r.setting.Requests {
		return &w.response
	}
	return &w.connect
}

// list returns the window's metrics over all services.
func (w *window) list(r *Recorder) values {
	var out values
	units := &w.requests
	if !r.setting.Requests {
		units = &w.conns
	}
	units.list(&out)
	w.responses(r).list(&out, "response_time")
	if r.setting.Requests {
		w.wait.list(&out, "wait_time")
		w.connect.list(&out, "connect_time")
	}
	var area float64
	for s := range w.members {
		for m := range w.members[s] {
			area += w.members[s][m].area
		}
	}
	out.add("connections.mean", "", area/w.span())
	out.add("connections.max", "", float64(w.heldMax))
	out.add("new_connections.per_s_max", "1/s", float64(w.perSecond))
	w.listServers(&out)
	if r.setting.Requests {
		out.add("present.mean", "", w.present/w.span())
	}
	conns, work, users := make([]float64, len(w.servers)), make([]float64, len(w.servers)), make([]clientSet, len(w.servers))
	var used []int
	for s, sv := range r.setting.Services {
		for m, server := range sv.Servers {
			conns[server] += float64(w.members[s][m].conns)
			users[server].join(&w.members[s][m].users)
			work[server] = w.servers[server].BusyArea
			used = append(used, server)
		}
	}
	w.listImbalance(&out, used, conns, work, users)
	out.add("moved_clients", "", float64(w.moved.count()))
	out.add("stuck_to_down", "", float64(w.refused))
	return out
}

// listImbalance adds the imbalance over the servers that any service uses.
func (w *window) listImbalance(out *values, used []int, conns, work []float64, users []clientSet) {
	seen := map[int]bool{}
	var u, c, k []float64
	for _, s := range used {
		if !seen[s] {
			seen[s] = true
			u, c, k = append(u, float64(users[s].count())), append(c, conns[s]), append(k, work[s])
		}
	}
	imbalance(out, "imbalance.", u)
	imbalance(out, "imbalance.connections.", c)
	imbalance(out, "imbalance.work.", k)
}

// list adds the outcomes and their shares of the arrivals.
func (o *outcomes) list(out *values) {
	n := float64(o.arrived)
	out.add("arrived", "", n)
	for _, k := range [...]flow.Outcome{flow.Completed, flow.Rejected, flow.TimedOut, flow.Reset} {
		out.add(k.String(), "", float64(o.ended[k]))
	}
	out.add("retried", "", float64(o.retried))
	for _, k := range [...]flow.Outcome{flow.Completed, flow.Rejected, flow.TimedOut, flow.Reset} {
		out.add(k.String()+"_share", "", ratio(float64(o.ended[k]), n))
	}
	out.add("retried_share", "", ratio(float64(o.retried), n))
}

// listServers adds the use of all servers together.
func (w *window) listServers(out *values) {
	var busy, cores, queue, most float64
	longest := 0
	for _, s := range w.servers {
		busy += s.BusyArea
		cores += float64(s.Cores)
		queue += s.QueueArea
		most = max(most, s.BusyArea/float64(s.Cores)/w.span())
		longest = max(longest, s.QueueMax)
	}
	out.add("utilization", "", ratio(busy/w.span(), cores))
	out.add("utilization.max", "", most)
	out.add("queue.mean", "", queue/w.span())
	out.add("queue.max", "", float64(longest))
}

// listService returns the metrics of one service and of each of its members.
func (w *window) listService(r *Recorder, s int) (service values, members []values) {
	var conns, work, users []float64
	var total, allWork, area float64
	servers := r.setting.Services[s].Servers
	for m, server := range servers {
		t := &w.members[s][m]
		conns = append(conns, float64(t.conns))
		users = append(users, float64(t.users.count()))
		work = append(work, w.servers[server].BusyArea)
		total += float64(t.conns)
		allWork += work[m]
		area += t.area
	}
	service.add("connections", "", total)
	service.add("connections.mean", "", area/w.span())
	imbalance(&service, "imbalance.", users)
	imbalance(&service, "imbalance.connections.", conns)
	imbalance(&service, "imbalance.work.", work)
	for m, server := range servers {
		x := w.servers[server]
		var out values
		out.add("users", "", users[m])
		out.add("connections", "", conns[m])
		out.add("share", "", ratio(conns[m], total))
		out.add("connections.mean", "", w.members[s][m].area/w.span())
		out.add("work", "s", math.Round(work[m])/1e9)
		out.add("work_share", "", ratio(work[m], allWork))
		out.add("utilization", "", work[m]/float64(x.Cores)/w.span())
		out.add("queue.mean", "", x.QueueArea/w.span())
		members = append(members, out)
	}
	return service, members
}
