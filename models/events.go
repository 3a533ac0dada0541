package models

import (
	"fmt"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// onAction carries out an event of the timeline.
func (w *World) onAction(i uint32) {
	a := &w.config.actions[i]
	switch {
	case a.of == theBalancer:
		w.operateBalancer(a.verb)
		return
	case a.of == aSite:
		w.operateSite(a.verb, a.number)
		return
	case a.of >= aDatabase:
		w.operateGroup(a)
		return
	case a.of >= aHost:
		w.operateCluster(a)
		return
	}
	switch a.verb {
	case failing, recovering:
		w.each(a)
		w.settle()
		w.reviewGroup(cluster.Lost)
	case draining:
		w.balancer.Drain(a.server)
	case disabling:
		w.balancer.Disable(a.server)
	case enabling:
		w.balancer.Enable(a.server)
	case adding:
		w.balancer.Add(a.server)
	case removing:
		w.balancer.Remove(a.server)
	case weighing:
		w.balancer.SetWeight(a.service, a.server, a.value)
	case limiting:
		w.balancer.SetLimit(a.service, a.server, a.value)
	}
}

// each breaks or repairs what an action names: a server, one of its services, or
// a service on all servers.
func (w *World) each(a *action) {
	do := (*World).repair
	if a.verb == failing {
		do = (*World).fail
	}
	if a.server != flow.NoServer {
		do(w, a.server, a.service, a)
		return
	}
	for _, m := range w.config.Balancer.Services[a.service].Servers {
		do(w, m.Server, a.service, a)
	}
}

// fail breaks a server, or one of its services.
func (w *World) fail(s int32, service int, a *action) {
	switch how := a.how; {
	case !w.alive(s):
	case service >= 0 && how == Crash:
		w.noteService(flow.Failed, s, service, "fails: its connections are reset")
		w.servers.Close(s, service)
		w.crashed(s, service)
	case service >= 0:
		w.noteService(flow.Failed, s, service, "hangs: its port is open, but it answers nothing")
		w.servers.Hang(s, service)
	case how == Hang:
		w.setHang(s, true)
		w.noteServer(flow.Failed, s, "hangs: its ports are open, but it answers nothing")
		for k := range w.config.Balancer.Services {
			w.servers.Hang(s, k)
		}
	case how == Silent:
		w.noteServer(flow.Failed, s, "falls silent: nobody is told")
		w.servers.Fail(s, flow.Silent)
	default:
		w.noteServer(flow.Failed, s, "fails: its connections are reset")
		w.servers.Fail(s, flow.Refuses)
		w.crashed(s, -1)
	}
}

// repair ends what fail did.
func (w *World) repair(s int32, service int, a *action) {
	if service < 0 {
		w.setHang(s, false)
	}
	switch {
	case w.gone(s):
		w.repairGone(s, service, a)
	case service >= 0:
		if w.servers.Up(s) && w.servers.Troubled(s, service) {
			w.noteService(flow.Recovered, s, service, "works again")
			w.servers.Mend(s, service, a.cold)
		}
	case !w.servers.Up(s):
		w.noteServer(flow.Recovered, s, "comes back, empty")
		w.reset(s, -1) // what a silent server had: it knows nothing of it
		w.servers.Recover(s, a.cold)
		w.balancer.Restarted(s)
	default:
		mended := false
		for k := range w.config.Balancer.Services {
			if w.servers.Troubled(s, k) {
				mended = true
				w.servers.Mend(s, k, a.cold)
			}
		}
		if mended {
			w.noteServer(flow.Recovered, s, "works again")
		}
	}
}

// reset ends the requests and connections of a server; of one of its services
// if that is not -1.
func (w *World) reset(s int32, service int) { w.resetOver(s, service, nil) }

// resetOver is reset for some connections, and what is under way over them; nil: for
// all, and what belongs to none.
func (w *World) resetOver(s int32, service int, some func(c *flow.Conn) bool) {
	concerns := func(k uint16) bool { return service < 0 || int(k) == service }
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		switch {
		case some != nil && (r.Abandoned || r.Work == flow.Probe || !some(w.flows.Conns.At(uint32(r.Conn)))):
		case w.isHandshake(r, s) && concerns(r.Service):
			w.clients.Detach(flow.RequestID(i), flow.Reset)
		case w.stores != nil && w.inFront(r) == s && concerns(r.Service) && !w.dead(r):
			w.resetRelayed(flow.RequestID(i), r)
		case r.Server != s || !concerns(r.Service):
		case r.Work == flow.Probe:
			w.endCheck(flow.RequestID(i), false)
		case w.dead(r):
			r.Held = flow.Astray
		case some != nil && r.Held == flow.NotHeld && w.servers.Up(r.Server):
			w.clients.Detach(flow.RequestID(i), flow.Reset) // it came when the server was back
		case w.inFront(r) != flow.NoServer:
			w.stores.ids = append(w.stores.ids, flow.RequestID(i))
		default:
			w.clients.Lost(flow.RequestID(i))
		}
	})
	w.dropAll()
	w.flows.Conns.All(func(i uint32, c *flow.Conn) {
		if c.Server == s && c.Taken() && concerns(c.Service) && (some == nil || some(c)) {
			w.balancer.Close(flow.ConnID(i))
			w.clients.Reset(flow.ConnID(i))
		}
	})
}

func (w *World) noteServer(kind flow.NoteKind, s int32, text string) {
	w.obs.Noted(flow.Note{
		At: w.engine.Now(), Kind: kind, Service: -1, Server: int(s), Actor: w.config.Servers[s].Name, Text: text,
	})
}

func (w *World) noteService(kind flow.NoteKind, s int32, service int, text string) {
	w.obs.Noted(flow.Note{
		At: w.engine.Now(), Kind: kind, Service: service, Server: int(s),
		Actor: fmt.Sprintf("%s/%s", w.config.Servers[s].Name, w.config.Balancer.Services[service].Name), Text: text,
	})
}
