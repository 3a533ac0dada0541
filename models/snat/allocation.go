package snat

import (
	"fmt"

	"lbsim/models/flow"
)

// Mapping is what a port of an outside address belongs to.
type Mapping string

// The mappings. Each connection of a client comes from an inside port of its
// own, so under endpoint-independent mapping it needs an outside port that no
// other connection has; per destination only that no other to the same service
// has. Towards one service both are the same.
const (
	EndpointIndependent Mapping = "endpoint-independent" // RFC 4787 REQ-1, RFC 5382 REQ-1 (from memory, unverified)
	PerDestination      Mapping = "per-destination"      // RFC 4787: address and port dependent, "symmetric" (from memory, unverified)
)

// AllocationPolicy is how the ports of an address are given to users, the
// clients behind it.
type AllocationPolicy interface {
	// block returns how many ports a user gets at a time, and how many such
	// blocks at most, of an address with so many ports; 0 is no limit per user.
	block(ports int) (size, most int)
	// reserved is how many users have their ports for good; 0: none.
	reserved() int
}

// AllocationTable lists the ways of allocation.
var AllocationTable = flow.Table[AllocationPolicy]{
	{Name: "per-flow", Doc: "any free port for each connection", New: func() AllocationPolicy { return &PerFlow{} }},
	{Name: "block", Doc: "a user gets blocks of ports, as many as it needs up to a limit", New: func() AllocationPolicy { return &Block{Size: 128, Blocks: 8} }},
	{Name: "deterministic", Doc: "each user has a fixed part of the ports", New: func() AllocationPolicy { return &Fixed{Ratio: 64} }},
}

// PerFlow gives any free port to each connection.
type PerFlow struct{}

func (*PerFlow) block(int) (size, most int) { return 0, 0 }
func (*PerFlow) reserved() int              { return 0 }

// Block gives ports in blocks. The defaults are those of the secured port
// blocks of Junos. A user's connections are taken to lie close together: it
// has as many blocks as its ports would fill, and gives one back when they
// fill one less (a modelling choice: real blocks stay while one of their ports
// is in use).
type Block struct {
	Size   int `yaml:"size" doc:"ports of a block, 1 to 65535"`
	Blocks int `yaml:"blocks" doc:"blocks that a user may have, 1 to 65535"`
}

// Validate checks the parameters.
func (b *Block) Validate() []flow.Problem {
	return append(checkPorts("size", b.Size), checkPorts("blocks", b.Blocks)...)
}

func (b *Block) block(int) (size, most int) { return b.Size, b.Blocks }
func (*Block) reserved() int                { return 0 }

// Fixed gives each user the same part of the ports for good (the idea of
// RFC 7422; the ratios of the NAT plan of FD.io CSIT give 4032 ports at 16 users
// an address to 63 at 1024). Users beyond the ratio have none.
type Fixed struct {
	Ratio int `yaml:"ratio" doc:"users that share the ports of an address, 1 to 65535"`
}

// Validate checks the parameters.
func (f *Fixed) Validate() []flow.Problem { return checkPorts("ratio", f.Ratio) }

func (f *Fixed) block(ports int) (size, most int) { return ports / f.Ratio, 1 }
func (f *Fixed) reserved() int                    { return f.Ratio }

func checkPorts(path string, n int) []flow.Problem {
	if n < 1 || n > 65535 {
		return []flow.Problem{{Path: path, Text: fmt.Sprintf("%d is not between 1 and 65535", n)}}
	}
	return nil
}

// allocates returns how the device gives ports away.
func (n *NAT) allocates() AllocationPolicy {
	if n.Allocation == nil {
		return &PerFlow{}
	}
	return n.Allocation
}

// checkAllocation checks what mapping, allocation and sharing have to do with
// the device's other fields.
func (n *NAT) checkAllocation() (ps []flow.Problem) {
	bad := func(path, text, hint string) { ps = append(ps, flow.Problem{Path: path, Text: text, Hint: hint}) }
	if n.Mapping != "" {
		ps = append(ps, flow.OneOf("mapping", n.Mapping, string(EndpointIndependent), string(PerDestination))...)
	}
	if size, _ := n.allocates().block(n.Ports); size > n.Ports && n.Ports > 0 {
		bad("allocation.size", fmt.Sprintf("a block of %d ports does not fit in the %d of an address", size, n.Ports), "")
	}
	if f, ok := n.Allocation.(*Fixed); ok && f.Ratio > n.Ports && n.Ports > 0 {
		bad("allocation.ratio", fmt.Sprintf("%d users have less than one of %d ports each", f.Ratio, n.Ports), "")
	}
	if _, ok := n.allocates().(*PerFlow); !ok && (n.Pooling == Arbitrary || n.Prefix != 0) {
		bad("allocation", "a user's ports are those of one address", "leave out prefix, and write pooling: paired")
	}
	switch _, equal := n.Sizes.(*Equal); {
	case n.Sharing < 0 || n.Sharing > MaxClients:
		bad("sharing", fmt.Sprintf("%d is not between 1 and %d", n.Sharing, MaxClients), "0: as many users as addresses says")
	case n.Sharing > 0 && (n.Addresses > 1 || n.Prefix != 0):
		bad("sharing", "says itself how many addresses there are", "leave out addresses and prefix")
	case n.Sharing > 0 && n.Sizes != nil && !equal:
		bad("sharing", "says itself how many users an address has", "leave out sizes")
	}
	return ps
}
