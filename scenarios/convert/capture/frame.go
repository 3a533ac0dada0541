package capture

import (
	"encoding/binary"
	"net/netip"

	"lbsim/models/tcp"
)

// windowScale makes 16 MB of the window that every packet announces, as receive
// windows are never full in the model.
const windowScale = 8

// filler is what the payload consists of. Line ends keep programs that expect
// text from looking for one, and no protocol begins like that.
const filler = "................................................................\r\n"

// frame appends the Ethernet frame of a packet. Its addresses are made of the IP
// addresses, and locally administered.
func (c *Conversation) frame(b []byte, q *queued) []byte {
	from, to := c.addr[q.from], c.addr[q.from.Other()]
	b = appendMAC(b, to.Addr())
	b = appendMAC(b, from.Addr())
	header := 20
	if q.flags&tcp.SYN != 0 {
		header = 28
	}
	length := header + int(q.bytes)
	if from.Addr().Is4() {
		c.id[q.from]++
		b = binary.BigEndian.AppendUint16(b, etherIPv4)
		b = appendIPv4(b, from.Addr(), to.Addr(), length, c.id[q.from])
	} else {
		b = binary.BigEndian.AppendUint16(b, etherIPv6)
		b = appendIPv6(b, from.Addr(), to.Addr(), length)
	}
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	b = binary.BigEndian.AppendUint16(b, to.Port())
	b = binary.BigEndian.AppendUint32(b, q.seq)
	ack := q.ack
	if q.flags&tcp.ACK == 0 {
		ack = 0
	}
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, byte(header/4)<<4, byte(q.flags))
	b = binary.BigEndian.AppendUint16(b, 65535)
	b = append(b, 0, 0, 0, 0) // checksum and urgent pointer
	if q.flags&tcp.SYN != 0 {
		b = append(b, 2, 4, byte(c.mss[q.from]>>8), byte(c.mss[q.from]), 1, 3, 3, windowScale)
	}
	// A byte is the same however often, and in whatever segment, it is sent.
	at := int(q.seq-c.first[q.from]-1) % len(filler)
	for left := int(q.bytes); left > 0; at = 0 {
		part := filler[at:min(at+left, len(filler))]
		b = append(b, part...)
		left -= len(part)
	}
	sum := pseudoHeader(from.Addr(), to.Addr(), length)
	binary.BigEndian.PutUint16(b[start+16:], fold(sum+words(b[start:])))
	for len(b) < 60 { // the least that Ethernet carries
		b = append(b, 0)
	}
	return b
}

// appendMAC makes an address of the last four bytes of an IP address.
func appendMAC(b []byte, ip netip.Addr) []byte {
	bytes := ip.As16()
	return append(append(b, 2, 0), bytes[12:]...)
}

func appendIPv4(b []byte, from, to netip.Addr, length int, id uint16) []byte {
	start := len(b)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(20+length))
	b = binary.BigEndian.AppendUint16(b, id)
	b = append(b, 0x40, 0, 64, protocolTCP, 0, 0) // do not fragment; time to live
	source, destination := from.As4(), to.As4()
	b = append(append(b, source[:]...), destination[:]...)
	binary.BigEndian.PutUint16(b[start+10:], fold(words(b[start:])))
	return b
}

func appendIPv6(b []byte, from, to netip.Addr, length int) []byte {
	b = append(b, 0x60, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(length))
	b = append(b, protocolTCP, 64)
	source, destination := from.As16(), to.As16()
	return append(append(b, source[:]...), destination[:]...)
}

// pseudoHeader sums up what the checksum of TCP covers besides the segment
// (RFC 9293, section 3.1).
func pseudoHeader(from, to netip.Addr, length int) uint64 {
	return words(from.AsSlice()) + words(to.AsSlice()) + protocolTCP + uint64(length)
}

// words sums up 16-bit words, the last one filled up with a 0.
func words(b []byte) (sum uint64) {
	for ; len(b) > 1; b = b[2:] {
		sum += uint64(b[0])<<8 | uint64(b[1])
	}
	if len(b) > 0 {
		sum += uint64(b[0]) << 8
	}
	return sum
}

// fold makes the checksum of a sum (RFC 1071).
func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
