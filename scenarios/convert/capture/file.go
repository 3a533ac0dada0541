package capture

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// kept is how much of a packet is read; the rest is skipped. Headers fit: 14
// bytes of Ethernet, VLANs, 40 of IPv6 and what it adds, 60 of TCP.
const kept = 512

// longest is the longest packet that a capture may hold, as in libpcap
// (MAXIMUM_SNAPLEN). A greater length means that the file is damaged.
const longest = 262144

// errCut says that the file ends within a packet or a block.
var errCut = errors.New("the file ends within a packet")

// A file reads the packets of a capture one after the other.
type file struct {
	in     *bufio.Reader
	format string // for people
	next   func(p *packet) error
	order  binary.ByteOrder
	buf    [kept]byte

	perFraction int64 // of pcap: nanoseconds of a unit of the second field of a time stamp
	extra       int   // of pcap: bytes of a packet's header behind the usual ones
	link        uint32

	interfaces []networkInterface // of pcapng
	untimed    int                // packets of pcapng without a time stamp, which are left out
}

// open recognises the format of a capture: pcap or pcapng, either of them in
// gzip, too. It returns an error if it is neither.
func open(r io.Reader) (*file, error) {
	f := &file{in: bufio.NewReaderSize(r, 1<<16)}
	magic, err := f.in.Peek(4)
	zipped := ""
	if len(magic) > 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, wrong := gzip.NewReader(f.in)
		if wrong != nil {
			return nil, errors.New("the file is damaged: it begins as gzip does, but is none")
		}
		zipped = ", gzip"
		f.in = bufio.NewReaderSize(z, 1<<16)
		magic, err = f.in.Peek(4)
	}
	if len(magic) < 4 {
		if wrong := broken(err); wrong != errCut || err == io.ErrUnexpectedEOF {
			return nil, cutHeader(wrong)
		}
		if len(magic) == 0 {
			return nil, errors.New("the file is empty; expected a capture, pcap or pcapng")
		}
		return nil, errNoCapture(magic)
	}
	first := binary.BigEndian.Uint32(magic)
	if first == blockSection {
		f.format, f.next = "pcapng"+zipped, f.nextBlock
		return f, nil
	}
	f.format, f.next = "pcap"+zipped, f.nextRecord
	return f, f.header(magic)
}

// errNoCapture says what a file is instead, where its first bytes tell.
func errNoCapture(magic []byte) error {
	const hint = "; convert it with: editcap -F pcap"
	switch {
	case bytes.HasPrefix(magic, []byte("snoo")):
		return errors.New("a snoop capture, expected pcap or pcapng" + hint)
	case bytes.HasPrefix(magic, []byte("GMBU")):
		return errors.New("a capture of Microsoft Network Monitor, expected pcap or pcapng" + hint)
	}
	return errors.New("not a capture; expected pcap or pcapng, as tcpdump, dumpcap and Wireshark write them")
}

// header reads that of a pcap file. See
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html
func (f *file) header(magic []byte) error {
	f.perFraction = 1000
	f.order = binary.BigEndian
	number := binary.BigEndian.Uint32(magic)
	switch number {
	case 0xd4c3b2a1, 0x4d3cb2a1, 0x34cdb2a1:
		f.order = binary.LittleEndian
		number = binary.LittleEndian.Uint32(magic)
	}
	switch number {
	case 0xa1b2c3d4: // microseconds
	case 0xa1b23c4d:
		f.perFraction = 1
	case 0xa1b2cd34: // of old Linux systems, with eight more bytes for each packet
		f.extra = 8
	default:
		return errNoCapture(magic)
	}
	h := f.buf[:24]
	if err := f.read(h); err != nil {
		return cutHeader(err)
	}
	if major := f.order.Uint16(h[4:]); major != 2 {
		return fmt.Errorf("version %d of pcap, expected 2", major)
	}
	f.link = f.order.Uint32(h[20:]) & 0xffff // above are flags
	return nil
}

// cutHeader says what a cut means where nothing was read before it.
func cutHeader(err error) error {
	if err == errCut || err == io.EOF {
		return errors.New("the file ends within its header")
	}
	return err
}

// nextRecord reads a packet of a pcap file; io.EOF says that there is none.
func (f *file) nextRecord(p *packet) error {
	h := f.buf[:16+f.extra]
	if n, err := io.ReadFull(f.in, h); err != nil {
		if n == 0 && err == io.EOF {
			return io.EOF
		}
		return broken(err)
	}
	captured, length := f.order.Uint32(h[8:]), f.order.Uint32(h[12:])
	p.at = int64(f.order.Uint32(h))*1e9 + int64(f.order.Uint32(h[4:]))*f.perFraction
	p.link = f.link
	return f.body(p, captured, length)
}

// body reads what there is of a packet.
func (f *file) body(p *packet, captured, length uint32) error {
	if captured > longest {
		return fmt.Errorf("the file is damaged: a packet of %d bytes", captured)
	}
	p.length = int(max(length, captured)) // some programs leave the former 0
	p.data = f.buf[:min(captured, kept)]
	if err := f.read(p.data); err != nil {
		return err
	}
	return f.skip(int(captured) - len(p.data))
}

// read fills d.
func (f *file) read(d []byte) error {
	if _, err := io.ReadFull(f.in, d); err != nil {
		return broken(err)
	}
	return nil
}

func (f *file) skip(n int) error {
	if _, err := f.in.Discard(n); err != nil {
		return broken(err)
	}
	return nil
}

// broken puts the end of a file where it should not be into words.
func broken(err error) error {
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return errCut
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, new(flate.CorruptInputError)):
		return errors.New("the file is damaged: its gzip data contradicts itself")
	}
	return err
}
