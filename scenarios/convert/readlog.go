package convert

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"
)

// limits bound the memory that reading can take, whatever the input.
type limits struct {
	entries     int   // requests or arrivals
	clientBytes int64 // for the clients of a log, or the names of a trace
}

// defaultLimits let the log of a busy day through: 50 million requests take
// 1.6 GB.
var defaultLimits = limits{entries: 50_000_000, clientBytes: 2 << 30}

// badLines is how many malformed lines a Log shows.
const badLines = 10

// ReadOptions adjust how a log is read.
type ReadOptions struct {
	Format    Format         // AnyFormat recognises it
	Forwarded Forwarded      // what X-Forwarded-For is good for
	Trusted   []netip.Prefix // proxies whose X-Forwarded-For is believed; none: all are
}

// ReadLog reads an access log; the package documentation says which formats
// and how. name is used in messages and, by FromLog, to name the scenario.
//
// It returns an error if r cannot be read, if no line is a request (a
// *LineError with the first line that should have been one), and if the log is
// larger than 50 million requests or its clients take more than 2 GiB.
// Compressed data that breaks off leaves a warning, if there were requests
// before the break.
func ReadLog(r io.Reader, name string) (*Log, error) {
	return ReadOptions{}.Read(r, name)
}

// Read is ReadLog with options.
func (o ReadOptions) Read(r io.Reader, name string) (*Log, error) {
	return o.read(r, name, defaultLimits)
}

func (o ReadOptions) read(r io.Reader, name string, limit limits) (*Log, error) {
	in, err := newLineReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b := logReader{log: &Log{Name: name}, clients: newClientTable(), only: o.Format, use: o.Forwarded}
	b.clients.trusted = o.Trusted
	var first sample
	var end error // why there is no further line
	for end == nil && !first.full() {
		end = in.each(first.add)
	}
	b.recognise(&first)
	for _, l := range first.lines {
		if err := b.line(l.text, l.whole, limit); err != nil {
			return nil, err
		}
	}
	for end == nil {
		var tooLarge error
		end = in.each(func(line []byte, whole bool) { tooLarge = b.line(line, whole, limit) })
		if tooLarge != nil {
			return nil, tooLarge
		}
	}
	switch {
	case errors.Is(end, errDamaged) && len(b.log.Entries) > 0:
		b.warn("reading stopped after line %d: %v", in.number, end)
	case end != io.EOF:
		return nil, in.broken(name, end)
	}
	if len(b.log.Entries) == 0 {
		return nil, b.notALog()
	}
	return b.finish(), nil
}

// A logReader collects a Log line by line.
type logReader struct {
	log     *Log
	clients *clientTable
	use     Forwarded
	only    Format // AnyFormat: all
	current Format // the one to try first: that of the last request
	ncsa    ncsaParser
	haproxy haproxyParser
	w3c     w3cParser
	formats []string // found

	// Order of the stamps as written, which are not always the starts.
	latest   int64
	disorder int           // requests stamped earlier than one before them
	setBack  time.Duration // the farthest of those
}

// line reads one line, and returns an error if the log is now too large.
func (b *logReader) line(line []byte, whole bool, limit limits) error {
	b.log.Lines++
	b.read(line, whole)
	if len(b.log.Entries) > limit.entries || b.clients.reserved > limit.clientBytes {
		return fmt.Errorf("%s: line %d: more than %d requests or %d MB of client names; cut the log into parts",
			b.log.Name, b.log.Lines, limit.entries, limit.clientBytes>>20)
	}
	return nil
}

func (b *logReader) read(line []byte, whole bool) {
	switch {
	case !whole:
		b.bad(line, "longer than 1 MiB")
		return
	case len(bytes.TrimSpace(line)) == 0:
		b.log.Skipped++
		return
	case line[0] == '#':
		b.log.Skipped++
		b.w3c.directive(line)
		if b.only == AnyFormat && b.w3c.columns > 0 {
			b.current = W3C
		}
		return
	}
	var r record
	if why := b.parse(line, &r); why != "" {
		b.bad(line, why)
		return
	}
	switch r.skip {
	case overSocket:
		b.log.Skipped++
		b.log.Sockets++
		return
	case answered:
		b.log.Skipped++
		b.log.Answered++
		return
	}
	b.request(line, &r)
}

// request adds a request.
func (b *logReader) request(line []byte, r *record) {
	use := b.use
	switch {
	case use == ByFormat && b.current == W3C:
		use = ForwardedSource
	case use == ByFormat:
		use = IgnoreForwarded
	}
	client, why := b.clients.add(r, use)
	if why != "" {
		b.bad(line, why)
		return
	}
	if r.forwarded != nil {
		b.log.Forwarded++
		if use == IgnoreForwarded {
			b.log.Unused++
		}
	}
	if !slices.Contains(b.formats, r.format) {
		b.formats = append(b.formats, r.format)
	}
	if len(b.log.Entries) > 0 && r.stamp < b.latest {
		b.disorder++
		b.setBack = max(b.setBack, time.Duration(b.latest-r.stamp))
	}
	b.latest = max(b.latest, r.stamp)
	b.log.Entries = append(b.log.Entries, Entry{
		At: time.Duration(r.start), Took: time.Duration(r.took), Bytes: r.bytes, Client: client, Status: r.status,
	})
}

func (b *logReader) bad(line []byte, why string) {
	b.log.Malformed++
	if len(b.log.Bad) < badLines {
		b.log.Bad = append(b.log.Bad, BadLine{Line: b.log.Lines, Text: printable(line), Why: why})
	}
}

func (b *logReader) warn(format string, args ...any) {
	b.log.Warnings = append(b.log.Warnings, fmt.Sprintf(format, args...))
}

// notALog explains that there is not one request in the input.
func (b *logReader) notALog() error {
	expected := map[Format]string{
		AnyFormat: "expected a log of Apache, nginx, HAProxy (HTTP or TCP) or IIS (W3C extended with a #Fields line)",
		NCSA:      "expected an NCSA common or combined log, as Apache and nginx write it",
		HAProxy:   "expected an HTTP or TCP log of HAProxy",
		W3C:       "expected a W3C extended log with a #Fields line, as IIS writes it",
	}[b.only]
	e := &LineError{File: b.log.Name, Line: 1, Col: 1, Text: "no requests; " + expected}
	switch {
	case b.log.Lines == 0:
		e.Text = "the file is empty; " + expected
	case len(b.log.Bad) > 0:
		first := b.log.Bad[0]
		e.Line, e.Source, e.Hint = first.Line, first.Text, first.Why
	case b.log.Sockets+b.log.Answered > 0:
		e.Text = fmt.Sprintf("no requests but for what is left out: %d over unix sockets, %d answered by HAProxy itself", b.log.Sockets, b.log.Answered)
	}
	return e
}
