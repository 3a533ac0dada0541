package capture

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"time"
)

// Options bound what Diagnose keeps in memory.
type Options struct {
	// Open is how many connections are followed at a time; 0 means 100,000,
	// about 200 MB, and twice that if the capture lacks the beginning of all.
	// Those that come when so many are open are left out.
	Open int
	// Shown is how many connections a Diagnosis has one by one, those that lost
	// most time; 0 means 1,000. The totals are of all.
	Shown int
}

// idle is how long nothing must have come for a connection to make room for
// others.
const idle = 5 * time.Minute

// A key names a connection from the side of the lower end.
type key struct{ low, high netip.AddrPort }

// A table has the connections that are open.
type table struct {
	open    map[key]*connection
	limit   int
	now     int64
	refused int // packets
	again   int // how many of those before the table is swept again
	done    func(c *connection)
}

// add takes a segment, and makes or finds its connection.
func (t *table) add(s *segment) {
	t.now = max(t.now, s.at)
	k := key{s.src, s.dst}
	if s.dst.Compare(s.src) < 0 {
		k = key{s.dst, s.src}
	}
	c := t.open[k]
	opens := s.flags&(flagSYN|flagACK|flagRST) == flagSYN
	if c != nil && opens && c.renewed(s) {
		t.end(k, c)
		c = nil
	}
	if c == nil {
		if s.flags&flagRST != 0 { // nothing to follow
			return
		}
		if len(t.open) >= t.limit && !t.sweep() {
			t.refused++
			return
		}
		c = newConnection(s)
		t.open[k] = c
	}
	from := client
	if s.src == c.addr[server] {
		from = server
	}
	c.add(s, from)
}

// renewed reports whether a SYN opens another connection between the same ports.
func (c *connection) renewed(s *segment) bool {
	h := &c.half[client]
	return c.addr[client] != s.src || !h.syn || h.isn != s.seq || c.closed()
}

// newConnection makes the connection of its first segment.
func newConnection(s *segment) *connection {
	c := &connection{addr: [2]netip.AddrPort{s.src, s.dst}, first: s.at, last: s.at}
	for i := range c.half {
		c.half[i].scale, c.half[i].window = -1, math.MaxUint32 // unknown: anything fits
	}
	answer := s.flags&flagSYN != 0 && s.flags&flagACK != 0
	if answer || s.flags&flagSYN == 0 && isService(s.src.Port(), s.dst.Port()) {
		c.addr[client], c.addr[server] = s.dst, s.src
	}
	return c
}

// isService reports whether the first port is that of the server, judging by the
// ranges that systems use for clients: of the two, it is the one below 1,024, or
// below 32,768 if the other is not. If that does not tell, the sender of the
// first packet is the client.
func isService(port, other uint16) bool {
	return port < 1024 && other >= 1024 || port < 32768 && other >= 32768
}

// sweep makes room: connections that are closed or idle end. If there are few,
// it tries again only once some more packets were refused, so that it does not
// take time for every packet.
func (t *table) sweep() bool {
	if t.refused < t.again {
		return false
	}
	freed := t.endAll(func(c *connection) bool { return c.closed() || t.now-c.last > int64(idle) })
	if freed < t.limit/16 {
		t.again = t.refused + t.limit
	}
	return freed > 0
}

func (t *table) end(k key, c *connection) {
	delete(t.open, k)
	c.finish()
	t.done(c)
}

// finish ends all connections.
func (t *table) finish() { t.endAll(func(*connection) bool { return true }) }

// endAll ends those that are over, in the order of their beginning, and returns how
// many. The order of the map must not show: sums of floating-point numbers depend
// on theirs.
func (t *table) endAll(over func(c *connection) bool) int {
	var keys []key
	for k, c := range t.open {
		if over(c) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(t.open[a].first, t.open[b].first), a.low.Compare(b.low), a.high.Compare(b.high))
	})
	for _, k := range keys {
		t.end(k, t.open[k])
	}
	return len(keys)
}

// worst keeps the connections that lost most time, in that order.
type worst struct {
	list []*connection
	most int
}

// add takes a connection. The list may grow to twice what it is to hold.
func (w *worst) add(c *connection) {
	w.list = append(w.list, c)
	if len(w.list) >= 2*w.most {
		w.sorted()
	}
}

// sorted returns those with the largest loss first; ties are broken by time and
// address, so that the order of a map does not show.
func (w *worst) sorted() []*connection {
	slices.SortFunc(w.list, func(a, b *connection) int {
		return cmp.Or(cmp.Compare(b.lost(), a.lost()), cmp.Compare(b.delays(), a.delays()), cmp.Compare(a.first, b.first),
			a.addr[client].Compare(b.addr[client]), a.addr[server].Compare(b.addr[server]), cmp.Compare(a.packets, b.packets))
	})
	clear(w.list[min(w.most, len(w.list)):])
	w.list = w.list[:min(w.most, len(w.list))]
	return w.list
}
