package convert

import (
	"net/netip"
	"time"
)

// A Log is an access log after reading: who asked, when, for how much.
// Always Lines = len(Entries) + Skipped + Malformed.
type Log struct {
	Name    string    // as given to ReadLog
	Format  string    // such as "NCSA combined"; several are joined by " and "
	First   time.Time // t = 0: the start of the earliest request, in UTC
	Entries []Entry   // by time; those of one instant in file order
	Clients []Client  // in order of first appearance in Entries

	Lines     int       // all lines of the file
	Skipped   int       // lines that are no request of a client to a server: the two below, blank lines, comments
	Sockets   int       // of those: connections over unix sockets, which have no address
	Answered  int       // of those: answered or refused by HAProxy itself, for no server
	Malformed int       // lines that are neither skipped nor a request
	Bad       []BadLine // the first 10 of the malformed lines
	Warnings  []string  // what a user should know before trusting the log

	Forwarded int // requests with a list of addresses from X-Forwarded-For
	Unused    int // of those: the list was ignored
}

// An Entry is one request.
type Entry struct {
	At     time.Duration // start of the request, since t = 0; never negative
	Took   time.Duration // how long it took; 0 when the log does not say
	Bytes  int64         // size of the answer; 0 when the log does not say
	Client int32         // index into Log.Clients
	Status int16         // HTTP status; 0 when the log does not say
}

// A Client is one address with one user agent, or with one client behind it
// that X-Forwarded-For names.
type Client struct {
	Addr     netip.Addr // IPv4, or IPv6 without zone; fictitious when Name is set
	Name     string     // as written, when the log has a host name; else ""
	Agent    string     // user agent as logged; "" when the log does not say
	Behind   netip.Addr // of the client behind Addr, with ForwardedClient; else invalid
	Requests int
	Bytes    int64
}

// person is what tells people apart. A public address behind a proxy is the
// same client behind the next proxy; a private one is not.
func (c *Client) person() Client {
	p := *c
	p.Requests, p.Bytes = 0, 0
	if c.Behind.IsValid() && !isPrivate(c.Behind) {
		p.Addr, p.Name = netip.Addr{}, ""
	}
	return p
}

// people numbers the people in order of first appearance: for each of Clients
// its number.
func (l *Log) people() (number []int32, count int) {
	index := make(map[Client]int32)
	for i := range l.Clients {
		p := l.Clients[i].person()
		n, known := index[p]
		if !known {
			n = int32(len(index))
			index[p] = n
		}
		number = append(number, n)
	}
	return number, len(index)
}

// A BadLine is a line that could not be read.
type BadLine struct {
	Line int    `json:"line"` // counted from 1
	Text string `json:"text"` // its first 80 characters, unprintable ones replaced by dots
	Why  string `json:"why"`  // what was expected
}

// An Address is what all clients behind one source address did: the grain at
// which source-IP persistence and source hashing see the world.
type Address struct {
	Addr     netip.Addr
	Name     string // as in Client
	Clients  int
	Requests int
	Sessions int // only from Sources
	Bytes    int64
}

// Addresses returns the distinct addresses in order of first appearance.
func (l *Log) Addresses() []Address {
	index := make(map[netip.Addr]int, len(l.Clients))
	var list []Address
	for _, c := range l.Clients {
		i, known := index[c.Addr]
		if !known {
			i = len(list)
			index[c.Addr] = i
			list = append(list, Address{Addr: c.Addr, Name: c.Name})
		}
		a := &list[i]
		a.Clients++
		a.Requests += c.Requests
		a.Bytes = addBytes(a.Bytes, c.Bytes)
	}
	return list
}

// Span is the time from the first request to the start of the last one.
func (l *Log) Span() time.Duration {
	if len(l.Entries) == 0 {
		return 0
	}
	return l.Entries[len(l.Entries)-1].At
}

// HasTimes reports whether the log says how long requests took.
func (l *Log) HasTimes() bool {
	for i := range l.Entries {
		if l.Entries[i].Took > 0 {
			return true
		}
	}
	return false
}

// PerAddress returns how the requests concentrate on source addresses.
func (l *Log) PerAddress() Concentration {
	var counts []int64
	for _, a := range l.Addresses() {
		counts = append(counts, int64(a.Requests))
	}
	return Measure(counts)
}
