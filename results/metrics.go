package results

import (
	"math"

	"lbsim/models/flow"
)

// listTraffic adds what became of requests, or of connections where there are
// no requests, and how long they took.
func (s *serviceTally) listTraffic(out *values, requests bool) {
	units := &s.requests
	if !requests {
		units = &s.conns
	}
	units.list(out)
	s.responses(requests).list(out, "response_time")
	if requests {
		s.wait.list(out, "wait_time")
		s.connect.list(out, "connect_time")
		s.network.list(out)
	}
}

// listPersistence adds what persistence, if there is any, and dead servers did to
// clients, and the sessions that were broken, if they are counted.
func (s *serviceTally) listPersistence(out *values, persistent, sessions bool) {
	out.add("moved_clients", "", float64(s.moved.count()))
	if persistent {
		s.moves.listReasons(out)
	}
	if sessions {
		s.moves.listBroken(out)
	}
	out.add("stuck_to_down", "", float64(s.dead))
}

// listPorts adds what a lack of ports did to connections.
func (s *serviceTally) listPorts(out *values) {
	out.add("snat.exhausted", "", float64(s.turned[flow.NoPort]+s.turned[flow.NoFacePort]))
}

// listLimits adds whom servers refused for their source address. They saw
// addresses only; who it was is known here.
func (s *serviceTally) listLimits(out *values) {
	out.add("per_source.refused", "", float64(s.turned[flow.SourceLimit]+s.turned[flow.ConnectionRate]+s.turned[flow.MessageRate]))
	out.add("per_source.clients", "", float64(s.shutOut.count()))
}

// listSorry adds what a sorry server answered.
func (s *serviceTally) listSorry(out *values) {
	out.add("sorry", "", float64(s.turned[flow.Apologised]))
}

// listDismounted adds the requests whose database was not mounted.
func (s *serviceTally) listDismounted(out *values) {
	out.add("databases.rejected", "", float64(s.turned[flow.Dismounted]))
}

// listConnections adds the connections held, cut off and opened.
func (w *window) listConnections(out *values, area float64, held int, s *serviceTally, opening busiest) {
	out.add("connections.mean", "", area/w.span())
	out.add("connections.max", "", float64(held))
	out.add("connections.reset", "", float64(s.conns.ended[flow.Reset]-s.refused))
	out.add("new_connections.per_s_max", "1/s", float64(max(opening.most, opening.inSecond)))
}

// list returns the window's metrics over all services, virtual machines and
// databases.
func (w *window) list(r *Recorder) (out values) {
	if len(r.setting.Services) > 0 {
		w.listLoad(r, &out)
	}
	w.placement.list(&out)
	return out
}

// listLoad adds the metrics of traffic and servers.
func (w *window) listLoad(r *Recorder, out *values) {
	all := w.all()
	all.listTraffic(out, r.setting.Requests)
	var area float64
	for s := range w.services {
		for m := range w.services[s].members {
			area += w.services[s].members[m].area
		}
	}
	w.listConnections(out, area, w.heldMax, all, w.opening)
	w.listServers(out)
	w.listMachines(out)
	var queue flow.QueueMeter
	for s := range w.services {
		q := w.services[s].queue
		queue.Limited, queue.Most, queue.Area = queue.Limited || q.Limited, queue.Most+q.Most, queue.Area+q.Area
	}
	w.listQueue(out, queue)
	if r.setting.Requests {
		out.add("present.mean", "", w.present/w.span())
	}
	conns, work, users := make([]float64, len(w.servers)), make([]float64, len(w.servers)), make([]clientSet, len(w.servers))
	var used []int
	for s, sv := range r.setting.Services {
		for m, server := range sv.Servers {
			t := &w.services[s].members[m]
			conns[server] += float64(t.conns)
			users[server].join(&t.users)
			work[server] = w.servers[server].BusyArea
			if m < sv.serving() {
				used = append(used, server)
			}
		}
	}
	w.listImbalance(out, used, conns, work, users)
	all.listPersistence(out, r.persistent(), r.setting.Sessions > 0)
	if r.meters.SourceMeter().Ports {
		out.add("snat.ports_max", "", float64(w.ports))
		all.listPorts(out)
	}
	if r.meters.SourceMeter().Limits {
		all.listLimits(out)
	}
	if w.limited() {
		all.listMemory(out)
	}
	if r.sorry() {
		all.listSorry(out)
	}
	if w.placement != nil && w.placement.group.Mailboxes {
		all.listDismounted(out)
	}
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

// listQueue adds the connections that wait at the balancer for a server, where
// servers have limits.
func (w *window) listQueue(out *values, q flow.QueueMeter) {
	if q.Limited {
		out.add("balancer_queue.mean", "", q.Area/w.span())
		out.add("balancer_queue.max", "", float64(q.Most))
	}
}

// listService returns the metrics of one service and of each of its members. A
// service to which no request was sent in the whole run, but connections were,
// is measured by its connections.
func (w *window) listService(r *Recorder, s int) (service values, members []values) {
	var conns, work, users []float64
	var total, allWork, area float64
	servers := r.setting.Services[s].Servers
	tally, count := &w.services[s], &r.services[s]
	for m, server := range servers {
		t := &tally.members[m]
		conns = append(conns, float64(t.conns))
		users = append(users, float64(t.users.count()))
		work = append(work, w.servers[server].BusyArea)
		total += float64(t.conns)
		allWork += work[m]
		area += t.area
	}
	tally.listTraffic(&service, r.setting.Requests && (count.requests.arrived > 0 || count.conns.arrived == 0))
	service.add("connections", "", total)
	w.listConnections(&service, area, tally.heldMax, tally, tally.opening)
	w.listQueue(&service, tally.queue)
	n := r.setting.Services[s].serving()
	imbalance(&service, "imbalance.", users[:n])
	imbalance(&service, "imbalance.connections.", conns[:n])
	imbalance(&service, "imbalance.work.", work[:n])
	tally.listPersistence(&service, r.setting.Services[s].Persistent, r.setting.Sessions > 0)
	if r.meters.SourceMeter().Ports {
		tally.listPorts(&service)
	}
	if r.meters.SourceMeter().Limits {
		tally.listLimits(&service)
	}
	if w.limited() {
		tally.listMemory(&service)
	}
	for m, server := range servers {
		x := w.servers[server]
		var out values
		out.add("users", "", users[m])
		if w.tells {
			out.add("sources", "", float64(tally.members[m].seen.count()))
			out.add("sources.clients_max", "", float64(tally.members[m].busiest()))
		}
		out.add("connections", "", conns[m])
		out.add("share", "", ratio(conns[m], total))
		out.add("connections.mean", "", tally.members[m].area/w.span())
		out.add("work", "s", math.Round(work[m])/1e9)
		out.add("work_share", "", ratio(work[m], allWork))
		out.add("utilization", "", work[m]/float64(x.Cores)/w.span())
		out.add("queue.mean", "", x.QueueArea/w.span())
		if x.Room > 0 {
			out.add("memory.max", "", float64(x.HeldMax)/float64(x.Room))
		}
		members = append(members, out)
	}
	return service, members
}
