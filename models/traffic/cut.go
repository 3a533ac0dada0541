package traffic

import (
	"slices"

	"lbsim/models/flow"
)

// Clients at a site that is cut off reach nobody. What they send is lost, and so
// are the answers to what they have sent; what waits longer than its time-out is
// given up. When the site is back, no connection that was open before is known to
// the devices on the way any more: all are reset, and the clients reconnect.

// CutOff cuts a site off.
func (g *Generator) CutOff(site int) {
	if !slices.Contains(g.cut, g.pop.Group(site)) {
		g.cut = append(g.cut, g.pop.Group(site))
	}
}

// Rejoin ends what CutOff did.
func (g *Generator) Rejoin(site int) {
	back := g.pop.Group(site)
	if g.cut = slices.DeleteFunc(g.cut, func(s *flow.Group) bool { return s == back }); len(g.cut) == 0 {
		g.cut = nil
	}
	lost := func(c *flow.Conn) bool {
		return isAt(back, c.Client) && c.Server != flow.NoServer && c.State != flow.Severed
	}
	var ids []flow.ConnID // others may be taken while these are closed
	g.fl.Conns.All(func(i uint32, c *flow.Conn) {
		if lost(c) {
			ids = append(ids, flow.ConnID(i))
		}
	})
	g.fl.Requests.All(func(i uint32, r *flow.Request) {
		if r.Work != flow.Probe && !r.Abandoned && lost(g.fl.Conns.At(uint32(r.Conn))) {
			g.abandon(i, flow.Reset)
		}
	})
	for _, id := range ids {
		g.balancer.Close(id)
		g.fail(id, flow.Reset)
	}
}

// isCut reports whether a client is at a site that is cut off.
func (g *Generator) isCut(c flow.ClientID) bool {
	for _, s := range g.cut {
		if isAt(s, c) {
			return true
		}
	}
	return false
}

func isAt(s *flow.Group, c flow.ClientID) bool {
	return c >= s.First && int(c-s.First) < s.Clients
}
