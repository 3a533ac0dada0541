package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"runtime"
	"testing"
	"time"

	"lbsim/models/tcp"
	"lbsim/sim"
)

// A stream gives the packets of a capture over and over, each time a second later
// and to other ports, so that a capture of any size takes no memory.
type stream struct {
	head, packets []byte
	rounds        int
	ports         int // clients, one after the other; then the first again
	round         int
	rest          []byte
	buf           []byte
}

func newStream(capture []byte, rounds, ports int) *stream {
	return &stream{head: capture[:24], packets: capture[24:], rounds: rounds, ports: ports, rest: capture[:24]}
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		if s.round == s.rounds {
			return 0, io.EOF
		}
		s.next()
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stream) next() {
	order := binary.LittleEndian
	s.buf = append(s.buf[:0], s.packets...)
	for b := s.buf; len(b) > 0; {
		order.PutUint32(b, order.Uint32(b)+uint32(s.round))
		n := order.Uint32(b[8:])
		frame := b[16 : 16+n]
		port := uint16(20000 + s.round%s.ports%40000)
		address, at := 26, 34 // of the client: source or destination
		if frame[26] != 192 {
			address, at = 30, 36
		}
		frame[address+2] = byte(s.round % s.ports / 40000)
		binary.BigEndian.PutUint16(frame[at:], port)
		b = b[16+n:]
	}
	s.round++
	s.rest = s.buf
}

// oneConversation is a capture of a connection with n exchanges that stall.
func oneConversation(t testing.TB, n int, finish bool) []byte {
	t.Helper()
	x := stalling
	x.Count = n
	c := tcp.NewConfig(10 * ms)
	trace, err := tcp.Simulate(&c, &x, tcp.Options{State: tcp.Fresh, Close: finish})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, 0)
	if err != nil {
		t.Fatal(err)
	}
	client, server := between(1)
	w.Open(client, server, [2]int{1460, 1460}, AtClient).Add(0, trace.Packets, 0)
	if err := w.Flush(sim.Never); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// held returns what is in use after f, while what it returns is.
func held(f func() *Diagnosis) (d *Diagnosis, bytes int64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d = f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return d, int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// A hundred thousand connections, a million packets: all are counted, and what is
// kept is what is shown.
func TestLargeCapture(t *testing.T) {
	one := oneConversation(t, 2, true)
	rounds := 100_000
	d, kept := held(func() *Diagnosis {
		d, err := Diagnose(newStream(one, rounds, rounds), "large.pcap", Options{Open: 1000, Shown: 100})
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
	if d.Connections != rounds || d.Stalls.Count != 2*rounds || d.Exchanges != 2*rounds || d.Packets.LeftOut != 0 || len(d.Worst) != 100 {
		t.Errorf("%d connections, %d stalls, %d exchanges, %d shown; %v", d.Connections, d.Stalls.Count, d.Exchanges, len(d.Worst), d.Warnings)
	}
	if kept > 2<<20 {
		t.Errorf("%d bytes are kept", kept)
	}
}

// More connections are open at once than are followed: the others' packets are
// counted, and that is said.
func TestTooManyConnections(t *testing.T) {
	one := oneConversation(t, 1, false)
	d, err := Diagnose(newStream(one, 5000, 5000), "many.pcap", Options{Open: 100})
	if err != nil {
		t.Fatal(err)
	}
	// A connection is idle after five minutes, and makes room.
	if d.Connections < 100 || d.Stalls.Count < 100 || d.Stalls.Count > d.Connections || d.Packets.LeftOut < 5000 || d.Packets.LeftOut > d.Packets.TCP || len(d.Warnings) != 1 {
		t.Errorf("%d connections, %d stalls, %d left out; %v", d.Connections, d.Stalls.Count, d.Packets.LeftOut, d.Warnings)
	}
}

// The same capture gives the same bytes: the order of maps does not show.
func TestDiagnosisIsDeterministic(t *testing.T) {
	one := content(t, delaysCapture)
	var first []byte
	for range 3 {
		d, err := Diagnose(newStream(one, 40, 40), "same.pcap", Options{Open: 70, Shown: 20})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(text, first) {
			t.Errorf("got  %s\nwant %s", text, first)
		}
	}
}

// The same client port again, minutes later, is another connection.
func TestPortsUsedAgain(t *testing.T) {
	d, err := Diagnose(newStream(oneConversation(t, 3, true), 50, 1), "again.pcap", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Connections != 50 || d.Stalls.Count != 150 || d.Packets.Retransmitted != 0 {
		t.Errorf("%d connections, %d stalls, %d sent again", d.Connections, d.Stalls.Count, d.Packets.Retransmitted)
	}
}

// Nothing is kept of single packets, and nothing allocated.
func BenchmarkDiagnose(b *testing.B) {
	one := oneConversation(b, 100, false)
	packets := 0
	start := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		d, err := Diagnose(newStream(one, 100, 100), "large.pcap", Options{})
		if err != nil {
			b.Fatal(err)
		}
		packets += d.Packets.Total
	}
	b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(packets), "ns/packet")
}
