package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// Diagnose reads a capture, pcap or pcapng, plain or gzip, and finds out where
// acknowledgements were delayed and what that cost. name is used in messages and
// to name the scenario.
//
// It returns an error if r cannot be read, is no capture, or has no packet of
// TCP. A file that is damaged or ends within a packet is read up to there, with
// a warning. What is not TCP, or cannot be understood, is counted.
func Diagnose(r io.Reader, name string, o Options) (*Diagnosis, error) {
	f, err := open(r)
	if err != nil {
		return nil, fmt.Errorf("%s: error: %w", printable(name), err)
	}
	d := &diagnoser{name: name, file: f}
	d.timers = [2]map[string]int{{}, {}}
	d.table = table{open: map[key]*connection{}, limit: cmp.Or(max(o.Open, 0), 100_000), done: d.done}
	d.worst.most = cmp.Or(max(o.Shown, 0), 1000)
	end := d.read()
	if end != nil && d.count[isTCP] == 0 && d.packets == 0 {
		return nil, fmt.Errorf("%s: error: %w", printable(name), cutHeader(end))
	}
	if end != nil {
		d.warn("%v; what was read before it: %s", end, plural(d.packets, "packet"))
	}
	if d.count[isTCP] == 0 {
		return nil, fmt.Errorf("%s: error: %w", printable(name), d.nothing())
	}
	d.table.finish()
	return d.diagnosis(), nil
}

// A diagnoser collects a Diagnosis.
type diagnoser struct {
	name  string
	file  *file
	table table
	worst worst

	packets     int
	count       [kinds]int
	links       []uint32 // those with packets
	first, last int64
	warnings    []string

	found       findings
	connections int
	exchanges   int
	duration    time.Duration
	oneSided    int // connections of which one direction is missing
	copies      int
	backward    int
	retransmits int
	shapes      map[shape]int
	timers      [2]map[string]int // connections with a timer of that kind, by the end that it delays
}

// mostKinds bounds how many kinds of exchange, and of link types, are kept.
const mostKinds = 1000

// read reads all packets. It returns why it stopped before the end.
func (d *diagnoser) read() error {
	d.shapes = map[shape]int{}
	var p packet
	var s segment
	for {
		err := d.file.next(&p)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		d.packets++
		if !slices.Contains(d.links, p.link) && len(d.links) < 8 {
			d.links = append(d.links, p.link)
		}
		k := p.decode(&s)
		d.count[k]++
		if k != isTCP {
			continue
		}
		if d.count[isTCP] == 1 {
			d.first, d.last = s.at, s.at
		}
		d.first, d.last = min(d.first, s.at), max(d.last, s.at)
		d.table.add(&s)
	}
}

// done takes a connection that is over.
func (d *diagnoser) done(c *connection) {
	a, b := &c.half[client], &c.half[server]
	if !a.syn && !b.syn && a.bytes+b.bytes == 0 {
		return // the last acknowledgements of a connection that was over
	}
	d.connections++
	d.copies += c.copies
	d.backward += c.backward
	d.retransmits += a.retransmitted + b.retransmitted
	if !a.seen || !b.seen {
		d.oneSided++
		return // what one end did cannot be told
	}
	d.exchanges += c.turns.completed
	d.duration += min(c.duration(), math.MaxInt64-d.duration)
	d.found.join(&c.found)
	for end := range d.timers {
		if m := c.found.delayed(1 - end); m.n >= leastSample {
			d.timers[end][m.timer().Kind]++
		}
	}
	for _, s := range c.turns.shapes {
		if _, known := d.shapes[s.shape]; known || len(d.shapes) < mostKinds {
			d.shapes[s.shape] += s.n
		}
	}
	d.worst.add(c)
}

func (d *diagnoser) warn(format string, args ...any) {
	d.warnings = append(d.warnings, fmt.Sprintf(format, args...))
}

// nothing says why there is no packet of TCP.
func (d *diagnoser) nothing() error {
	if d.packets == 0 && d.file.untimed == 0 {
		return errors.New("the capture has no packets")
	}
	var others []string
	add := func(n int, what string) {
		if n > 0 {
			others = append(others, fmt.Sprintf("%d %s", n, what))
		}
	}
	if n := d.count[isForeign]; n > 0 {
		add(n, "of a link type that is not read: "+d.linkNames())
	}
	add(d.count[isOther], "of other protocols")
	add(d.count[isFragment], "fragments")
	add(d.count[isCut], "cut off before the end of their headers")
	add(d.count[isMalformed], "malformed")
	add(d.file.untimed, "without a time")
	return fmt.Errorf("no packet of TCP among %d: %s", d.packets+d.file.untimed, strings.Join(others, ", "))
}

func (d *diagnoser) linkNames() string {
	var names []string
	for _, l := range d.links {
		if name := linkName(l); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// plural returns "1 packet", "2 packets".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
