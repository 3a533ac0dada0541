package convert

import (
	"net/netip"
	"unicode"
	"unicode/utf8"
)

// A clientTable numbers the clients of a log: hosts first, then pairs of a
// host and a user agent. Steady state allocates nothing.
type clientTable struct {
	hosts  []host
	byText map[string]int32     // host as written -> index into hosts
	byAddr map[netip.Addr]int32 // the same address may be written in several ways
	names  int                  // hosts without an address

	agents  []string // agents[0] is "", no agent
	byAgent map[string]int32

	clients  []Client
	byPair   map[[2]int32]int32 // host, agent -> index into clients
	reserved int64              // rough size of all this, in bytes
}

type host struct {
	addr netip.Addr
	name string
}

// entrySize is what one entry of a map and the value behind it take, roughly,
// beside the text.
const entrySize = 128

func newClientTable() *clientTable {
	return &clientTable{
		byText:  make(map[string]int32),
		byAddr:  make(map[netip.Addr]int32),
		agents:  []string{""},
		byAgent: map[string]int32{"": 0},
		byPair:  make(map[[2]int32]int32),
	}
}

// add counts the request r and returns its client, or what is wrong with the
// client's name. A forwarded address counts if it is one; proxies also write
// words like "unknown".
func (t *clientTable) add(r *record) (client int32, why string) {
	h, ok := t.host(r.forwarded, true)
	if !ok {
		h, ok = t.host(r.host, false)
	}
	if !ok {
		return 0, "expected the client's address or host name"
	}
	pair := [2]int32{h, t.agent(r.agent)}
	client, ok = t.byPair[pair]
	if !ok {
		client = int32(len(t.clients))
		t.byPair[pair] = client
		t.reserved += entrySize
		t.clients = append(t.clients, Client{Addr: t.hosts[h].addr, Name: t.hosts[h].name, Agent: t.agents[pair[1]]})
	}
	c := &t.clients[client]
	c.Requests++
	c.Bytes = addBytes(c.Bytes, r.bytes)
	return client, ""
}

// host numbers the host written as text, which must be an address if addrOnly.
func (t *clientTable) host(text []byte, addrOnly bool) (index int32, ok bool) {
	if index, ok = t.byText[string(text)]; ok {
		return index, !addrOnly || t.hosts[index].name == ""
	}
	addr, isAddr := parseAddr(text)
	if !isAddr && (addrOnly || !isHostName(text)) {
		return 0, false
	}
	index, ok = t.byAddr[addr]
	if !isAddr || !ok {
		index = int32(len(t.hosts))
		if isAddr {
			t.byAddr[addr] = index
			t.hosts = append(t.hosts, host{addr: addr})
		} else {
			t.hosts = append(t.hosts, host{addr: fictitious(t.names), name: string(text)})
			t.names++
		}
	}
	t.byText[string(text)] = index
	t.reserved += entrySize + int64(len(text))
	return index, true
}

func (t *clientTable) agent(text []byte) int32 {
	index, ok := t.byAgent[string(text)]
	if !ok {
		index = int32(len(t.agents))
		name := string(text)
		t.agents = append(t.agents, name)
		t.byAgent[name] = index
		t.reserved += entrySize + int64(len(text))
	}
	return index
}

// fictitious returns the address that stands for host name number n; the
// package documentation says which.
func fictitious(n int) netip.Addr {
	base := 198<<24 | 18<<16
	if n >= 1<<17 { // beyond 198.18.0.0/15
		base = 240 << 24
	}
	a := uint32(base + n)
	return netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)})
}

// isHostName is generous: whatever a server may have logged for a name, but
// neither binary data nor a text that would break a line of output.
func isHostName(b []byte) bool {
	if len(b) == 0 || len(b) > 255 || !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return false
		}
	}
	return true
}
