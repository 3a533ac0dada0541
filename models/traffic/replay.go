package traffic

import "lbsim/models/flow"

// replay walks through the recorded visits of one site.
type replay struct {
	stream uint16
	site   uint16
	next   uint32
	base   uint32 // place of the site's first visit among the stream's
}

func (g *Generator) startReplay(st *stream) {
	for _, s := range st.config.Sites {
		v := g.pop.Group(s).Visits
		if v == nil || len(v.List) == 0 {
			continue
		}
		g.replays = append(g.replays, replay{stream: st.index, site: uint16(s), base: uint32(len(st.visits))})
		st.visits = append(st.visits, v.List...)
		g.visit.At(v.List[0].At, uint32(len(g.replays)-1))
	}
}

func (g *Generator) onVisit(index uint32) {
	r := &g.replays[index]
	st, site := g.streams[r.stream], g.pop.Group(int(r.site))
	v := &site.Visits.List[r.next]
	client := site.First + flow.ClientID(v.Client)
	var addr flow.AddrID
	if site.Addr != nil {
		addr = site.Addr[v.Addr]
	} else {
		addr = g.pop.Address(client)
	}
	id, c := g.attempt(st, client, addr, r.base+r.next)
	if v.Service >= 0 {
		c.Service = uint16(v.Service)
	}
	r.next++
	if int(r.next) < len(site.Visits.List) {
		g.visit.At(site.Visits.List[r.next].At, index)
	}
	g.open(id)
}
