package results

import (
	"bufio"
	"io"
	"net/netip"
	"strconv"

	"lbsim/models/flow"
	"lbsim/sim"
)

// row is one connection attempt.
type row struct {
	at, end sim.Time // end -1: still open
	known   bool     // false: the attempt still waits in the balancer's queue
	taken   bool     // its server took it
	client  flow.ClientID
	addr    flow.AddrID
	server  int32
	service uint16
	outcome flow.Outcome
}

// addRow records what became of an attempt. Rows stand at the numbers of their
// attempts: one that waits in the balancer's queue is reported after later
// ones, or never.
func (r *Recorder) addRow(c *flow.Conn, o flow.Outcome, now sim.Time) {
	for int(c.Seq) >= len(r.rows) {
		r.rows = append(r.rows, row{})
	}
	x := row{at: c.Tried, end: -1, known: true, taken: o == flow.Accepted, client: c.Client, addr: c.Addr, service: c.Service, server: c.Server, outcome: o}
	if o != flow.Accepted {
		x.end = now
	}
	r.rows[c.Seq] = x
}

// Rows returns the number of connection attempts recorded so far.
func (r *Recorder) Rows() int { return len(r.rows) }

// closeRow completes the row of a connection that ends.
func (r *Recorder) closeRow(c *flow.Conn, o flow.Outcome, now sim.Time) {
	r.rows[c.Seq].end, r.rows[c.Seq].outcome = now, o
}

// Assignments is the record of every connection attempt of one replication, in
// the order in which they were made.
type Assignments struct {
	rows     []row
	services []string
	servers  []string
	addrs    []netip.Addr
	client   func(flow.ClientID) string
}

// Assignments returns the record. client gives the clients' names.
func (r *Recorder) Assignments(addrs []netip.Addr, client func(flow.ClientID) string) *Assignments {
	a := &Assignments{rows: r.rows, servers: r.setting.Servers, addrs: addrs, client: client}
	for _, s := range r.setting.Services {
		a.services = append(a.services, s.Name)
	}
	return a
}

// Servers returns which server took each attempt, by its number, flow.NoServer where
// none did.
func (a *Assignments) Servers() []int32 {
	servers := make([]int32, len(a.rows))
	for i := range a.rows {
		if servers[i] = a.rows[i].server; !a.rows[i].taken {
			servers[i] = flow.NoServer
		}
	}
	return servers
}

// AssignmentsHeader is the first line of assignments.csv.
const AssignmentsHeader = "replication,t_s,conn,client,src,service,server,end_s,outcome"

// Write appends the rows of one replication as CSV. variant, when not empty,
// is added as a last column. A connection that is still open has no end_s and
// the outcome "present"; one that no server took has no server.
func (a *Assignments) Write(w io.Writer, replication int, variant string) error {
	b := bufio.NewWriter(w)
	var line []byte
	for seq, x := range a.rows {
		if !x.known {
			continue
		}
		line = strconv.AppendInt(line[:0], int64(replication), 10)
		line = append(line, ',')
		line = appendSeconds(line, x.at)
		line = append(line, ',')
		line = strconv.AppendUint(line, uint64(seq), 10)
		line = append(line, ',')
		line = appendField(line, a.client(x.client))
		line = append(line, ',')
		line = a.addrs[x.addr].AppendTo(line)
		line = append(line, ',')
		line = appendField(line, a.services[x.service])
		line = append(line, ',')
		if x.server >= 0 {
			line = appendField(line, a.servers[x.server])
		}
		line = append(line, ',')
		if x.end >= 0 {
			line = appendSeconds(line, x.end)
		}
		line = append(line, ',')
		line = append(line, x.outcome.String()...)
		if variant != "" {
			line = append(line, ',')
			line = appendField(line, variant)
		}
		line = append(line, '\n')
		if _, err := b.Write(line); err != nil {
			return err
		}
	}
	return b.Flush()
}

// appendSeconds appends a time as exact decimal seconds.
func appendSeconds(b []byte, t sim.Time) []byte {
	b = strconv.AppendInt(b, int64(t)/1e9, 10)
	frac := int64(t) % 1e9
	if frac == 0 {
		return b
	}
	b = append(b, '.')
	digits := strconv.FormatInt(1e9+frac, 10)[1:]
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(b, digits...)
}

// appendField appends a CSV field, quoted if it has to be (RFC 4180).
func appendField(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c == ',' || c == '"' || c == '\n' || c == '\r' {
			plain = false
		}
	}
	if plain {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}
