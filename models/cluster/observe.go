package cluster

import (
	"strings"

	"lbsim/models/flow"
)

// report is what the observer was told of a machine last.
type report struct {
	host  int32
	is    flow.Condition
	known bool // something was told
	due   bool // to be looked at, at the end of the instant
}

// touch notes that a machine may have another host or be in another condition. The
// observer is told at the end of the instant, if it is so then.
func (c *Cluster) touch(v int) {
	if c.placed == nil || c.vms[v].told.due {
		return
	}
	c.vms[v].told.due = true
	if len(c.touched) == 0 {
		c.tell.After(0, 0)
	}
	c.touched = append(c.touched, v)
}

// onTell tells the observer what has changed in an instant.
func (c *Cluster) onTell(uint32) {
	for _, v := range c.touched {
		now := report{host: int32(c.view.VMs[v].Host), is: c.condition(v), known: true}
		told := &c.vms[v].told
		told.due = false
		if *told != now {
			*told = now
			c.placed.Placed(v, int(now.host), now.is, c.e.Now())
		}
	}
	c.touched = c.touched[:0]
}

// condition is what a machine is doing.
func (c *Cluster) condition(v int) flow.Condition {
	m, x := &c.vms[v], &c.view.VMs[v]
	switch {
	case x.Host < 0 && !m.waits && !m.asked:
		return flow.Off
	case x.Host < 0 || m.stage == blocked:
		return flow.Pending
	case m.stage == queued || m.stage == booting || m.stage == services:
		return flow.Booting
	case !m.serving:
		return flow.Stopped
	case m.stage == copying || m.stage == stunned:
		return flow.Moving
	}
	return flow.Serving
}

// note reports an event of the timeline.
func (c *Cluster) note(kind flow.NoteKind, actor, text string) {
	c.observer.Noted(flow.Note{At: c.e.Now(), Kind: kind, Service: -1, Server: -1, Actor: actor, Text: text})
}

// log reports what the platform's own log says of a move that begins.
func (c *Cluster) log(m Move) {
	if c.logger == nil || c.observer == nil {
		return
	}
	if line := c.logger.Log(m, c.view.VMs[m.VM].Host, c.e.Now()); line != "" {
		c.note(flow.Adjusted, "cluster", line)
	}
}

// noteHost and noteVM report an event of a host and of a machine, whose text is
// made of parts.
func (c *Cluster) noteHost(kind flow.NoteKind, h int, text ...string) {
	if c.observer != nil {
		c.note(kind, c.view.Hosts[h].Name, strings.Join(text, ""))
	}
}

func (c *Cluster) noteVM(kind flow.NoteKind, v int, text ...string) {
	if c.observer != nil {
		c.note(kind, "vm:"+c.view.VMs[v].Name, strings.Join(text, ""))
	}
}
