package experiment_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// The counts here are made anew from the raw text of the logs, in the plainest
// way: package convert, which reads them for the scenarios, has no part in it.

const (
	nasa   = "nasa-1995-08-01.log.gz"
	apache = "apache-2015.log.gz"
)

// logFile returns a bundled log.
func logFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(scenarios.Library(), name)
	if name == apache {
		data, err = os.ReadFile("../convert/testdata/" + name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// hit is a line of a log.
type hit struct {
	at    time.Time
	addr  string
	agent string // "" where the log does not say
}

// hits reads the lines of a log in order of time.
func hits(t *testing.T, name string) (list []hit) {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(logFile(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		addr, _, _ := strings.Cut(line, " ")
		stamp := line[strings.Index(line, "[")+1 : strings.Index(line, "]")]
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", stamp)
		if err != nil {
			t.Fatal(err)
		}
		quoted := strings.Split(line, `"`)
		agent := ""
		if len(quoted) == 7 { // request, referer, agent
			agent = quoted[5]
		}
		list = append(list, hit{at, addr, agent})
	}
	slices.SortStableFunc(list, func(a, b hit) int { return a.at.Compare(b.at) })
	return list
}

// tally is what a server got.
type tally struct{ Requests, Addresses, Users int }

// tallies counts what went where.
type tallies struct {
	servers []tally
	seen    map[string]bool
}

func newTallies(servers int) *tallies {
	return &tallies{make([]tally, servers), map[string]bool{}}
}

func (c *tallies) add(server int, addr, user string) {
	s := &c.servers[server]
	s.Requests++
	for _, x := range []struct {
		key   string
		count *int
	}{{"address " + addr, &s.Addresses}, {"user " + user, &s.Users}} {
		if key := fmt.Sprint(server, x.key); !c.seen[key] {
			c.seen[key] = true
			*x.count++
		}
	}
}

// replayLog runs a log through a balancer whose service has the given lines
// added, and counts.
func replayLog(t *testing.T, log string, servers int, service string) []tally {
	t.Helper()
	const text = `name: log
duration: %s
sites: [{name: web, log: log.gz}]
traffic: [{name: visits, from: [web], arrivals: trace}]
balancer: {services: [{name: www, servers: ["s[1-%d]"], %s}]}
servers: [{names: "s[1-%d]"}]
`
	duration := map[string]string{nasa: "12h53m", apache: "84h"}[log]
	rows := assignments(t, scenarios.Source{
		Name:   "log.yaml",
		Text:   fmt.Appendf(nil, text, duration, servers, service, servers),
		Folder: fstest.MapFS{"log.gz": {Data: logFile(t, log)}},
	})
	c := newTallies(servers)
	for _, r := range rows {
		var server int
		if _, err := fmt.Sscanf(r["server"], "s%d", &server); err != nil {
			t.Fatal(err)
		}
		c.add(server-1, r["src"], r["client"])
	}
	return c.servers
}

// assignments runs a scenario and returns the rows of its assignments.csv by
// column.
func assignments(t *testing.T, src scenarios.Source) (rows []map[string]string) {
	t.Helper()
	o := perform(t, load(t, src), experiment.Options{Assignments: true})
	var b bytes.Buffer
	if err := o.WriteAssignments(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	header := strings.Split(lines[0], ",")
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, field := range strings.Split(line, ",") {
			row[header[i]] = field
		}
		rows = append(rows, row)
	}
	return rows
}

// Source hashes of two real logs, against figures that other programs made and
// against a count here.
func TestSourceHashOfLogs(t *testing.T) {
	data, err := os.ReadFile("testdata/source-hash.json")
	if err != nil {
		t.Fatal(err)
	}
	var references []struct {
		Log, Hash         string
		Servers           int
		Requests, Clients []int
	}
	if err := json.Unmarshal(data, &references); err != nil {
		t.Fatal(err)
	}
	for _, r := range references {
		t.Run(fmt.Sprintf("%s over %d by %s", r.Log, r.Servers, r.Hash), func(t *testing.T) {
			t.Parallel()
			got := replayLog(t, r.Log, r.Servers, fmt.Sprintf("scheduler: {kind: source-hash, hash: %s}", r.Hash))
			own := newTallies(r.Servers)
			for _, h := range hits(t, r.Log) {
				own.add(int(hashes[r.Hash](h.addr)%uint64(r.Servers)), h.addr, h.addr+" "+h.agent)
			}
			if diff := cmp.Diff(own.servers, got); diff != "" {
				t.Errorf("differs from the count (-) here:\n%s", diff)
			}
			for s := range got {
				if got[s].Requests != r.Requests[s] || got[s].Addresses != r.Clients[s] {
					t.Errorf("s%d has %d requests of %d addresses, want %d of %d", s+1, got[s].Requests, got[s].Addresses, r.Requests[s], r.Clients[s])
				}
			}
		})
	}
}

// hashes of a dotted address.
var hashes = map[string]func(string) uint64{
	"fnv1a-text": func(s string) uint64 { return fnv32([]byte(s)) },
	"fnv1a": func(s string) uint64 {
		n := number(s)
		return fnv32([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	},
	"splitmix64": func(s string) uint64 {
		x := number(s) + 0x9E3779B97F4A7C15
		x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
		x = (x ^ x>>27) * 0x94D049BB133111EB
		return x ^ x>>31
	},
	"address": number,
}

func number(dotted string) (n uint64) {
	var a, b, c, d uint64
	fmt.Sscanf(dotted, "%d.%d.%d.%d", &a, &b, &c, &d)
	return a<<24 | b<<16 | c<<8 | d
}

func fnv32(b []byte) uint64 {
	h := uint32(0x811c9dc5)
	for _, x := range b {
		h ^= uint32(x)
		h *= 0x01000193
	}
	return uint64(h)
}

// A table of source addresses whose records live for a time-out after the last
// request, against a few lines that keep such a table.
func TestSourceIPPersistenceOfLogs(t *testing.T) {
	for _, log := range []string{nasa, apache} {
		for _, timeout := range []time.Duration{time.Hour, time.Minute} {
			for _, servers := range []int{2, 4, 7} {
				t.Run(fmt.Sprintf("%s over %d for %v", log, servers, timeout), func(t *testing.T) {
					t.Parallel()
					service := fmt.Sprintf("scheduler: round-robin, persistence: {kind: source-ip, timeout: %.0fs}", timeout.Seconds())
					got := replayLog(t, log, servers, service)
					type record struct {
						server int
						until  time.Time
					}
					table := map[string]record{}
					next := 0
					own := newTallies(servers)
					for _, h := range hits(t, log) {
						r, known := table[h.addr]
						if !known || !h.at.Before(r.until) {
							r.server = next
							next = (next + 1) % servers
						}
						r.until = h.at.Add(timeout)
						table[h.addr] = r
						own.add(r.server, h.addr, h.addr+" "+h.agent)
					}
					if diff := cmp.Diff(own.servers, got); diff != "" {
						t.Errorf("differs from the table (-) here:\n%s", diff)
					}
				})
			}
		}
	}
}

// Without persistence every request goes to the next server.
func TestNoPersistenceOfLogs(t *testing.T) {
	for _, servers := range []int{2, 4, 7} {
		got := replayLog(t, nasa, servers, "scheduler: round-robin, persistence: none")
		own := newTallies(servers)
		for i, h := range hits(t, nasa) {
			own.add(i%servers, h.addr, h.addr+" "+h.agent)
		}
		if diff := cmp.Diff(own.servers, got); diff != "" {
			t.Errorf("%d servers: differs from requests in turn (-):\n%s", servers, diff)
		}
	}
}
