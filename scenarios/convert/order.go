package convert

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// finish makes times relative to the earliest request and puts entries and
// clients in order. There is at least one entry.
func (b *logReader) finish() *Log {
	l := b.log
	l.Clients = b.clients.clients
	l.Format = strings.Join(b.formats, " and ")
	if b.setBack >= time.Second { // less is how processes share a file
		b.warn("%d of %d requests were logged after a later one (up to %v later); sorted by time",
			b.disorder, len(l.Entries), b.setBack)
	}
	byTime := func(x, y Entry) int { return cmp.Compare(x.At, y.At) }
	if !slices.IsSortedFunc(l.Entries, byTime) {
		slices.SortStableFunc(l.Entries, byTime)
		l.renumber()
	}
	start := l.Entries[0].At
	l.First = time.Unix(0, int64(start)).UTC()
	for i := range l.Entries {
		l.Entries[i].At -= start
	}
	return l
}

// renumber puts the clients in order of first appearance in Entries, so that
// a trace made of them numbers them alike.
func (l *Log) renumber() {
	const unseen = -1
	position := make([]int32, len(l.Clients))
	for i := range position {
		position[i] = unseen
	}
	ordered := make([]Client, 0, len(l.Clients))
	for i := range l.Entries {
		c := &l.Entries[i].Client
		if position[*c] == unseen {
			position[*c] = int32(len(ordered))
			ordered = append(ordered, l.Clients[*c])
		}
		*c = position[*c]
	}
	l.Clients = ordered
}
