package haproxycfg

import (
	"slices"
	"time"
)

// table reads the table of a sample: the section's own, or one of another.
func (r *reader) table(p *proxy, s sample, t stickTable) {
	l := p.stickTable
	if s.table != "" && s.table != p.name {
		lender := r.serving[s.table]
		if lender == nil || lender.stickTable == nil {
			lender = r.taking[s.table]
		}
		if lender == nil || lender.stickTable == nil {
			r.fail(s.line, len(s.line.words), "", "there is no table %q", s.table)
			return
		}
		l = lender.stickTable
		t.options.Share = s.table
	} else if r.lending[p.name] {
		t.options.Share = p.name
	}
	if l == nil {
		r.fail(s.line, 0, "", "the section has no stick-table")
		return
	}
	r.tables[l] = true
	*t.timeout = forever
	size, kind := 0, ""
	for i := 1; i < len(l.words); i++ {
		switch word := l.word(i); word {
		case "type":
			kind = l.word(i + 1)
			r.oneOf(l, i+1, "ip", "ipv6", "integer", "string", "binary")
			i++
		case "len", "store", "srvkey", "write-to", "recv-only":
			if word == "srvkey" || word == "write-to" {
				r.remark(l, "%s: is not read", word)
			}
			i++
		case "size":
			n, why := parseSize(l.word(i + 1))
			if r.value(l, i, why) {
				size = n
			}
			i++
		case "expire":
			d, why := parseTime(l.word(i+1), time.Millisecond)
			if r.value(l, i, why) && d > 0 {
				*t.timeout = d
			}
			i++
		case "peers":
			r.remark(l, "no balancer tells others of the table: see balancer.pair and sync")
			i++
		case "nopurge":
			if t.room != nil {
				t.room.Evict = "none"
			}
		default:
			r.unknown(l, i, "a word of stick-table", []string{"type", "len", "size", "expire", "nopurge", "peers", "store", "srvkey", "write-to", "recv-only"})
			return
		}
	}
	switch {
	case kind == "" || size == 0 && !l.hasEnv():
		r.fail(l, len(l.words), "", "stick-table: a type and a size are expected")
	case t.room == nil || size > largestTable:
	default:
		t.room.Size = size
	}
}

// largestTable is the size from which on a table has room for any number of records:
// a scenario does not bound larger ones.
const largestTable = 100_000_000

func (l *line) hasEnv() bool {
	return slices.ContainsFunc(l.words, func(w word) bool { return w.env })
}
