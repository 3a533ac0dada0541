package traffic

import (
	"time"

	"lbsim/models/flow"
)

// Detach ends a request for its client while the server, which does not know,
// goes on with it. The caller ends the connection, unless other requests go on
// over it.
func (g *Generator) Detach(id flow.RequestID, o flow.Outcome) {
	r := g.fl.Requests.At(uint32(id))
	if r.Abandoned {
		return
	}
	c := g.fl.Conns.At(uint32(r.Conn))
	c.Busy--
	if g.streams[c.Stream].limited {
		g.relax(uint32(id), r)
	}
	if r.Work == flow.Ask {
		g.obs.Finished(r, o, g.e.Now())
		g.missed(r, c)
	}
	r.Abandoned = true
}

// Sever ends a connection that a server had taken and over which nothing is
// under way. Its client, who was not told, notices when it sends the next request,
// but within a given time; it does not close the connection before that, though
// its lifetime may be over.
func (g *Generator) Sever(id flow.ConnID, within time.Duration) {
	c := g.fl.Conns.At(uint32(id))
	g.leave(c)
	c.State = flow.Severed
	g.e.Cancel(c.End)
	after := float64(within) * g.streams[c.Stream].notice.Nth(uint64(c.Seq))
	c.End = g.notice.Set(time.Duration(after), uint32(id))
}

// onNotice lets a client notice that its connection is no more.
func (g *Generator) onNotice(i uint32) {
	g.fl.Conns.At(i).End = 0
	g.fail(flow.ConnID(i), flow.Reset)
}
