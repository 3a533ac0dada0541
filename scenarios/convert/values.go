package convert

import (
	"bytes"
	"math"
	"net/netip"
)

// known returns b, or nil when it is "-" or empty: the log does not say.
func known(b []byte) []byte {
	if len(b) == 0 || len(b) == 1 && b[0] == '-' {
		return nil
	}
	return b
}

// parseStatus reads three digits; "-" stands for none.
func parseStatus(b []byte) (int16, bool) {
	if string(b) == "-" {
		return 0, true
	}
	n := number(b)
	return int16(n), len(b) == 3 && n >= 0
}

// parseBytes reads the size of an answer, below 10^18 bytes; "-" stands for
// none.
func parseBytes(b []byte) (int64, bool) {
	switch {
	case string(b) == "-":
		return 0, true
	case len(b) <= 9:
		n := number(b)
		return int64(n), n >= 0
	case len(b) > 18:
		return 0, false
	}
	high, low := number(b[:len(b)-9]), number(b[len(b)-9:])
	return int64(high)*1e9 + int64(low), high >= 0 && low >= 0
}

// addBytes adds sizes; a sum that does not fit stays at the largest value.
func addBytes(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// parseAddr reads an IP address, also in brackets or with a port behind it as
// some proxies write it. IPv4-mapped IPv6 (::ffff:192.0.2.1) becomes IPv4; the
// zone of an IPv6 address is dropped.
func parseAddr(b []byte) (netip.Addr, bool) {
	// Most tokens that are not addresses are host names: refuse them here,
	// without the cost of a failing parse.
	if len(b) < 2 || len(b) > 64 || bytes.IndexByte(b, ':') < 0 && (b[len(b)-1] < '0' || b[len(b)-1] > '9') {
		return netip.Addr{}, false
	}
	text := string(b)
	if bare := len(text) - 1; text[0] == '[' && text[bare] == ']' {
		text = text[1:bare]
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

func isAddr(b []byte) bool {
	_, ok := parseAddr(b)
	return ok
}

// isPrivate reports whether several networks may use the address, each for a
// machine of its own.
func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || carrier.Contains(a)
}

var carrier = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// trimForwarded removes what surrounds an address in a list of them. IIS
// writes + for a space.
func trimForwarded(b []byte) []byte { return bytes.Trim(b, "+ \t\"") }

// isForwarded reports whether b is a list of addresses such as
// X-Forwarded-For has. Words stand for addresses that a proxy did not tell
// ("unknown", "_hidden"). Logs cut long lists, so the last of several may be
// anything. Addresses with ports are those of servers, in logs.
func isForwarded(b []byte) bool {
	found := false
	for first := true; ; first = false {
		one, rest, more := bytes.Cut(b, []byte(","))
		one = trimForwarded(one)
		addr, err := netip.ParseAddr(string(bytes.Trim(one, "[]")))
		switch {
		case len(one) > 0 && len(one) < 64 && err == nil && addr.IsValid():
			found = true
		case string(one) == "unknown" || len(one) > 1 && one[0] == '_':
		default:
			return found && !first && !more
		}
		if !more {
			return found
		}
		b = rest
	}
}
