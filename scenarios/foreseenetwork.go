package scenarios

import (
	"fmt"

	"lbsim/models/tcp"
	"lbsim/scenarios/strict"
)

// warnNetwork reports what makes no difference to what is spent on the wire.
func (l *loader) warnNetwork(doc *strict.Document, c *census) {
	n := c.Config.Network
	if n == nil {
		l.warnNoNetwork(doc, c)
		return
	}
	l.warnTimeouts(doc, n)
	for i := range c.Config.Traffic {
		t := &c.Config.Traffic[i]
		if x := t.Exchange; x != nil && !t.HasRequests() && c.loads[i].visits == 0 {
			l.warning(doc, fmt.Sprintf("traffic[%d].exchange", i), "there are no requests that it could be of: only opening connections takes time", "write requests, or demand")
		}
	}
}

// warnTimeouts reports ends that send data again while the other end still delays its
// acknowledgement. The round trip is on both sides of that.
func (l *loader) warnTimeouts(doc *strict.Document, n *tcp.Config) {
	type sender struct {
		path    string
		end, to *tcp.End
	}
	senders := []sender{{"network.client", &n.Client, &n.Server}, {"network.server", &n.Server, &n.Client}}
	if n.Inner != nil {
		balancer := &n.Inner.Balancer
		senders = []sender{
			{"network.client", &n.Client, balancer}, {"network.server", &n.Server, balancer},
			{"network.inner.balancer", balancer, &n.Client}, {"network.inner.balancer", balancer, &n.Server},
		}
	}
	for _, s := range senders {
		if s.to.AckFrequency > 1 && s.end.MinRTO < s.to.DelayedAck {
			l.warning(doc, s.path+".min_rto", fmt.Sprintf("what waits for the other end's acknowledgement, delayed by %s, is sent again before: %s after a round trip",
				strict.FormatDuration(s.to.DelayedAck), strict.FormatDuration(s.end.MinRTO)), "raise min_rto, or lower delayed_ack there")
		}
	}
}

// warnNoNetwork reports what only a network would look at.
func (l *loader) warnNoNetwork(doc *strict.Document, c *census) {
	const hint = "write network: {rtt: 10ms, ...}"
	for i := range c.Scenario.Traffic {
		if c.Scenario.Traffic[i].Exchange != nil {
			l.warning(doc, fmt.Sprintf("traffic[%d].exchange", i), "without a network it takes no time", hint)
		}
	}
	for i := range c.Scenario.Sites {
		if c.Scenario.Sites[i].RTT > 0 {
			l.warning(doc, fmt.Sprintf("sites[%d].rtt", i), "without a network no site is far away", hint)
		}
	}
}
