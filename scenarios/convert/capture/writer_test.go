package capture

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lbsim/models/tcp"
	"lbsim/sim"
)

const ms = time.Millisecond

// tshark returns the path of a program of Wireshark.
func tshark(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(program + " is not installed (Debian: apt-get install tshark)")
	default:
		t.Skip(program + " is not installed (Debian: apt-get install tshark)")
	}
	return path
}

// simulated returns the trace of an exchange on a new connection that is closed
// at the end.
func simulated(t testing.TB, c tcp.Config, x tcp.Exchange, o tcp.Options) *tcp.Trace {
	t.Helper()
	o.State, o.Close = tcp.Fresh, true
	trace, err := tcp.Simulate(&c, &x, o)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// between returns the addresses of a client and a server, by number.
func between(n int) (client, server netip.AddrPort) {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), uint16(40000+n)), netip.MustParseAddrPort("198.51.100.1:8080")
}

// written writes traces as conversations of their own, each a millisecond after
// the one before.
func written(t testing.TB, place Place, traces ...*tcp.Trace) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, trace := range traces {
		client, server := between(i + 1)
		w.Open(client, server, [2]int{1460, 1460}, place).Add(sim.Time(i)*sim.Time(ms), trace.Packets, 0)
		if err := w.Flush(sim.Time(i) * sim.Time(ms)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read has tshark read a capture; it checks the checksums that are not checked by
// default.
func read(t *testing.T, program string, capture []byte, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.pcap")
	if err := os.WriteFile(path, capture, 0o666); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"-n", "-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"}, args...)
	cmd := exec.Command(program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	return string(out)
}

// stalling is the exchange of the article: two writes against a delayed
// acknowledgement of 200 ms.
var stalling = tcp.Exchange{ClientWrites: []int{100, 200}, ServerWrites: []int{500}, Think: 2 * ms, Count: 3}

// expected is what tshark remarks on in any connection: that it is opened and
// closed.
var expected = regexp.MustCompile(`^Connection (establish (request|acknowledge)|finish) \((SYN|SYN\+ACK|FIN)\)(: server port \d+)?(,This frame (initiates|undergoes) the connection closing)?$`)

// What tshark says of written captures: good checksums, no warning and no note but
// that connections are closed, the segments where the simulation has them, and the
// stall.
func TestWiresharkReadsWhatIsWritten(t *testing.T) {
	program := tshark(t, "tshark")
	tail := tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{1860}, Think: 2 * ms, Count: 2}
	large := tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{400_000}, Think: 2 * ms, Count: 2}
	for _, test := range []struct {
		name  string
		x     tcp.Exchange
		place Place
		most  float64 // longest acknowledgement round trip, seconds
	}{
		{"write-write-read, at the client", stalling, AtClient, 0.210},
		{"write-write-read, at the server", stalling, AtServer, 0.200},
		{"tail, at the client", tail, AtClient, 0.200},
		{"tail, at the server", tail, AtServer, 0.210},
		{"large", large, AtClient, 0.200},
	} {
		t.Run(test.name, func(t *testing.T) {
			trace := simulated(t, tcp.NewConfig(10*ms), test.x, tcp.Options{})
			capture := written(t, test.place, trace, trace, trace)
			text := read(t, program, capture, "-T", "fields", "-e", "tcp.stream", "-e", "frame.time_epoch", "-e", "tcp.seq", "-e", "tcp.ack", "-e", "tcp.len",
				"-e", "tcp.analysis.ack_rtt", "-e", "tcp.checksum.status", "-e", "ip.checksum.status", "-e", "_ws.malformed", "-e", "_ws.expert.message")
			rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if len(rows) != 3*len(trace.Packets) {
				t.Fatalf("%d packets, want %d", len(rows), 3*len(trace.Packets))
			}
			longest := 0.0
			var got []string
			for _, row := range rows {
				f := strings.Split(row, "\t")
				if f[5] != "" {
					rtt, err := strconv.ParseFloat(f[5], 64)
					if err != nil {
						t.Fatal(err)
					}
					longest = max(longest, rtt)
				}
				if strings.Join(f[6:9], " ") != "1 1 " || f[9] != "" && !expected.MatchString(f[9]) {
					t.Errorf("checksums, malformed and expert information: %q", f[6:])
				}
				if f[0] == "0" {
					got = append(got, strings.Join(f[1:5], " "))
				}
			}
			if longest != test.most {
				t.Errorf("longest acknowledgement round trip %v, want %v", longest, test.most)
			}
			checkPackets(t, got, trace, test.place)
		})
	}
}

// checkPackets compares what tshark read of the first conversation with the trace.
func checkPackets(t *testing.T, got []string, trace *tcp.Trace, place Place) {
	t.Helper()
	var want []string
	for _, p := range trace.Packets {
		at := p.At
		if tcp.Side(place) != p.From {
			at = p.Arrives
		}
		stamp := Epoch.Add(time.Duration(at))
		ack := p.Ack
		if p.Flags&tcp.ACK == 0 {
			ack = 0
		}
		want = append(want, fmt.Sprintf("%d.%09d %d %d %d", stamp.Unix(), stamp.Nanosecond(), p.Seq, ack, p.Bytes))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("packets\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Lost packets and what follows are retransmissions for tshark, too, and nothing
// else is wrong.
func TestWiresharkSeesRetransmissions(t *testing.T) {
	program := tshark(t, "tshark")
	x := tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{20_000}, Think: 2 * ms, Count: 1}
	trace := simulated(t, tcp.NewConfig(10*ms), x, tcp.Options{Lose: []int{5}})
	if trace.Again == 0 {
		t.Fatal("nothing was sent again")
	}
	capture := written(t, AtServer, trace)
	again := strings.Count(read(t, program, capture, "-Y", "tcp.analysis.retransmission || tcp.analysis.fast_retransmission"), "\n")
	if again != trace.Again {
		t.Errorf("%d retransmissions, want %d", again, trace.Again)
	}
	if bad := read(t, program, capture, "-Y", "_ws.malformed || tcp.checksum.status != 1 || tcp.analysis.ack_lost_segment"); bad != "" {
		t.Error(bad)
	}
}

// IPv6 as well.
func TestWiresharkReadsIPv6(t *testing.T) {
	program := tshark(t, "tshark")
	var b bytes.Buffer
	w, err := NewWriter(&b, 0)
	if err != nil {
		t.Fatal(err)
	}
	trace := simulated(t, tcp.NewConfig(10*ms), stalling, tcp.Options{})
	w.Open(netip.MustParseAddrPort("[2001:db8::1]:50000"), netip.MustParseAddrPort("[2001:db8::2]:8080"), [2]int{1440, 1440}, AtClient).Add(0, trace.Packets, 0)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if good := strings.Count(read(t, program, b.Bytes(), "-Y", "ipv6 && tcp.checksum.status == 1 && !_ws.malformed"), "\n"); good != len(trace.Packets) {
		t.Errorf("%d good packets, want %d", good, len(trace.Packets))
	}
}

// Exchanges of one conversation, each a trace of its own that counts from its
// start, make one connection with gapless numbers; an acknowledgement that the next
// exchange takes along is not there.
func TestExchangesOfOneConversation(t *testing.T) {
	config := tcp.NewConfig(10 * ms)
	x := tcp.Request(300, 500, 2*ms)
	first, err := tcp.Simulate(&config, &x, tcp.Options{State: tcp.Fresh})
	if err != nil {
		t.Fatal(err)
	}
	next, err := tcp.Simulate(&config, &x, tcp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, 0)
	if err != nil {
		t.Fatal(err)
	}
	client, server := between(1)
	c := w.Open(client, server, [2]int{1460, 1460}, AtClient)
	c.Add(0, first.Packets, 0)
	for i := range 5 {
		c.Add(sim.Time(50*(i+1))*sim.Time(ms), next.Packets, 0)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Diagnose(bytes.NewReader(b.Bytes()), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(d.Exchanges, d.Stalls.Count, d.Packets.Retransmitted, d.Packets.Disorder, d.Delays)
	if want := "6 0 0 0 [{client 1 1 "; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if d.Packets.Total != 3+2+5*2+1 {
		t.Errorf("%d packets", d.Packets.Total)
	}
	warnings := read(t, tshark(t, "tshark"), b.Bytes(), "-Y", "_ws.expert.severity >= note")
	if warnings != "" {
		t.Error(warnings)
	}
}

// A balancer that ends the clients' connections has two legs in its capture, and
// the stall is on the first.
func TestBothLegsAtTheBalancer(t *testing.T) {
	c := tcp.NewConfig(10 * ms)
	c.Inner = &tcp.Inner{RTT: ms}
	c.Inner.Balancer.SetDefaults()
	c.Inner.SetDefaults()
	c.Inner.Pooled = false
	trace := simulated(t, c, stalling, tcp.Options{})
	var b bytes.Buffer
	w, err := NewWriter(&b, 0)
	if err != nil {
		t.Fatal(err)
	}
	client, balancer := between(1)
	w.Open(client, balancer, [2]int{1460, 1460}, AtServer).Add(0, trace.Packets, 0)
	inside := netip.MustParseAddrPort("203.0.113.1:50000")
	w.Open(inside, netip.MustParseAddrPort("203.0.113.2:8080"), [2]int{1460, 1460}, AtClient).Add(0, trace.Packets, 1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d := diagnosed(t, b.Bytes())
	if d.Packets.Total != len(trace.Packets) || d.Connections != 2 || d.Stalls.Count != 3 || d.Worst[0].Client != client.String() || d.Worst[0].Place != "server" ||
		d.Worst[1].Client != inside.String() || d.Worst[1].Place != "client" || d.Worst[1].Stalls.Count != 0 {
		t.Errorf("%d packets of %d; %+v", d.Packets.Total, len(trace.Packets), d.Worst)
	}
}

// A capture with a bound ends with a whole packet.
func TestFullCapture(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, 300)
	if err != nil {
		t.Fatal(err)
	}
	client, server := between(1)
	w.Open(client, server, [2]int{1460, 1460}, AtClient).Add(0, simulated(t, tcp.NewConfig(10*ms), stalling, tcp.Options{}).Packets, 0)
	if err := w.Flush(sim.Never); !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	d, err := Diagnose(&b, "test", Options{})
	if err != nil || len(d.Warnings) > 0 || b.Len() > 300 {
		t.Errorf("%v %v, %d bytes", err, d.Warnings, b.Len())
	}
}
