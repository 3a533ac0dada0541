package convert

import (
	"bytes"
	"net/netip"
	"slices"
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
	byKey    map[clientKey]int32 // -> index into clients
	reserved int64               // rough size of all this, in bytes

	trusted []netip.Prefix // proxies
}

// A clientKey is what makes a client: a host, and an agent or another host
// that is behind it (nobody: -1).
type clientKey struct{ host, agent, behind int32 }

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
		byKey:   make(map[clientKey]int32),
	}
}

// add counts the request r and returns its client, or what is wrong with the
// client's name.
func (t *clientTable) add(r *record, use Forwarded) (client int32, why string) {
	h, ok := t.host(r.host, false)
	key := clientKey{host: h, behind: -1}
	if use != IgnoreForwarded && r.forwarded != nil {
		if named, found := t.host(t.first(r), true); found {
			if use == ForwardedSource {
				key.host, ok = named, true
			} else {
				key.behind = named
			}
		}
	}
	if !ok {
		return 0, "expected the client's address or host name"
	}
	if key.behind < 0 {
		key.agent = t.agent(r.agent)
	}
	client, ok = t.byKey[key]
	if !ok {
		client = int32(len(t.clients))
		t.byKey[key] = client
		t.reserved += entrySize
		c := Client{Addr: t.hosts[key.host].addr, Name: t.hosts[key.host].name, Agent: t.agents[key.agent]}
		if key.behind >= 0 {
			c.Behind = t.hosts[key.behind].addr
		}
		t.clients = append(t.clients, c)
	}
	c := &t.clients[client]
	c.Requests++
	c.Bytes = addBytes(c.Bytes, r.bytes)
	return client, ""
}

// first returns the address in X-Forwarded-For that stands for the client, nil
// if none does. Each proxy appends the address it saw, but clients can send
// such a header themselves. So with a list of trusted proxies it is the last
// address that is none of them, and the proxy that connected must be one;
// without, it is the first address.
func (t *clientTable) first(r *record) (addr []byte) {
	list := r.forwarded
	if len(t.trusted) == 0 {
		for len(list) > 0 {
			var one []byte
			one, list, _ = bytes.Cut(list, []byte(","))
			if one = trimForwarded(one); isAddr(one) {
				return one
			}
		}
		return nil
	}
	if !t.trusts(r.host) {
		return nil
	}
	for {
		comma := bytes.LastIndexByte(list, ',')
		one := trimForwarded(list[comma+1:])
		if !isAddr(one) {
			return addr
		}
		addr = one
		if comma < 0 || !t.trusts(one) {
			return addr
		}
		list = list[:comma]
	}
}

func (t *clientTable) trusts(host []byte) bool {
	a, ok := parseAddr(host)
	return ok && slices.ContainsFunc(t.trusted, func(p netip.Prefix) bool { return p.Contains(a) })
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
