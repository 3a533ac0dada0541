package capture

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// talk adds segments to a connection, one a line: milliseconds, C or S for the
// sender, flags, sequence and acknowledgement numbers, bytes and, where it is not
// 60,000, the window. base is what the numbers count from.
func talk(t *testing.T, base uint32, text string) *connection {
	t.Helper()
	ends := map[string]netip.AddrPort{"C": netip.MustParseAddrPort("192.0.2.1:40000"), "S": netip.MustParseAddrPort("192.0.2.2:80")}
	var ended []*connection
	table := table{open: map[key]*connection{}, limit: 10, done: func(c *connection) { ended = append(ended, c) }}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var at float64
		var from, flags string
		s := segment{window: 60000, scale: -1, id: uint16(i)}
		if line == "" {
			continue
		}
		if n, err := fmt.Sscan(line, &at, &from, &flags, &s.seq, &s.ack, &s.size, &s.window); n < 6 {
			t.Fatal(line, err)
		}
		s.at = int64(at * 1e6)
		s.src, s.dst = ends[from], ends[map[string]string{"C": "S", "S": "C"}[from]]
		for i, f := range "FSRPA" {
			if strings.ContainsRune(flags, f) {
				s.flags |= 1 << i
			}
		}
		s.seq, s.ack = s.seq+base, s.ack+base
		if s.flags&flagSYN != 0 {
			s.mss, s.scale = 1460, 0
		}
		table.add(&s)
	}
	table.finish()
	if len(ended) != 1 {
		t.Fatalf("%d connections", len(ended))
	}
	return ended[0]
}

// opened is a handshake seen at the client, 10 ms from the server.
const opened = `
0 C S 0 0 0
10 S SA 0 1 0
10 C A 1 1 0
`

// What looks like a stall and is none, and what does not look like one.
func TestTalks(t *testing.T) {
	for _, test := range []struct {
		name, text          string
		stalls, free, holds int
		mean                float64 // of the stalls, in milliseconds
	}{
		{"a stall", opened + `
20 C PA 1 1 100
230 S A 1 101 0
230 C PA 101 1 200
242 S PA 1 301 500`, 1, 0, 0, 200},
		{"between the ends, 5 ms from either", `
0 C S 0 0 0
5 S SA 0 1 0
10 C A 1 1 0
20 C PA 1 1 100
225 S A 1 101 0
230 C PA 101 1 200
237 S PA 1 301 500`, 1, 0, 0, 200},
		{"the server takes its time", opened + `
20 C PA 1 1 300
230 S A 1 301 0
520 S PA 1 301 500
720 C A 301 501 0`, 0, 2, 0, 0},
		{"the client's next request comes by chance, later", opened + `
20 C PA 1 1 100
230 S A 1 101 0
245 C PA 101 1 200
257 S PA 1 301 500`, 0, 1, 0, 0},
		{"lost, and sent again", opened + `
20 C PA 1 1 100
330 C PA 1 1 100
340 S A 1 101 0
340 C PA 101 1 200
352 S PA 1 301 500`, 0, 0, 0, 0},
		{"out of order", opened + `
20 S PA 101 1 100
20.1 S PA 1 1 100
220 C A 1 201 0
230 S PA 201 1 100`, 0, 0, 0, 0},
		{"keep-alives", opened + `
45000 C A 0 1 1
45010 S A 1 1 0
90000 C A 0 1 0
90010 S A 1 1 0
135000 C A 0 1 1
135210 S A 1 1 0`, 0, 0, 0, 0},
		{"the receive window was full", opened + `
20 C PA 1 1 100
21 S A 1 1 0 0
230 S A 1 101 0 0
231 C A 101 1 1
241 S A 1 101 0 0
300 S A 1 102 0 60000
300 C PA 102 1 200`, 0, 2, 0, 0},
		{"three segments that the network card made of one", `
0 C S 0 0 0
0 S SA 0 1 0
10 C A 1 1 0
20 C PA 1 1 300
22 S PA 1 301 4380
32 C A 301 2921 0
232 C A 301 4381 0
232 S PA 4381 301 400`, 1, 0, 0, 200},
		{"Nagle, and an acknowledgement in time", opened + `
20 C PA 1 1 100
30 S A 1 101 0
30 C PA 101 1 200
42 S PA 1 301 500`, 0, 0, 1, 0},
		{"later than any timer", opened + `
20 C PA 1 1 100
1230 S A 1 101 0
1230 C PA 101 1 200`, 0, 0, 0, 0},
		{"after a reset", opened + `
20 C PA 1 1 100
230 S RA 1 101 0
230 C PA 101 1 200`, 0, 0, 0, 0},
	} {
		for _, base := range []uint32{0, 1<<32 - 50, 1<<32 - 150} { // numbers wrap
			c := talk(t, base, test.text)
			stalls := c.found.stalled()
			free := c.found.free[client].n + c.found.free[server].n
			holds := c.found.holds[client].n + c.found.holds[server].n
			if stalls.n != test.stalls || free != test.free || holds != test.holds || float64(stalls.mean())/1e6 != test.mean {
				t.Errorf("%s: %d stalls of %v, %d free, %d holds; want %d of %v ms, %d and %d",
					test.name, stalls.n, stalls.mean(), free, holds, test.stalls, test.mean, test.free, test.holds)
			}
		}
	}
}

// Holds are told once they are not chance.
func TestHoldsAreTold(t *testing.T) {
	text, at, seq := opened, 20, 1
	for range 4 {
		text += fmt.Sprintf("%d C PA %d 1 100\n%d S A 1 %d 0\n%d C PA %d 1 50\n%d S A 1 %d 0\n", at, seq, at+10, seq+100, at+10, seq+100, at+20, seq+150)
		at, seq = at+100, seq+150
	}
	f := talk(t, 0, text).found.finding(1e9)
	if len(f.Holds) != 1 || f.Holds[0].Count != 4 || f.Holds[0].End != "client" || len(f.Remedies) != 1 || f.Remedies[0].Saves != 0.04 || f.Remedies[0].Setting != "nodelay" {
		t.Errorf("%+v", f)
	}
	d := &Diagnosis{Finding: f}
	if want := "No acknowledgement that somebody waited for was delayed, but 4 times the client held data back until an acknowledgement came: 40.0 ms, 4.0 % of the conversation. No delay on the client would save that."; d.answer() != want {
		t.Error(d.answer())
	}
}
