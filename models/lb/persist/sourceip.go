package persist

import (
	"fmt"
	"net/netip"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SourceIP keeps all clients behind one source address, or in one network, on
// one server. KEMP calls it src, F5 source-addr with a mask, NetScaler SOURCEIP
// with a netmask, HAProxy stick on src, IPVS a persistent service, AWS NLB
// source_ip. A client that comes from another address is another client.
type SourceIP struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the address's last connection"`
	// Prefix and Prefix6 are how many bits of an address count; 0 is all.
	Prefix  int `yaml:"prefix" doc:"bits of an IPv4 address that count (netmask), 1 to 32; 0: all"`
	Prefix6 int `yaml:"prefix6" doc:"bits of an IPv6 address that count, 1 to 128; 0: all"`
	// HoldWhileOpen lets no record expire while its connections are open: it is
	// looked at again every 60 s (Linux, ip_vs_conn.c). Only connections since
	// the record was written to this server count, and not those that linger.
	HoldWhileOpen bool `yaml:"hold_while_open" doc:"a record does not expire while its connections are open but 60 s later, and so on, as in ipvs"`
	Options       `yaml:",inline"`
	Room          `yaml:",inline"`
}

func newSourceIP() *SourceIP {
	return &SourceIP{Timeout: time.Hour, Prefix: 32, Prefix6: 128, Options: newOptions(), Room: newRoom()}
}

// Validate checks the parameters.
func (p *SourceIP) Validate() []flow.Problem {
	ps := check(p.Timeout, &p.Options, &p.Room)
	if p.Prefix < 0 || p.Prefix > 32 {
		ps = append(ps, flow.Problem{Path: "prefix", Text: fmt.Sprintf("%d is not between 0 and 32", p.Prefix)})
	}
	if p.Prefix6 < 0 || p.Prefix6 > 128 {
		ps = append(ps, flow.Problem{Path: "prefix6", Text: fmt.Sprintf("%d is not between 0 and 128", p.Prefix6)})
	}
	if p.Fallback == bySrcIP {
		ps = append(ps, flow.Problem{Path: "fallback", Text: "every request has a source address"})
	}
	if p.HoldWhileOpen && p.Size > 0 {
		ps = append(ps, flow.Problem{Path: "hold_while_open", Text: "a table of a bounded size holds no records", Hint: "leave size out"})
	}
	if p.HoldWhileOpen && p.Per == connection {
		ps = append(ps, flow.Problem{Path: "hold_while_open", Text: "each request is a connection to a server here, whatever the client's own", Hint: "leave per out"})
	}
	return ps
}

// NewPersistence implements lb.PersistencePolicy.
func (p *SourceIP) NewPersistence(env lb.PersistenceEnv) lb.Persistence {
	of := networks(env.Addrs, p.Prefix, p.Prefix6)
	m := mode{
		name: fmt.Sprintf("source-ip/%d/%d", p.Prefix, p.Prefix6), keys: sources(of), size: len(of), clients: true,
		timeout: p.Timeout, options: &p.Options, room: p.Room,
	}
	if !p.HoldWhileOpen {
		return m.remember(env)
	}
	if held := m.memory(env); held != nil {
		return &holding{held}
	}
	return nil
}

// networks gives the addresses of one network the number of the first of them.
func networks(addrs []netip.Addr, prefix, prefix6 int) []uint32 {
	of := make([]uint32, len(addrs))
	first := map[netip.Prefix]uint32{}
	for i, a := range addrs {
		of[i] = uint32(i)
		bits := prefix
		if !a.Is4() {
			bits = prefix6
		}
		if bits == 0 || bits >= a.BitLen() {
			continue
		}
		n := netip.PrefixFrom(a, bits).Masked()
		if k, ok := first[n]; ok {
			of[i] = k
		} else {
			first[n] = uint32(i)
		}
	}
	return of
}

type sources []uint32

func (s sources) of(q *lb.Query) key { return key{id: s[q.Addr], sent: true, kept: true} }

// holding is a table whose records do not expire while connections are open.
type holding struct{ *memory }

// holdFor is when a record that should have expired is looked at again.
const holdFor = 60 * time.Second

// Took implements lb.Holder.
func (h *holding) Took(q *lb.Query, member int) {
	if r := h.at(h.key(q).id); r.to == h.target(member) {
		r.open++
	}
}

// Gave implements lb.Holder.
func (h *holding) Gave(q *lb.Query, member int) {
	r := h.at(h.key(q).id)
	if r.to != h.target(member) || r.open == 0 {
		return
	}
	if r.open--; r.open == 0 && r.expires <= q.Now {
		late := q.Now.Sub(r.expires)
		r.expires = r.expires.Add(late - late%holdFor + holdFor)
	}
}
