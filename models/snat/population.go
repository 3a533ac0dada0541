package snat

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Population is all clients of a run and the addresses they come from.
type Population struct {
	Sites []flow.Group
	Addrs []netip.Addr // by flow.AddrID, distinct

	fixed bool          // every client has one address
	addr  []flow.AddrID // by client: its address, or the first of its pool
	pool  []int32       // by site: addresses to choose from for each connection; 0: addr holds
	site  []uint16      // by client
	rand  *sim.Stream

	ports   []*ports // by site; nil where there is no limit
	limited bool     // a site has ports

	moves []*moving // by site; nil if nobody moves
	e     *sim.Engine
}

// NewPopulation settles who sits behind which address. The sites must be valid
// and have one name each. What is random about it comes from streams of e, so
// it differs between replications and is the same in every variant. Services is
// how many destinations the clients have.
func NewPopulation(e *sim.Engine, sites []Site, services int) *Population {
	p := &Population{e: e, rand: e.Stream("snat/pooling")}
	b := builder{p: p, known: map[netip.Addr]flow.AddrID{}, logged: loggedAddresses(sites), services: services}
	u := e.Stream("snat/addresses")
	for i := range b.keys {
		b.keys[i] = uint32(u.Uint64())
	}
	for i := range sites {
		b.add(uint16(i), &sites[i], e.Stream("snat/"+sites[i].Name+"/sizes"))
	}
	if p.moves != nil {
		p.moves = append(p.moves, make([]*moving, len(sites)-len(p.moves))...)
	}
	p.fixed = p.moves == nil && slices.Max(append(p.pool, 0)) == 0
	return p
}

// Clients returns the number of clients.
func (p *Population) Clients() int { return len(p.addr) }

// Group returns the clients of a site.
func (p *Population) Group(site int) *flow.Group { return &p.Sites[site] }

// Address returns the address from which the client opens its next connection.
func (p *Population) Address(c flow.ClientID) flow.AddrID {
	if p.fixed {
		return p.addr[c]
	}
	if n := p.pool[p.site[c]]; n > 0 {
		return p.addr[c] + flow.AddrID(p.rand.IntN(int(n)))
	}
	if p.moves != nil {
		if m := p.moves[p.site[c]]; m != nil {
			return m.at(c, p.addr[c], p.e.Now())
		}
	}
	return p.addr[c]
}

// Name returns the client's name in output files: its name in the log or
// trace, or its site and number.
func (p *Population) Name(c flow.ClientID) string {
	g := &p.Sites[p.site[c]]
	if g.Visits != nil {
		return g.Visits.Clients[c-g.First]
	}
	return fmt.Sprintf("%s/%d", g.Name, c-g.First+1)
}

// GroupSizes returns the number of clients behind each address that has any,
// of the given sites. A pool from which clients take any address counts every
// client at each.
func (p *Population) GroupSizes(sites []int) []int {
	count := make([]int, len(p.Addrs))
	for _, s := range sites {
		g := &p.Sites[s]
		if n := flow.AddrID(p.pool[s]); n > 0 {
			first := p.addr[g.First]
			for k := range n {
				count[first+k] += g.Clients
			}
			continue
		}
		for c := g.First; c < g.First+flow.ClientID(g.Clients); c++ {
			count[p.addr[c]]++
		}
	}
	return slices.DeleteFunc(count, func(n int) bool { return n == 0 })
}

type builder struct {
	p      *Population
	known  map[netip.Addr]flow.AddrID // addresses of logs that have a number
	logged map[netip.Addr]bool        // addresses that must not be invented
	keys   [4]uint32
	made   uint32 // addresses invented so far

	services int
}

func loggedAddresses(sites []Site) map[netip.Addr]bool {
	logged := map[netip.Addr]bool{}
	for _, s := range sites {
		if s.Visits != nil {
			for _, a := range s.Visits.Addrs {
				logged[a] = true
			}
		}
	}
	return logged
}

func (b *builder) add(index uint16, s *Site, u *sim.Stream) {
	p := b.p
	g := flow.Group{Name: s.Name, First: flow.ClientID(len(p.addr)), Clients: s.Clients, Visits: s.Visits}
	if s.Visits != nil {
		g.Clients = len(s.Visits.Clients)
	}
	before := len(p.Addrs)
	p.pool = append(p.pool, 0)
	p.addr, p.site = slices.Grow(p.addr, g.Clients), slices.Grow(p.site, g.Clients)
	for range g.Clients {
		p.site = append(p.site, index)
	}
	switch {
	case s.NAT == nil && s.Visits != nil:
		b.asLogged(&g, 32)
	case s.NAT == nil:
		p.Addrs = slices.Grow(p.Addrs, g.Clients)
		for range g.Clients {
			p.addr = append(p.addr, b.invent())
		}
	case s.NAT.Prefix != 0:
		b.asLogged(&g, s.NAT.Prefix)
	default:
		b.translate(index, &g, s.NAT, u)
	}
	p.Sites = append(p.Sites, g)
	if n := len(p.Addrs) - before; s.Moves > 0 && s.NAT != nil && s.NAT.Prefix == 0 && n > 1 {
		p.moves = append(p.moves, make([]*moving, int(index)+1-len(p.moves))...)
		name := "snat/" + s.Name
		p.moves[index] = &moving{
			every: s.Moves, first: flow.AddrID(before), n: n,
			begun: p.e.Stream(name + "/begun"), to: p.e.Stream(name + "/moves"),
		}
	}
	p.ports = append(p.ports, nil)
	if s.NAT != nil && s.NAT.Ports > 0 && g.Clients > 0 {
		p.limited = true
		p.ports[index] = b.portsOf(&g, s.NAT)
	}
}

// portsOf returns the ports of the addresses that a site's device has.
func (b *builder) portsOf(g *flow.Group, nat *NAT) *ports {
	d := &ports{limit: int32(nat.Ports), rest: nat.Rest, apart: 1}
	if nat.Mapping == PerDestination {
		d.apart = uint32(b.services)
	}
	last := flow.AddrID(0)
	if g.Addr != nil { // the networks of a log, some of which an earlier site may have
		d.first, last = slices.Min(g.Addr), slices.Max(g.Addr)
	} else {
		d.first, last = b.p.addr[g.First], flow.AddrID(len(b.p.Addrs)-1)
	}
	d.taken = make([]int32, uint32(last-d.first+1)*d.apart)
	size, most := nat.allocates().block(nat.Ports)
	if size == 0 {
		return d
	}
	u := &users{size: int32(size), most: int32(most), blocks: d.limit / int32(size), first: g.First}
	u.ports, u.given = make([]int32, uint32(g.Clients)*d.apart), make([]int32, len(d.taken))
	d.users = u
	if ratio := nat.allocates().reserved(); ratio > 0 {
		u.blocks = int32(ratio)
		for c := range g.Clients { // those behind one address are neighbours
			if k := c - ratio; k >= 0 && b.p.addr[int(g.First)+k] == b.p.addr[int(g.First)+c] {
				for s := range d.apart {
					u.ports[uint32(c)*d.apart+s] = u.size * u.most
				}
			}
		}
	}
	return d
}

// asLogged gives the clients of a log the addresses they came from, or the
// number of the network if prefix is shorter than an address.
func (b *builder) asLogged(g *flow.Group, prefix int) {
	for _, a := range g.Visits.Addrs {
		bits := prefix
		if a.Is6() && prefix < 32 {
			// What a /24 is for IPv4, a /48 is for IPv6: a site.
			bits = 2 * prefix
		}
		if prefix < 32 {
			a = netip.PrefixFrom(a, bits).Masked().Addr()
		}
		g.Addr = append(g.Addr, b.intern(a))
	}
	for _, home := range g.Visits.Home {
		b.p.addr = append(b.p.addr, g.Addr[home])
	}
}

// translate puts the site's clients behind the addresses of its NAT device.
func (b *builder) translate(index uint16, g *flow.Group, nat *NAT, u *sim.Stream) {
	p := b.p
	n := nat.Outside(g.Clients)
	first := flow.AddrID(len(p.Addrs))
	for range n {
		b.invent()
	}
	if nat.Pooling == Arbitrary {
		p.pool[index] = int32(n)
		for range g.Clients {
			p.addr = append(p.addr, first)
		}
		return
	}
	sizes := nat.Sizes
	if b, ok := sizes.(bounded); ok {
		sizes = b.within(g.Clients)
	}
	for i, size := range apportion(g.Clients, sizes.Weights(n, u)) {
		for range size {
			p.addr = append(p.addr, first+flow.AddrID(i))
		}
	}
}

func (b *builder) intern(a netip.Addr) flow.AddrID {
	id, ok := b.known[a]
	if !ok {
		id = flow.AddrID(len(b.p.Addrs))
		b.known[a] = id
		b.p.Addrs = append(b.p.Addrs, a)
	}
	return id
}

// invent makes a new address in 10.0.0.0/8. Numbers given out in sequence
// would fall evenly on any modulus and flatter every source hash, so they are
// scrambled by a permutation of the 2^24 numbers that differs between
// replications.
func (b *builder) invent() flow.AddrID {
	for {
		x := b.made
		b.made++
		for _, k := range b.keys {
			x = (x ^ k) & 0xffffff
			x = x * 0x9e3779b1 & 0xffffff
			x ^= x >> 13
		}
		var raw [4]byte
		binary.BigEndian.PutUint32(raw[:], 10<<24|x)
		if a := netip.AddrFrom4(raw); !b.logged[a] {
			b.p.Addrs = append(b.p.Addrs, a)
			return flow.AddrID(len(b.p.Addrs) - 1)
		}
	}
}
