package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// strangeFiles makes the files of testdata/broken that are not text or too
// large to keep.
var strangeFiles = map[string]func() string{
	"binary.yaml": func() string { return "name: mine\n\x7fELF\x02\x01\x01\x00\x00\n" },
	"utf16.yaml":  inUTF16,
	"latin1.yaml": func() string { return "name: mine\nabout: caf\xe9\n" },
	"bom.yaml": func() string {
		return "\ufeffduration: 20\nname: mine\ntraffic: [{name: web, arrivals: {kind: poisson, rate: 1/s}}]\nservers: [{name: s}]\n"
	},
	"huge.yaml":        func() string { return strings.Repeat("# a comment of thirty-two bytes\n", 9<<15) },
	"longline.yaml":    func() string { return "name: mine\nabout: " + strings.Repeat("long ", 400_000) + "\n" },
	"manykeys.yaml":    func() string { return numbered("k%d: 1\n", 500_000) },
	"mistakes.yaml":    func() string { return numbered("k%d: 1\n", 50_000) },
	"truncated.log.gz": func() string { return gzipped(logOf(100))[:30] },
	"notgzip.log":      func() string { return "\x1f\x8b and then something else\n" },
	"large.log":        func() string { return logOf(20_000) },
	"header.pcap":      func() string { return captureOf(1)[:20] },
	"nothing.pcap":     func() string { return captureOf(1) },
	"udp.pcap":         func() string { return captureOf(101, udpPacket, udpPacket) },
	"wireless.pcap":    func() string { return captureOf(105, udpPacket) },
}

func inUTF16() string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune("name: mine\nduration: 20m\n")) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// numbered repeats a line with the numbers from 0 to n-1.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// logOf is an access log of n requests, one a second.
func logOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "10.0.%d.%d - - [10/Oct/2025:%02d:%02d:%02d +0000] \"GET / HTTP/1.1\" 200 2326\n",
			i>>8&255, i&255, i/3600, i/60%60, i%60)
	}
	return b.String()
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text)) // a Buffer does not fail
	w.Close()
	return b.String()
}

// udpPacket is an IPv4 packet of a datagram without data.
const udpPacket = "\x45\x00\x00\x1c\x00\x00\x00\x00\x40\x11\x00\x00\xc0\x00\x02\x01\xc0\x00\x02\x02\x00\x35\x00\x35\x00\x08\x00\x00"

// captureOf is a pcap file of packets of a link type.
func captureOf(link uint32, packets ...string) string {
	order := binary.LittleEndian
	b := order.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0)
	b = order.AppendUint32(b, link)
	for _, p := range packets {
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
		b = order.AppendUint32(b, uint32(len(p)))
		b = order.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return string(b)
}
