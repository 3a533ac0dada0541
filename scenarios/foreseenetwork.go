package scenarios

import (
	"fmt"
	"time"

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
	ends := []struct {
		path string
		end  *tcp.End
	}{{"network.client", &n.Client}, {"network.server", &n.Server}}
	if n.Inner != nil {
		ends = append(ends, struct {
			path string
			end  *tcp.End
		}{"network.inner.balancer", &n.Inner.Balancer})
	}
	for _, e := range ends {
		if e.end.AckFrequency > 1 && e.end.DelayedAck > 0 && e.end.MinRTO+n.RTT < e.end.DelayedAck {
			l.warning(doc, e.path+".min_rto", fmt.Sprintf("what waits for a delayed acknowledgement (%s) is sent again before, after %s",
				strict.FormatDuration(e.end.DelayedAck), strict.FormatDuration((e.end.MinRTO+n.RTT).Round(time.Microsecond))), "raise min_rto, or lower delayed_ack")
		}
	}
	for i := range c.Config.Traffic {
		t := &c.Config.Traffic[i]
		if x := t.Exchange; x != nil && !t.HasRequests() && c.loads[i].visits == 0 {
			l.warning(doc, fmt.Sprintf("traffic[%d].exchange", i), "there are no requests that it could be of: only opening connections takes time", "write requests, or demand")
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
