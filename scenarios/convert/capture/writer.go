package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"time"

	"lbsim/models/tcp"
	"lbsim/sim"
)

// Epoch is the time of the clock in a written capture when a run begins.
var Epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Place is where a capture is made: at which end of a connection.
type Place uint8

// The places. On a connection from a balancer to a server, the client is the
// balancer: a capture made there has the clients' connections AtServer and those
// to servers AtClient.
const (
	AtClient Place = iota
	AtServer
)

// A Writer writes simulated packets as a capture in the pcap format with
// nanoseconds, which Wireshark and tcpdump read: Ethernet, IPv4 or IPv6, with
// correct lengths, checksums, sequence numbers and times.
//
// Packets of several connections have to be written in the order of time, but are
// given one exchange at a time. So they are kept until Flush says that nothing
// earlier is to come; memory is bounded by what is given between two calls.
type Writer struct {
	out   *bufio.Writer
	queue queue
	frame []byte
	most  int64 // bytes of the file
	size  int64
	err   error

	opened uint32 // conversations
}

// ErrFull says that a capture has as many bytes as it may have.
var ErrFull = errors.New("the capture is full")

// NewWriter writes the head of a capture of at most so many bytes; 0 means no
// bound.
func NewWriter(w io.Writer, most int64) (*Writer, error) {
	c := &Writer{out: bufio.NewWriterSize(w, 1<<16), most: most, size: 24}
	h := make([]byte, 24)
	binary.LittleEndian.PutUint32(h, 0xa1b23c4d) // nanoseconds
	binary.LittleEndian.PutUint16(h[4:], 2)
	binary.LittleEndian.PutUint16(h[6:], 4)
	binary.LittleEndian.PutUint32(h[16:], longest)
	binary.LittleEndian.PutUint32(h[20:], linkEthernet)
	_, err := c.out.Write(h)
	return c, err
}

// A Conversation is a connection in a written capture. It counts the bytes of
// both ends over all exchanges.
type Conversation struct {
	w      *Writer
	place  Place
	addr   [2]netip.AddrPort
	first  [2]uint32 // sequence number of the SYN, by the side
	passed [2]int64  // bytes of the exchanges so far
	id     [2]uint16 // of the last IPv4 packet
	mss    [2]uint16

	exchange *exchange // the last one
}

// An exchange knows when the next of its conversation begins.
type exchange struct {
	conversation *Conversation
	next         sim.Time
}

// Open returns a new conversation. Nothing is written: if the capture is to have
// its beginning, the packets of the first exchange have it. Initial sequence
// numbers follow from the addresses and the conversations before, so that the same
// run gives the same bytes.
//
// The addresses must be of one family. mss is what each side announces, in the
// order client, server.
func (w *Writer) Open(client, server netip.AddrPort, mss [2]int, place Place) *Conversation {
	c := &Conversation{w: w, place: place, addr: [2]netip.AddrPort{client, server}}
	w.opened++
	for side, a := range c.addr {
		c.first[side] = initialNumber(a, c.addr[1-side], w.opened)
		c.mss[side] = uint16(min(mss[side], 65535))
	}
	return c
}

// initialNumber is the FNV-1a hash of both ends and a number, because ports are used
// again.
func initialNumber(from, to netip.AddrPort, n uint32) uint32 {
	h := uint32(2166136261) ^ n
	for _, a := range [2]netip.AddrPort{from, to} {
		bytes := a.Addr().As16()
		for _, b := range append(bytes[:], byte(a.Port()>>8), byte(a.Port())) {
			h = (h ^ uint32(b)) * 16777619
		}
	}
	return h
}

// Add takes the packets of the next exchange, or of several, as a simulation
// gives them, with their times moved by start. Only those of one leg are looked
// at. The packets of an exchange count bytes from its start, the conversation
// counts on.
//
// A delayed acknowledgement of the exchange before that has not left when this
// one begins is left out: the data of this one take it along.
func (c *Conversation) Add(start sim.Time, packets []tcp.Packet, leg uint8) {
	before := c.exchange
	c.exchange = &exchange{conversation: c, next: sim.Never}
	var sent [2]int64
	for i := range packets {
		p := &packets[i]
		if p.Leg != leg {
			continue
		}
		if before != nil {
			before.next, before = start.Add(time.Duration(p.At)), nil
		}
		end := p.Seq + int64(p.Bytes) - 1
		if p.Flags&tcp.FIN != 0 {
			end++
		}
		sent[p.From] = max(sent[p.From], end)
		at := p.At
		if c.place != Place(p.From) {
			if p.Lost() {
				continue
			}
			at = p.Arrives
		}
		c.w.queue.push(queued{
			at: start.Add(time.Duration(at)), exchange: c.exchange, from: p.From, flags: p.Flags, bytes: int32(p.Bytes),
			seq: c.number(p.From, p.Seq), ack: c.number(p.From.Other(), p.Ack), delayed: p.Wait == tcp.ForTimer && p.Bytes == 0,
		})
	}
	for side := range sent {
		c.passed[side] += sent[side]
	}
}

// number is the sequence number on the wire of a side's byte in this exchange.
func (c *Conversation) number(side tcp.Side, relative int64) uint32 {
	return c.first[side] + uint32(c.passed[side]+relative)
}

// Flush writes the packets that passed before the given time. Nothing that passes
// earlier may be added later. Once the file is full it returns ErrFull, and
// nothing is written any more.
func (w *Writer) Flush(before sim.Time) error {
	for len(w.queue.heap) > 0 && w.queue.heap[0].at < before {
		q := w.queue.pop()
		if taken := q.delayed && q.at > q.exchange.next; !taken && w.err == nil {
			w.err = w.write(&q)
		}
	}
	return w.err
}

// Close writes what is left. It does not close what the Writer writes to. A file
// that is full is complete up to there, which is no error.
func (w *Writer) Close() error {
	if err := w.Flush(sim.Never); err != nil && !errors.Is(err, ErrFull) {
		return err
	}
	return w.out.Flush()
}

func (w *Writer) write(q *queued) error {
	w.frame = q.exchange.conversation.frame(w.frame[:0], q)
	size := int64(16 + len(w.frame))
	if w.most > 0 && w.size+size > w.most {
		return ErrFull
	}
	w.size += size
	t := Epoch.Add(time.Duration(q.at))
	var h [16]byte
	binary.LittleEndian.PutUint32(h[0:], uint32(t.Unix()))
	binary.LittleEndian.PutUint32(h[4:], uint32(t.Nanosecond()))
	binary.LittleEndian.PutUint32(h[8:], uint32(len(w.frame)))
	binary.LittleEndian.PutUint32(h[12:], uint32(len(w.frame)))
	if _, err := w.out.Write(h[:]); err != nil {
		return err
	}
	_, err := w.out.Write(w.frame)
	return err
}
