package server

import (
	"testing"

	"lbsim/models/flow"
)

// As many connections fit as memory is there for; the next is refused, with its
// reason, or takes the server with it.
func TestMemory(t *testing.T) {
	for _, full := range []OutOfMemory{Refuse, Crash} {
		m := &Memory{Total: 1_099_999, PerConnection: 256_000, Full: full}
		source := &PerSource{Connections: 3, PercentRemaining: 1, Total: 100}
		r := newRig(t, Config{Cores: 1, Discipline: FIFO, Memory: m}, Config{Cores: 1, Discipline: FIFO, Memory: m, PerSource: source}, Config{Cores: 1, Discipline: FIFO})
		var conns [6]flow.Conn
		for i := range conns {
			if ok := r.p.Admit(&conns[i]); ok != (i < 4) || (conns[i].Why == flow.OutOfMemory) == ok {
				t.Errorf("connection %d: %v, %v", i, ok, conns[i].Why)
			}
		}
		r.p.Leave(&conns[0])
		if !r.p.Admit(&conns[4]) || r.p.Admit(&conns[5]) {
			t.Error("one left, one fits")
		}
		r.run(0)
		if full == Refuse {
			r.want()
		} else {
			r.want("crash 0", "crash 0", "crash 0")
		}
		// What another limit refuses takes no memory.
		limited := flow.Conn{Server: 1}
		for i := range 8 {
			if ok := r.p.Admit(&limited); ok != (i < 3) || !ok && limited.Why != flow.SourceLimit {
				t.Errorf("connection %d from one source: %v, %v", i, ok, limited.Why)
			}
		}
		free := flow.Conn{Server: 2}
		for range 100 {
			if !r.p.Admit(&free) {
				t.Error("no limit refused")
			}
		}
	}
}
