package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// Blocks of pcapng; see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6
)

// mostInterfaces bounds how many a section may describe; 65,535 is what the
// obsolete packet block can count.
const mostInterfaces = 65535

// A networkInterface is where packets of a pcapng file were captured.
type networkInterface struct {
	link   uint32
	units  uint64 // of its time stamps, in a second
	offset int64  // seconds to add
}

// lastSecond is of the year 2242, so that nanoseconds fit into 63 bits.
const lastSecond = 1 << 33

// time returns nanoseconds since 1970, or false if that is none that a clock shows.
func (n *networkInterface) time(stamp uint64) (nanoseconds int64, ok bool) {
	seconds, rest := stamp/n.units, stamp%n.units
	if seconds > lastSecond || n.offset < -lastSecond || n.offset > lastSecond {
		return 0, false
	}
	at := int64(seconds) + n.offset
	if at < 0 || at > lastSecond {
		return 0, false
	}
	high, low := bits.Mul64(rest, 1e9) // rest < units, so that the quotient fits
	fraction, _ := bits.Div64(high, low, n.units)
	return at*1e9 + int64(fraction), true
}

// errBlock says that a block contradicts itself.
var errBlock = errors.New("the file is damaged: a block of pcapng contradicts itself")

// nextBlock reads blocks of a pcapng file up to the next packet; io.EOF says
// that there is none.
func (f *file) nextBlock(p *packet) error {
	for {
		h := f.buf[:8]
		if n, err := io.ReadFull(f.in, h); err != nil {
			if n == 0 && err == io.EOF {
				return io.EOF
			}
			return broken(err)
		}
		if binary.BigEndian.Uint32(h) == blockSection {
			if err := f.section(); err != nil {
				return err
			}
			continue
		}
		if f.order == nil {
			return errBlock
		}
		kind, total := f.order.Uint32(h), f.order.Uint32(h[4:])
		if total < 12 || total%4 != 0 || total > 1<<31-1 {
			return errBlock
		}
		size := int(total) - 12 // between the two lengths
		found, err := f.block(kind, size, p)
		if err != nil {
			return err
		}
		if err := f.skip(4); err != nil {
			return err
		}
		if found {
			return nil
		}
	}
}

// section reads the head of a section. Its length stands before what tells the
// order of bytes.
func (f *file) section() error {
	length := binary.BigEndian.Uint32(f.buf[4:])
	h := f.buf[8:24]
	if err := f.read(h); err != nil {
		return err
	}
	switch binary.BigEndian.Uint32(h) {
	case 0x1a2b3c4d:
		f.order = binary.BigEndian
	case 0x4d3c2b1a:
		f.order = binary.LittleEndian
		length = bits.ReverseBytes32(length)
	default:
		return errBlock
	}
	if length < 28 || length%4 != 0 || length > 1<<31-1 {
		return errBlock
	}
	if major := f.order.Uint16(h[4:]); major != 1 {
		return fmt.Errorf("version %d of pcapng, expected 1", major)
	}
	f.interfaces = f.interfaces[:0]
	return f.skip(int(length) - 24)
}

// block reads one of the given size, which is without its head and foot, and
// reports whether it was a packet with a time.
func (f *file) block(kind uint32, size int, p *packet) (found bool, err error) {
	switch kind {
	case blockInterface:
		return false, f.describe(size)
	case blockEnhanced, blockPacket:
		if size < 20 {
			return false, errBlock
		}
		h := f.buf[:20]
		if err := f.read(h); err != nil {
			return false, err
		}
		index := f.order.Uint32(h)
		if kind == blockPacket {
			index = uint32(f.order.Uint16(h))
		}
		if int64(index) >= int64(len(f.interfaces)) {
			return false, errBlock
		}
		n := &f.interfaces[index]
		var timed bool
		p.at, timed = n.time(uint64(f.order.Uint32(h[4:]))<<32 | uint64(f.order.Uint32(h[8:])))
		p.link = n.link
		captured, length := f.order.Uint32(h[12:]), f.order.Uint32(h[16:])
		if int64(captured) > int64(size-20) {
			return false, errBlock
		}
		if err := f.body(p, captured, length); err != nil {
			return false, err
		}
		if !timed {
			f.untimed++
		}
		return timed, f.skip(size - 20 - int(captured))
	case blockSimple:
		f.untimed++
	}
	return false, f.skip(size)
}

// describe reads an interface and of its options the resolution of time stamps
// and what to add to them.
func (f *file) describe(size int) error {
	if size < 8 || len(f.interfaces) == mostInterfaces {
		return errBlock
	}
	n := networkInterface{units: 1e6}
	h := f.buf[:8]
	if err := f.read(h); err != nil {
		return err
	}
	n.link = uint32(f.order.Uint16(h))
	for size -= 8; size >= 4; {
		if err := f.read(h[:4]); err != nil {
			return err
		}
		code, length := f.order.Uint16(h), int(f.order.Uint16(h[2:]))
		padded := (length + 3) &^ 3
		size -= 4
		if code == 0 {
			break
		}
		if padded > size {
			return errBlock
		}
		size -= padded
		value := f.buf[:min(padded, 8)]
		if err := f.read(value); err != nil {
			return err
		}
		switch {
		case code == 9 && length == 1:
			if n.units = units(value[0]); n.units == 0 {
				return errBlock
			}
		case code == 14 && length == 8:
			n.offset = int64(f.order.Uint64(value))
		}
		if err := f.skip(padded - len(value)); err != nil {
			return err
		}
	}
	f.interfaces = append(f.interfaces, n)
	return f.skip(size)
}

// units returns how many there are in a second: a power of ten, or of two if the
// highest bit is set; 0 if that is too many.
func units(resolution byte) uint64 {
	exponent := int(resolution & 127)
	if resolution&128 != 0 {
		if exponent > 63 {
			return 0
		}
		return 1 << exponent
	}
	if exponent > 19 {
		return 0
	}
	n := uint64(1)
	for range exponent {
		n *= 10
	}
	return n
}
