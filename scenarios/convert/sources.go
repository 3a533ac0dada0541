package convert

import (
	"net/netip"
	"time"
)

// Sources is Addresses with sessions. A session of a client ends when nothing
// came from it for the gap, counted from the end of its last request.
func (l *Log) Sources(gap time.Duration) []Address {
	until := make([]time.Duration, len(l.Clients)) // end of the last request, plus 1
	sessions := make([]int, len(l.Clients))
	for i := range l.Entries {
		e := &l.Entries[i]
		if until[e.Client] == 0 || e.At-(until[e.Client]-1) > gap {
			sessions[e.Client]++
		}
		until[e.Client] = max(until[e.Client], e.At+e.Took+1)
	}
	list := l.Addresses()
	index := make(map[netip.Addr]int, len(list))
	for i := range list {
		index[list[i].Addr] = i
	}
	for i := range l.Clients {
		list[index[l.Clients[i].Addr]].Sessions += sessions[i]
	}
	return list
}
