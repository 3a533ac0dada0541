package nlb

import (
	"encoding/binary"
	"net/netip"

	"lbsim/models/flow"
)

// finish is the finaliser of MurmurHash3 (Appleby, 32 bits): every bit of the
// key changes every bit of the result with about even odds. It stands for the
// function of Windows, which is not published.
func finish(key uint32) uint32 {
	key ^= key >> 16
	key *= 0x85ebca6b
	key ^= key >> 13
	key *= 0xc2b2ae35
	return key ^ key>>16
}

// hashAddr is finish of an address; of a long one, word by word.
func hashAddr(a netip.Addr) uint32 {
	if a = a.Unmap(); a.Is4() {
		b := a.As4()
		return finish(binary.BigEndian.Uint32(b[:]))
	}
	h, b := uint32(0), a.As16()
	for i := 0; i < len(b); i += 4 {
		h = finish(h ^ binary.BigEndian.Uint32(b[i:]))
	}
	return h
}

// network is the network that counts as one client under network affinity: the
// first 24 bits of an address, of an IPv6 address the first 64 (a modelling
// choice).
func network(a netip.Addr) netip.Addr {
	a = a.Unmap()
	bits := 24
	if !a.Is4() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // neither is too long
	return p.Addr()
}

// keys are what the connections of a rule are told apart by: for each address
// a number, and for each number its hash.
type keys struct {
	of   []uint32 // by flow.AddrID; nil: the address itself
	hash []uint32
}

// byAddress returns keys of whole addresses.
func byAddress(addrs []netip.Addr) *keys {
	k := &keys{hash: make([]uint32, len(addrs))}
	for i, a := range addrs {
		k.hash[i] = hashAddr(a)
	}
	return k
}

// byNetwork returns keys of networks, numbered in the order in which they appear.
func byNetwork(addrs []netip.Addr) *keys {
	k := &keys{of: make([]uint32, len(addrs))}
	number := map[netip.Addr]uint32{}
	for i, a := range addrs {
		net := network(a)
		n, known := number[net]
		if !known {
			n = uint32(len(k.hash))
			number[net] = n
			k.hash = append(k.hash, hashAddr(net))
		}
		k.of[i] = n
	}
	return k
}

// key returns the key of an address.
func (k *keys) key(a flow.AddrID) uint32 {
	if k.of == nil {
		return uint32(a)
	}
	return k.of[a]
}

// withPort mixes the port of a connection into the hash of its address. The
// number of the attempt stands for the port, as clients take one after the other.
func withPort(hash uint32, c *flow.Conn) uint32 { return finish(hash ^ finish(c.Seq)) }
