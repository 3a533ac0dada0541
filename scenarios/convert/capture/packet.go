package capture

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A packet is what a capture has of one packet: when it passed, how long it was
// and its first bytes, in the link layer's format. data is valid until the next
// is read.
type packet struct {
	at     int64 // nanoseconds since 1970
	length int   // on the wire, in bytes
	link   uint32
	data   []byte
}

// Link types, as https://www.tcpdump.org/linktypes.html numbers them. 12 and 14
// are raw IP in files of some systems.
const (
	linkNull     = 0
	linkEthernet = 1
	linkRaw12    = 12
	linkRaw14    = 14
	linkRaw      = 101
	linkLoop     = 108
	linkCooked   = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkCooked2  = 276
)

// linkName returns what people call a link type.
func linkName(link uint32) string {
	switch link {
	case linkNull, linkLoop:
		return "loopback"
	case linkEthernet:
		return "Ethernet"
	case linkRaw, linkRaw12, linkRaw14, linkIPv4, linkIPv6:
		return "raw IP"
	case linkCooked, linkCooked2:
		return "Linux cooked"
	}
	return fmt.Sprintf("link type %d", link)
}

// A kind says what became of a packet that was read.
type kind uint8

const (
	isTCP       kind = iota
	isOther          // neither IP nor, within IP, TCP
	isFragment       // of an IP packet: its TCP header is elsewhere, or its data
	isCut            // before the end of the headers
	isMalformed      // lengths that contradict each other
	isForeign        // a link type that is not read
	kinds
)

// A segment is the part of a TCP segment that matters here.
type segment struct {
	at          int64
	src, dst    netip.AddrPort
	seq, ack    uint32
	flags       uint8
	window      uint16
	id          uint16 // of the IPv4 packet; 0 with IPv6
	size        int    // of the data on the wire, in bytes
	mss         uint16 // 0: the option is not there
	scale       int8   // -1: the option is not there
	optionBytes int    // bytes of options
}

const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
)

// end returns the sequence number after the segment.
func (s *segment) end() uint32 {
	n := uint32(s.size)
	if s.flags&flagSYN != 0 {
		n++
	}
	if s.flags&flagFIN != 0 {
		n++
	}
	return s.seq + n
}

const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
)

// decode finds the TCP segment of a packet.
func (p *packet) decode(s *segment) kind {
	header, ether := 0, 0 // length of the link layer's header; what follows it
	d := p.data
	switch p.link {
	case linkEthernet:
		header = 14
		if len(d) < header {
			return isCut
		}
		ether = int(binary.BigEndian.Uint16(d[12:]))
		for vlan := ether; vlan == 0x8100 || vlan == 0x88a8 || vlan == 0x9100; vlan = ether {
			if len(d) < header+4 {
				return isCut
			}
			ether = int(binary.BigEndian.Uint16(d[header+2:]))
			header += 4
		}
	case linkRaw, linkRaw12, linkRaw14, linkIPv4, linkIPv6:
		if len(d) < 1 {
			return isCut
		}
		ether = etherOf(d[0])
	case linkNull, linkLoop: // the address family, whose number for IPv6 differs among systems, in either order
		header = 4
		if len(d) < header+1 {
			return isCut
		}
		ether = etherOf(d[4])
	case linkCooked:
		header = 16
		if len(d) < header {
			return isCut
		}
		ether = int(binary.BigEndian.Uint16(d[14:]))
	case linkCooked2:
		header = 20
		if len(d) < header {
			return isCut
		}
		ether = int(binary.BigEndian.Uint16(d))
	default:
		return isForeign
	}
	s.at = p.at
	switch ether {
	case etherIPv4:
		return s.ipv4(d[header:], p.length-header)
	case etherIPv6:
		return s.ipv6(d[header:], p.length-header)
	}
	return isOther
}

// etherOf returns what the first byte of an IP packet says that it is.
func etherOf(first byte) int {
	switch first >> 4 {
	case 4:
		return etherIPv4
	case 6:
		return etherIPv6
	}
	return 0
}

const protocolTCP = 6

// ipv4 decodes the first bytes of an IPv4 packet. Where a network card cuts
// segments itself, the total length is 0, and that of the frame counts.
func (s *segment) ipv4(d []byte, frame int) kind {
	if len(d) < 20 {
		return isCut
	}
	header, total := int(d[0]&15)*4, int(binary.BigEndian.Uint16(d[2:]))
	if total == 0 {
		total = frame
	}
	switch {
	case d[0]>>4 != 4 || header < 20 || total < header:
		return isMalformed
	case d[9] != protocolTCP:
		return isOther
	case binary.BigEndian.Uint16(d[6:])&0x3fff != 0: // more fragments, or not the first
		return isFragment
	case len(d) < header:
		return isCut
	}
	s.id = binary.BigEndian.Uint16(d[4:])
	src, dst := netip.AddrFrom4([4]byte(d[12:16])), netip.AddrFrom4([4]byte(d[16:20]))
	return s.tcp(d[header:], total-header, src, dst)
}

// ipv6 decodes the first bytes of an IPv6 packet, and what headers there are
// before that of TCP.
func (s *segment) ipv6(d []byte, frame int) kind {
	if len(d) < 40 {
		return isCut
	}
	if d[0]>>4 != 6 {
		return isMalformed
	}
	next, rest := d[6], int(binary.BigEndian.Uint16(d[4:]))
	if rest == 0 {
		rest = frame - 40
	}
	s.id = 0
	src, dst := netip.AddrFrom16([16]byte(d[8:24])), netip.AddrFrom16([16]byte(d[24:40]))
	d = d[40:]
	for next != protocolTCP {
		length := 0
		switch next {
		case 0, 43, 60: // hop by hop, routing, destination
			if len(d) < 2 {
				return isCut
			}
			length = int(d[1])*8 + 8
		case 51: // authentication
			if len(d) < 2 {
				return isCut
			}
			length = int(d[1])*4 + 8
		case 44:
			return isFragment
		default:
			return isOther
		}
		if len(d) < length {
			return isCut
		}
		next, d, rest = d[0], d[length:], rest-length
	}
	return s.tcp(d, rest, src, dst)
}

// tcp decodes the first bytes of a TCP segment of the given length. The first
// 16, up to the window, must be there.
func (s *segment) tcp(d []byte, length int, src, dst netip.Addr) kind {
	if len(d) < 16 {
		return isCut
	}
	header := int(d[12]>>4) * 4
	if header < 20 || length < header {
		return isMalformed
	}
	s.src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(d))
	s.dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(d[2:]))
	s.seq, s.ack = binary.BigEndian.Uint32(d[4:]), binary.BigEndian.Uint32(d[8:])
	s.flags, s.window = d[13], binary.BigEndian.Uint16(d[14:])
	s.size = length - header
	s.mss, s.scale, s.optionBytes = 0, -1, header-20
	if s.flags&flagSYN != 0 {
		s.readOptions(d[min(20, len(d)):min(header, len(d))])
	}
	return isTCP
}

// readOptions reads those of a SYN.
func (s *segment) readOptions(d []byte) {
	for len(d) > 0 {
		switch d[0] {
		case 0:
			return
		case 1:
			d = d[1:]
			continue
		}
		if len(d) < 2 || d[1] < 2 || int(d[1]) > len(d) {
			return
		}
		switch {
		case d[0] == 2 && d[1] == 4:
			s.mss = binary.BigEndian.Uint16(d[2:])
		case d[0] == 3 && d[1] == 3:
			s.scale = int8(min(d[2], 14)) // RFC 7323, 2.3
		}
		d = d[d[1]:]
	}
}
