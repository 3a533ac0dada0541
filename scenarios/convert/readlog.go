package convert

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

// ReadLog reads an access log; the package documentation says which formats
// and how. name is used in messages and, by FromLog, to name the scenario.
//
// It returns an error if r cannot be read, if no line is a request (a
// *LineError with the first line that should have been one), and if the log is
// larger than 50 million requests or its clients take more than 2 GiB.
// Compressed data that breaks off leaves a warning, if there were requests
// before the break.
func ReadLog(r io.Reader, name string) (*Log, error) {
	return readLog(r, name, defaultLimits)
}

func readLog(r io.Reader, name string, limit limits) (*Log, error) {
	in, err := newLineReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b := logReader{log: &Log{Name: name}, clients: newClientTable()}
	for {
		line, whole, err := in.next()
		if err == io.EOF {
			break
		}
		if errors.Is(err, errDamaged) && len(b.log.Entries) > 0 {
			b.warn("reading stopped after line %d: %v", in.number, err)
			break
		}
		if err != nil {
			return nil, in.broken(name, err)
		}
		b.line(line, whole)
		if len(b.log.Entries) > limit.entries || b.clients.reserved > limit.clientBytes {
			return nil, fmt.Errorf("%s: line %d: more than %d requests or %d MB of client names; cut the log into parts",
				name, in.number, limit.entries, limit.clientBytes>>20)
		}
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
	w3c     w3cParser
	useW3C  bool // the format to try first: that of the last request
	formats []string

	// Order of the stamps as written, which are not always the starts.
	latest   int64
	disorder int           // requests stamped earlier than one before them
	setBack  time.Duration // the farthest of those
}

// line reads one line.
func (b *logReader) line(line []byte, whole bool) {
	b.log.Lines++
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
		b.useW3C = b.w3c.columns > 0
		return
	}
	var r record
	why := b.parse(line, &r)
	if why != "" {
		b.bad(line, why)
		return
	}
	client, why := b.clients.add(&r)
	if why != "" {
		b.bad(line, why)
		return
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

// parse tries the format of the line before first: files of several servers
// get joined. What is wrong with a line is said in terms of that format.
func (b *logReader) parse(line []byte, r *record) (why string) {
	if b.useW3C {
		why = b.w3c.parse(line, r)
		if why != "" && parseNCSA(line, r) == "" {
			b.useW3C, why = false, ""
		}
		return why
	}
	why = parseNCSA(line, r)
	if why != "" && b.w3c.parse(line, r) == "" {
		b.useW3C, why = true, ""
	}
	return why
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
	const expected = "expected an NCSA common or combined log, or a W3C extended log with a #Fields line"
	e := &LineError{File: b.log.Name, Line: 1, Col: 1, Text: "no requests; " + expected}
	switch {
	case b.log.Lines == 0:
		e.Text = "the file is empty; " + expected
	case len(b.log.Bad) > 0:
		first := b.log.Bad[0]
		e.Line, e.Source, e.Hint = first.Line, first.Text, first.Why
	}
	return e
}
