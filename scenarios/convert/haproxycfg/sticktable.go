package haproxycfg

import (
	"strconv"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// A stickTable is what HAProxy calls one: records of keys and their servers.
type stickTable struct {
	kind    string // of the keys
	timeout *time.Duration
	options *persist.Options
	room    *persist.Room // nil: it has no bounds
}

// The kinds of keys.
const (
	addresses = "ip"
	texts     = "string len 128"
	bytes32   = "binary len 32"
)

// forever is the age at which a record expires that never does.
const forever = 3650 * 24 * time.Hour

// tableOf is the table that a service's persistence needs, if it needs one: where in
// the persistence its values are.
func tableOf(p lb.PersistencePolicy) (t stickTable, ok bool) {
	switch p := p.(type) {
	case *persist.SourceIP:
		return stickTable{addresses, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.DestIP:
		return stickTable{addresses, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.CookieOrSourceIP:
		return stickTable{addresses, &p.Timeout, &p.Options, nil}, true
	case *persist.CookieServer:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.CookieHash:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.SuperHTTP:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.SSLSessionID:
		return stickTable{bytes32, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.URLHash:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.HostHeader:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.QueryItem:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.Header:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	case *persist.RDP:
		return stickTable{texts, &p.Timeout, &p.Options, &p.Room}, true
	}
	return stickTable{}, false
}

// anySize is the size of a table that a scenario does not bound. HAProxy wants to
// have one, and takes memory only for the records that there are.
const anySize = "100m"

// stickTable writes the line of a table.
func (x *exporter) stickTable(t stickTable) {
	words := []string{"size", anySize}
	if t.room != nil && t.room.Size > 0 {
		words[1] = strconv.Itoa(t.room.Size)
	}
	if *t.timeout < forever {
		words = append(words, "expire", timeText(*t.timeout))
	}
	if t.room != nil && t.room.Evict == "none" {
		words = append(words, "nopurge")
	}
	x.line("stick-table type "+t.kind, words...)
}

// sharedTables writes a section for each table that services have in common, unless
// one of them is called as the table, and remembers the sections by the names of the
// tables.
func (x *exporter) sharedTables(services []lb.Service, sections []string) {
	x.shared = map[string]string{}
	for i := range services {
		t, ok := tableOf(services[i].Persistence)
		if ok && t.options.Share == sections[i] {
			x.shared[t.options.Share] = sections[i]
		}
	}
	for i := range services {
		t, ok := tableOf(services[i].Persistence)
		if !ok || !canBeNamed(services[i].Persistence) || t.options.Share == "" || x.shared[t.options.Share] != "" {
			continue
		}
		name := x.names.name(t.options.Share)
		x.shared[t.options.Share] = name
		x.section("backend", name)
		x.stickTable(t)
	}
}

// canBeNamed reports whether the persistence goes by something that can stand in
// brackets.
func canBeNamed(p lb.PersistencePolicy) bool {
	switch p := p.(type) {
	case *persist.QueryItem:
		return isHeader(p.Name)
	case *persist.Header:
		return isHeader(p.Name)
	}
	return true
}
