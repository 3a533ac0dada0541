package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models/tcp"
	"lbsim/sim"
)

const (
	stallsCapture = "testdata/nagle-delack-40ms.pcap"
	delaysCapture = "testdata/delack-100-200ms.pcap"
)

// diagnosed returns the diagnosis of a capture in memory.
func diagnosed(t testing.TB, capture []byte) *Diagnosis {
	t.Helper()
	d, err := Diagnose(bytes.NewReader(capture), "test.pcap", Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func content(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// The figures of a count by another program, over the table of packets: 27
// acknowledgements more than 30 ms after exactly one segment.
func TestRealStalls(t *testing.T) {
	d := diagnosed(t, content(t, stallsCapture))
	got := fmt.Sprintln(d.Packets.TCP, d.Connections, d.Stalls.Count, d.Patterns[0].Count, d.Patterns[0].Pattern, d.Patterns[0].Sender, d.Delays[0].End, d.Delays[0].Free, len(d.Delays), len(d.Holds))
	if want := "184 1 27 27 write-write-read client server 0 1 0\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	near(t, "span", d.Span, 2.83215, 1e-9)
	near(t, "mean", d.Stalls.Mean, 0.0430445, 20e-6) // less the round trip of 14 µs
	near(t, "sum", d.Stalls.Total, 1.1622, 400e-6)
	near(t, "share", d.Stalls.Share, 0.41, 0.001)
	near(t, "least", d.Delays[0].Least, 0.040194, 20e-6)
	near(t, "most", d.Delays[0].Most, 0.048128, 20e-6)
	near(t, "standard deviation", d.Delays[0].SD, 2.42149e-3, 60e-6)
	if timer := d.Delays[0].Timer; timer.Kind != "arrival" || timer.Interval != 0.04 {
		t.Errorf("timer %+v", timer)
	}
	got = fmt.Sprintln(d.Remedies[0].Setting, d.Remedies[0].End, d.Remedies[1].Setting, d.Remedies[1].End, len(d.Remedies))
	if want := "nodelay client ack_frequency server 2\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	near(t, "no delay saves", d.Remedies[0].Saves, 1.1634, 1e-4)
	if want := "27 stalls of 43.0 ms on average take 1.162 s, 41 % of the conversation."; !strings.HasPrefix(d.Answer, want) {
		t.Errorf("answer %q", d.Answer)
	}
	// A simulation of the exchange says the same of what is saved, but for the
	// rounding of the timer.
	near(t, "saved in the simulation", (d.Simulated.AsIs-d.Simulated.Nodelay)*27, d.Remedies[0].Saves, 2e-3)
	near(t, "stalls in the simulation", d.Simulated.Stalls, 1, 0)
}

// 59 acknowledgements are late, on ticks of 100 ms, and nobody waits for one.
func TestRealDelaysThatCostNothing(t *testing.T) {
	d := diagnosed(t, content(t, delaysCapture))
	free, sum := 0, 0.0
	for _, a := range d.Delays {
		free += a.Free
		sum += a.Mean * float64(a.Count)
		if a.Timer.Kind != "tick" || a.Timer.Interval != 0.1 || a.Timer.Most != 0.2 {
			t.Errorf("timer of the %s: %+v", a.End, a.Timer)
		}
	}
	got := fmt.Sprint(d.Packets.TCP, d.Connections, d.Stalls.Count, d.Delayed.Count, free, len(d.Remedies), len(d.Patterns), len(d.Holds))
	if want := "214 9 0 59 59 0 0 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	near(t, "sum", sum, 8.64851, 0.015) // less a round trip each
	if want := "No stall. 59 acknowledgements were delayed, by 146.4 ms on average on ticks of 100 ms, and nobody waited for them: they cost nothing, and no setting would help."; d.Answer != want {
		t.Errorf("answer %q", d.Answer)
	}
	if d.Scenario("x", "x") != nil {
		t.Error("a scenario of what does not stall")
	}
}

// The timers of two captures in one are not taken for a third.
func TestDifferentTimers(t *testing.T) {
	both := slices.Concat(content(t, stallsCapture), content(t, delaysCapture)[24:])
	d := diagnosed(t, both)
	kinds := map[string]string{}
	for _, a := range d.Delays {
		kinds[a.End] = a.Timer.Kind
	}
	if d.Stalls.Count != 27 || d.Delayed.Count != 27+59 || kinds["server"] != "several" || kinds["client"] != "tick" {
		t.Errorf("%d stalls, %d delays, timers %v", d.Stalls.Count, d.Delayed.Count, kinds)
	}
}

// The same exchanges of a Linux system once more with TCP_NODELAY: the first
// capture tells how much that saves.
func TestRealSaving(t *testing.T) {
	before, after := diagnosed(t, content(t, "testdata/linux-two-writes.pcap")), diagnosed(t, content(t, "testdata/linux-two-writes-nodelay.pcap"))
	if before.Exchanges != 60 || before.Stalls.Count != 59 || after.Exchanges != 60 || after.Delayed.Count != 0 || len(after.Remedies) != 0 {
		t.Errorf("%d stalls in %d exchanges, then %d in %d", before.Stalls.Count, before.Exchanges, after.Stalls.Count, after.Exchanges)
	}
	near(t, "saved", before.Remedies[0].Saves, before.Conversation-after.Conversation, 0.005)
	if want := "No stall, and no delayed acknowledgement."; after.Answer != want {
		t.Errorf("answer %q", after.Answer)
	}
}

// Tshark's own figures of the real captures are those that the diagnosis is made
// of.
func TestRealCapturesAsTsharkSeesThem(t *testing.T) {
	program := tshark(t, "tshark")
	for _, test := range []struct {
		path string
		late int
		sum  float64
	}{{stallsCapture, 27, 1.1622}, {delaysCapture, 59, 8.64851}} {
		out, err := exec.Command(program, "-n", "-r", test.path, "-Y", "tcp.len == 0 && tcp.analysis.ack_rtt > 0.03", "-T", "fields", "-e", "tcp.analysis.ack_rtt").Output()
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, f := range strings.Fields(string(out)) {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		if n := len(strings.Fields(string(out))); n != test.late {
			t.Errorf("%s: %d late acknowledgements for tshark, want %d", test.path, n, test.late)
		}
		near(t, test.path, sum, test.sum, 1e-4)
	}
}

// The exchanges of the fact sheet, simulated, written and diagnosed: which stall
// follows from the sizes, who waits, and that both settings save what a simulation
// with them saves.
func TestVectors(t *testing.T) {
	none := func(*tcp.Config) {}
	for _, v := range []struct {
		name             string
		client, server   []int
		change           func(c *tcp.Config)
		pattern, sender  string // "" for no stall
		helps, otherwise string // the remedies
	}{
		{"T1 one write", []int{300}, []int{500}, none, "", "", "", ""},
		{"T2 write-write-read", []int{100, 200}, []int{500}, none, "write-write-read", "client", "nodelay client", "ack_frequency server"},
		{"T2 three writes", []int{100, 200, 50}, []int{500}, none, "write-write-read", "client", "nodelay client", "ack_frequency server"},
		{"T3 no delay", []int{100, 200}, []int{500}, func(c *tcp.Config) { c.Client.Nodelay = true }, "", "", "", ""},
		{"T4 every segment", []int{100, 200}, []int{500}, func(c *tcp.Config) { c.Server.AckFrequency = 1 }, "", "", "", ""},
		{"T4b the wrong end", []int{100, 200}, []int{500}, func(c *tcp.Config) { c.Client.AckFrequency = 1 }, "write-write-read", "client", "nodelay client", "ack_frequency server"},
		{"T4c 40 ms", []int{100, 200}, []int{500}, func(c *tcp.Config) { c.Server.DelayedAck = 40 * ms }, "write-write-read", "client", "nodelay client", "ack_frequency server"},
		{"T6a odd tail", []int{300}, []int{1860}, none, "tail after full segments", "server", "nodelay server", "ack_frequency client"},
		{"T6b even tail", []int{300}, []int{3320}, none, "", "", "", ""},
		{"T6c three and a tail", []int{300}, []int{4780}, none, "tail after full segments", "server", "nodelay server", "ack_frequency client"},
		{"T6d no tail", []int{300}, []int{2920}, none, "", "", "", ""},
		{"T6e on the client", []int{300}, []int{1860}, func(c *tcp.Config) { c.Client.AckFrequency = 1 }, "", "", "", ""},
		{"T6f on the server", []int{300}, []int{1860}, func(c *tcp.Config) { c.Server.AckFrequency = 1 }, "tail after full segments", "server", "nodelay server", "ack_frequency client"},
		{"split writes", []int{300}, []int{100, 400}, none, "split writes", "server", "nodelay server", "ack_frequency client"},
		{"small window", []int{300}, []int{1460, 1460}, func(c *tcp.Config) { c.Server.InitialWindow = 1 }, "congestion window", "server", "ack_frequency client", ""},
	} {
		for _, place := range []Place{AtClient, AtServer} {
			t.Run(fmt.Sprint(v.name, " ", place), func(t *testing.T) {
				c := tcp.NewConfig(10 * ms)
				v.change(&c)
				x := tcp.Exchange{ClientWrites: v.client, ServerWrites: v.server, Think: 2 * ms, Count: 12}
				trace := simulated(t, c, x, tcp.Options{})
				d := diagnosed(t, written(t, place, trace, trace))
				if d.Stalls.Count != 2*trace.Stalls || d.Exchanges != 24 {
					t.Errorf("%d stalls in %d exchanges, want %d in 24", d.Stalls.Count, d.Exchanges, 2*trace.Stalls)
				}
				if want := [...]string{"client", "server"}[place]; d.Worst[0].Place != want {
					t.Errorf("captured at %s, want %s", d.Worst[0].Place, want)
				}
				if v.pattern == "" {
					if len(d.Patterns) > 0 {
						t.Errorf("patterns %+v", d.Patterns)
					}
					return
				}
				p := d.Patterns[0]
				if len(d.Patterns) != 1 || p.Pattern != v.pattern || p.Sender != v.sender {
					t.Errorf("patterns %+v", d.Patterns)
				}
				names := []string{v.helps, v.otherwise}
				for i, m := range d.Remedies {
					if got := m.Setting + " " + m.End; got != names[i] {
						t.Errorf("setting %d: %s, want %s", i, got, names[i])
					}
					better := c
					ends := map[string]*tcp.End{"client": &better.Client, "server": &better.Server}
					if m.Setting == "nodelay" {
						ends[m.End].Nodelay = true
					} else {
						ends[m.End].AckFrequency = 1
					}
					saved := trace.Latency - simulated(t, better, x, tcp.Options{}).Latency
					near(t, m.Setting+" saves", m.Saves, 2*saved.Seconds(), 1e-9)
				}
			})
		}
	}
}

// Whatever stalls in a simulation is found in its capture, at either end and at
// any distance, and nothing else.
func TestStallsOfAnyExchange(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := tcp.NewConfig(time.Duration(rapid.IntRange(10, 100_000).Draw(r, "rtt")) * time.Microsecond)
		timers := rapid.SampledFrom([]time.Duration{100 * ms, 150 * ms, 200 * ms})
		for i, end := range []*tcp.End{&c.Client, &c.Server} {
			name := ends[i]
			end.DelayedAck = timers.Draw(r, name+" timer")
			end.Nodelay = rapid.Bool().Draw(r, name+" nodelay")
			end.AckFrequency = rapid.IntRange(1, 2).Draw(r, name+" frequency")
			end.Nagle = rapid.SampledFrom([]tcp.Nagle{tcp.Classic, tcp.Minshall}).Draw(r, name+" nagle")
			end.Count = rapid.SampledFrom([]tcp.Count{tcp.AnySegment, tcp.FullSegments, tcp.Bytes}).Draw(r, name+" count")
			end.QuickAcks = rapid.SampledFrom([]int{0, 3}).Draw(r, name+" quick")
		}
		sizes := rapid.SliceOfN(rapid.IntRange(1, 8000), 1, 3)
		x := tcp.Exchange{
			ClientWrites: sizes.Draw(r, "client writes"), ServerWrites: sizes.Draw(r, "server writes"),
			Think: time.Duration(rapid.IntRange(0, 30).Draw(r, "think")) * ms, Count: rapid.IntRange(1, 10).Draw(r, "count"),
			ClientThink: time.Duration(rapid.SampledFrom([]int{0, 5, 500}).Draw(r, "client think")) * ms,
		}
		trace, err := tcp.Simulate(&c, &x, tcp.Options{State: tcp.Fresh, Close: true})
		if err != nil {
			r.Fatal(err)
		}
		place := rapid.SampledFrom([]Place{AtClient, AtServer}).Draw(r, "place")
		d := diagnosed(t, written(t, place, trace))
		// A simulation also counts stalls that are too short to be told, and those
		// that the next segment ends after a round trip, not the timer.
		short := trace.Stalls - d.Stalls.Count
		difference := math.Abs(d.Stalls.Total - trace.StallTime.Seconds())
		if short < 0 || difference > float64(short)*max(leastDelay, c.RTT).Seconds()+1e-9 || d.Exchanges != x.Count || d.Packets.Retransmitted+d.Packets.Copies > 0 {
			r.Fatalf("%d stalls of %v s in %d exchanges, want %d of %v in %d", d.Stalls.Count, d.Stalls.Total, d.Exchanges, trace.Stalls, trace.StallTime, x.Count)
		}
	})
}

// without returns a capture after f has seen each packet, and may change its bytes,
// drop it or double it by the number of copies that it returns.
func without(t testing.TB, capture []byte, f func(i int, data []byte) (changed []byte, copies int)) []byte {
	t.Helper()
	order := binary.LittleEndian
	out := slices.Clone(capture[:24])
	for i, rest := 0, capture[24:]; len(rest) > 0; i++ {
		n := order.Uint32(rest[8:])
		data, copies := f(i, slices.Clone(rest[16:16+n]))
		for range copies {
			out = append(out, rest[:8]...)
			out = order.AppendUint32(out, uint32(len(data)))
			out = append(out, rest[12:16]...)
			out = append(out, data...)
		}
		rest = rest[16+n:]
	}
	return out
}

// Captures that begin late, are cut after the headers, have every packet twice, or
// are of a VLAN, show the same stalls.
func TestPoorCaptures(t *testing.T) {
	x := stalling
	x.Count = 20
	whole := written(t, AtClient, simulated(t, tcp.NewConfig(10*ms), x, tcp.Options{}))
	real := content(t, stallsCapture)
	for name, change := range map[string]func(i int, data []byte) ([]byte, int){
		"cut after the headers": func(_ int, data []byte) ([]byte, int) { return data[:54], 1 },
		"cut in the headers":    func(_ int, data []byte) ([]byte, int) { return data[:50], 1 },
		"twice":                 func(_ int, data []byte) ([]byte, int) { return data, 2 },
		"no handshake":          func(i int, data []byte) ([]byte, int) { return data, min(i/3, 1) },
		"from the middle":       func(i int, data []byte) ([]byte, int) { return data, min(i/6, 1) },
		"VLAN": func(_ int, data []byte) ([]byte, int) {
			return slices.Concat(data[:12], []byte{0x81, 0, 0, 5}, data[12:]), 1
		},
	} {
		for what, capture := range map[string][]byte{"simulated": whole, "real": real} {
			want := diagnosed(t, capture).Stalls
			got := diagnosed(t, without(t, capture, change))
			lost := 0
			if name == "from the middle" && what == "simulated" {
				lost = 1 // the first is cut off
			}
			// Without the handshake the server's 2 ms seem to be of the way.
			if got.Stalls.Count != want.Count-lost || math.Abs(got.Stalls.Mean-want.Mean) > 2.1e-3 {
				t.Errorf("%s, %s: %+v, want %+v", name, what, got.Stalls, want)
			}
			if name == "twice" && got.Packets.Copies < 60 {
				t.Errorf("%d copies", got.Packets.Copies)
			}
		}
	}
}

// One direction alone tells nothing, and that is said.
func TestOneDirection(t *testing.T) {
	one := without(t, content(t, stallsCapture), func(_ int, data []byte) ([]byte, int) {
		if data[34] == 0 && data[35] == 25 { // from the server
			return data, 0
		}
		return data, 1
	})
	d := diagnosed(t, one)
	if d.OneSided != 1 || d.Stalls.Count != 0 || !strings.HasPrefix(d.Answer, "Nothing can be told") || !slices.Contains(d.Warnings, "1 connection left out: only one direction was captured") {
		t.Errorf("%+v", d)
	}
}

// Losses delay an exchange for longer than acknowledgements do; they are no stalls.
func TestLossesAreNoStalls(t *testing.T) {
	c := tcp.NewConfig(10 * ms)
	c.Client.Nodelay, c.Server.Nodelay = true, true
	c.Loss = 0.05
	x := tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{9000}, Think: 2 * ms, Count: 200}
	for seed := range uint64(5) {
		trace := simulated(t, c, x, tcp.Options{Random: sim.New(seed, 0).Stream("loss")})
		for _, place := range []Place{AtClient, AtServer} {
			d := diagnosed(t, written(t, place, trace))
			if d.Stalls.Count > trace.Stalls || d.Packets.Retransmitted == 0 {
				t.Errorf("seed %d: %d stalls, %d sent again; %d in the simulation", seed, d.Stalls.Count, d.Packets.Retransmitted, trace.Stalls)
			}
		}
	}
}

// Files in other containers have the same diagnosis: editcap converts the real one.
func TestContainers(t *testing.T) {
	editcap := tshark(t, "editcap")
	want := diagnosed(t, content(t, stallsCapture))
	for _, format := range []string{"pcap", "pcapng", "nsecpcap", "modpcap"} {
		path := filepath.Join(t.TempDir(), "converted")
		if out, err := exec.Command(editcap, "-F", format, stallsCapture, path).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		got := diagnosed(t, content(t, path))
		if got.Stalls != want.Stalls || !got.Start.Equal(want.Start) || len(got.Warnings) > 0 {
			t.Errorf("%s: %+v from %v, want %+v from %v", format, got.Stalls, got.Start, want.Stalls, want.Start)
		}
	}
}

// What cannot be read is refused with the reason.
func TestUnreadable(t *testing.T) {
	real := content(t, stallsCapture)
	zipped := func(b []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write(b) // a Buffer does not fail
		w.Close()
		return out.Bytes()
	}
	damaged := zipped(real)
	damaged[len(damaged)/2] ^= 0xff
	large := slices.Clone(real)
	copy(large[24+8:], []byte{0xff, 0xff, 0xff, 0x7f})
	for name, test := range map[string]struct {
		capture       []byte
		want, warning string
	}{
		"empty":              {nil, "the file is empty; expected a capture, pcap or pcapng", ""},
		"empty in gzip":      {zipped(nil), "the file is empty; expected a capture, pcap or pcapng", ""},
		"cut in gzip":        {zipped(real)[:20], "the file ends within its header", ""},
		"no gzip":            {[]byte("\x1f\x8b and something"), "the file is damaged: it begins as gzip does, but is none", ""},
		"cut in the header":  {real[:20], "the file ends within its header", ""},
		"cut in a packet":    {real[:3000], "", "the file ends within a packet; what was read before it: 36 packets"},
		"a packet of 2 GB":   {large, "the file is damaged: a packet of 2147483647 bytes", ""},
		"version 3":          {slices.Concat(real[:4], []byte{3, 0}, real[6:]), "version 3 of pcap, expected 2", ""},
		"damaged block":      {[]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x02\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"), "version 2 of pcapng, expected 1", ""},
		"a block of nothing": {append(asBlocks(real[:24]), 6, 0, 0, 0, 0, 0, 0, 0), "the file is damaged: a block of pcapng contradicts itself", ""},
	} {
		d, err := Diagnose(bytes.NewReader(test.capture), "x", Options{})
		switch {
		case test.want != "" && (err == nil || err.Error() != "x: error: "+test.want):
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.warning != "" && !slices.Contains(d.Warnings, test.warning):
			t.Errorf("%s: warnings %q", name, d.Warnings)
		}
	}
	if d, err := Diagnose(bytes.NewReader(damaged), "x", Options{}); err == nil && len(d.Warnings) == 0 {
		t.Error("damage in gzip is not seen")
	}
}
