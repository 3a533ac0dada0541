package capture

import (
	"fmt"
	"net"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// frame makes a packet of a TCP segment by means of another library.
func frame(t testing.TB, seq uint32, data int, lower ...gopacket.SerializableLayer) []byte {
	t.Helper()
	segment := &layers.TCP{SrcPort: 40001, DstPort: 443, Seq: seq, Ack: 7, SYN: true, ACK: true, Window: 1000, Options: []layers.TCPOption{
		{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 0xb4}},
		{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{9}},
	}}
	for _, l := range lower {
		if ip, ok := l.(gopacket.NetworkLayer); ok {
			if err := segment.SetNetworkLayerForChecksum(ip); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := gopacket.NewSerializeBuffer()
	all := append(lower, segment, gopacket.Payload(make([]byte, data)))
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, all...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ipv4() *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Id: 5, Protocol: layers.IPProtocolTCP, SrcIP: net.IP{192, 0, 2, 1}, DstIP: net.IP{192, 0, 2, 2}}
}

func ipv6() *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: net.ParseIP("2001:db8::1"), DstIP: net.ParseIP("2001:db8::2")}
}

// ethernet returns the header of a frame for packets of that type.
func ethernet(kind layers.EthernetType) *layers.Ethernet {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	return &layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: kind}
}

// Frames of all link types that are read, made by another library, or by hand
// where that cannot.
func frames(t testing.TB) map[string]packet {
	vlan := []gopacket.SerializableLayer{
		ethernet(layers.EthernetTypeQinQ), &layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeDot1Q},
		&layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeIPv4}, ipv4(),
	}
	extended := ipv6()
	extended.NextHeader = layers.IPProtocolIPv6Destination
	option := &layers.IPv6Destination{}
	option.NextHeader = layers.IPProtocolTCP
	option.Options = []*layers.IPv6DestinationOption{{OptionType: 1, OptionData: []byte{0, 0, 0, 0}, OptionLength: 4, ActualLength: 6}}
	raw := frame(t, 9, 100, ipv4())
	raw6 := frame(t, 9, 100, ipv6())
	cooked := append([]byte{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}, raw...)
	cooked2 := append([]byte{0x86, 0xdd, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, raw6...)
	list := map[string]packet{
		"Ethernet":            {link: linkEthernet, data: frame(t, 9, 100, ethernet(layers.EthernetTypeIPv4), ipv4())},
		"Ethernet, IPv6":      {link: linkEthernet, data: frame(t, 9, 100, ethernet(layers.EthernetTypeIPv6), ipv6())},
		"Ethernet, two VLANs": {link: linkEthernet, data: frame(t, 9, 100, vlan...)},
		"extension header":    {link: linkEthernet, data: frame(t, 9, 100, ethernet(layers.EthernetTypeIPv6), extended, option)},
		"padded":              {link: linkEthernet, data: append(frame(t, 9, 100, ethernet(layers.EthernetTypeIPv4), ipv4()), 0, 0, 0)},
		"raw":                 {link: linkRaw, data: raw},
		"raw, IPv6":           {link: linkIPv6, data: raw6},
		"loopback":            {link: linkNull, data: append([]byte{2, 0, 0, 0}, raw...)},
		"loopback of OpenBSD": {link: linkLoop, data: append([]byte{0, 0, 0, 24}, raw6...)},
		"cooked":              {link: linkCooked, data: cooked},
		"cooked, version 2":   {link: linkCooked2, data: cooked2},
	}
	for name, p := range list {
		p.length = len(p.data)
		list[name] = p
	}
	return list
}

func TestLinkTypes(t *testing.T) {
	for name, p := range frames(t) {
		var s segment
		k := p.decode(&s)
		got := fmt.Sprint(k, s.src.Port(), s.dst.Port(), s.seq, s.ack, s.size, s.window, s.mss, s.scale, s.flags)
		if want := fmt.Sprint(isTCP, 40001, 443, 9, 7, 100, 1000, 1460, 9, flagSYN|flagACK); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// Whatever was cut off, the packet is read up to there, or counted as cut.
func TestCutPackets(t *testing.T) {
	for name, p := range frames(t) {
		whole := p.data
		for n := range len(whole) {
			p.data = whole[:n:n]
			var s segment
			switch k := p.decode(&s); {
			case k == isTCP && (s.seq != 9 || s.size != 100):
				t.Errorf("%s, %d bytes: sequence number %d, %d bytes", name, n, s.seq, s.size)
			case k != isTCP && k != isCut:
				t.Errorf("%s, %d bytes: kind %d", name, n, k)
			}
		}
	}
}
