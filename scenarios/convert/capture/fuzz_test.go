package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"lbsim/models/flow"
)

// Whatever the input: an error in one line, or a diagnosis that keeps the laws.
func FuzzDiagnose(f *testing.F) {
	for _, path := range []string{stallsCapture, delaysCapture} {
		whole := content(f, path)
		f.Add(whole[:2000])
		f.Add(whole[:6000])
		f.Add(asBlocks(whole[:3000]))
	}
	for _, p := range frames(f) {
		f.Add(record(p))
	}
	f.Add([]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Diagnose(bytes.NewReader(data), "fuzz.pcap", Options{Open: 50, Shown: 5})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
			return
		}
		checkLaws(t, d)
		if _, err := json.Marshal(d); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(d.Text(), "\n") {
			t.Error("the text has no end")
		}
		if d.Example != nil && !bytes.HasPrefix(d.Scenario("x", "x\ny"), []byte("# What do")) {
			t.Error("no scenario")
		}
	})
}

func checkLaws(t *testing.T, d *Diagnosis) {
	t.Helper()
	p := d.Packets
	if p.TCP+p.Other+p.Fragments+p.Cut+p.Malformed+p.Foreign+p.Untimed != p.Total || p.TCP < 1 {
		t.Errorf("packets %+v", p)
	}
	count, total := 0, 0.0
	for _, x := range d.Patterns {
		count += x.Count
		total += x.Total
		if x.Count < 1 || x.Mean < leastDelay.Seconds() || x.Mean > mostDelay.Seconds() {
			t.Errorf("pattern %+v", x)
		}
	}
	if count != d.Stalls.Count || total < d.Stalls.Total*0.999-1e-6 || total > d.Stalls.Total*1.001+1e-6 {
		t.Errorf("patterns %+v of stalls %+v", d.Patterns, d.Stalls)
	}
	for _, a := range d.Delays {
		if a.Count < a.Free || a.Least > a.Mean+1e-9 || a.Mean > a.Most+1e-9 {
			t.Errorf("delays %+v", a)
		}
	}
	if len(d.Worst) > 5 {
		t.Errorf("%d connections", len(d.Worst))
	}
	if e := d.Example; e != nil {
		if problems := append(flow.Check(&e.Config), flow.Check(&e.Exchange)...); len(problems) > 0 {
			t.Errorf("the example is none: %v", problems)
		}
	}
}

// record makes a pcap file of a packet.
func record(p packet) []byte {
	order := binary.LittleEndian
	b := order.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0)
	b = order.AppendUint32(b, p.link)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = order.AppendUint32(b, uint32(len(p.data)))
	b = order.AppendUint32(b, uint32(p.length))
	return append(b, p.data...)
}

// asBlocks makes a pcapng file of a pcap file with little-endian microseconds.
func asBlocks(capture []byte) []byte {
	order := binary.LittleEndian
	var b []byte
	block := func(kind uint32, body []byte) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		size := uint32(12 + len(body))
		b = order.AppendUint32(order.AppendUint32(b, kind), size)
		b = order.AppendUint32(append(b, body...), size)
	}
	block(blockSection, append([]byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0}, bytes.Repeat([]byte{0xff}, 8)...))
	// Ethernet, an option that is skipped, nanoseconds, an hour later.
	block(blockInterface, []byte{1, 0, 0, 0, 0, 0, 4, 0, 2, 0, 3, 0, 'l', 'o', '0', 0, 9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 0x10, 0x0e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	block(3, []byte{4, 0, 0, 0, 1, 2, 3, 4}) // a packet without a time
	for rest := capture[24:]; len(rest) >= 16; {
		n := min(int(order.Uint32(rest[8:])), len(rest)-16)
		at := uint64(order.Uint32(rest))*1e9 + uint64(order.Uint32(rest[4:]))*1000
		body := order.AppendUint32(nil, 0)
		body = order.AppendUint32(order.AppendUint32(body, uint32(at>>32)), uint32(at))
		body = order.AppendUint32(order.AppendUint32(body, uint32(n)), order.Uint32(rest[12:]))
		block(blockEnhanced, append(body, rest[16:16+n]...))
		rest = rest[16+n:]
	}
	return b
}
