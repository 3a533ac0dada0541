package convert

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// traceColumns are the columns that ReadTrace understands.
var traceColumns = []string{"t_s", "client", "src", "hold_s", "end_s", "service", "demand_s"}

// A traceReader collects a Trace row by row.
type traceReader struct {
	trace        *Trace
	columns      []string // what each column holds, "" for one to ignore; nil before the header
	replications bool     // the file has a column of that name: lbsim recorded it
	clients      map[string]int32
	services     map[string]int32
	sources      map[string]netip.Addr
	reserved     int64 // rough size of the three maps and of the values of keys, in bytes
	errs         []error

	// The current line.
	line   int
	text   []byte
	fields []csvField
}

func newTraceReader(name string) *traceReader {
	return &traceReader{
		trace:    &Trace{Name: name},
		clients:  make(map[string]int32),
		services: make(map[string]int32),
		sources:  make(map[string]netip.Addr),
	}
}

func (b *traceReader) startLine(number int, text []byte) {
	b.line, b.text = number, text
	b.fields = splitCSV(b.fields[:0], text)
}

// fail notes an error at column i of the current line.
func (b *traceReader) fail(i int, hint, format string, args ...any) {
	col := 1
	if i < len(b.fields) {
		col = b.fields[i].col
	}
	b.errs = append(b.errs, &LineError{
		File: b.trace.Name, Line: b.line, Col: col,
		Text: fmt.Sprintf(format, args...), Hint: hint, Source: printable(b.text),
	})
}

// row reads one arrival.
func (b *traceReader) row() {
	if got, want := len(b.fields), len(b.columns); got != want {
		b.fail(min(got, want), "", "%d values in a row of %d columns", got, want)
		return
	}
	a := Arrival{Service: -1}
	before, key := len(b.errs), 0
	end, endColumn := time.Duration(0), -1
	for i, column := range b.columns {
		switch text := b.fields[i].text; column {
		case "t_s":
			a.At = b.seconds(i)
		case "client":
			a.Client = b.name(i, b.clients, &b.trace.Clients)
		case "src":
			a.Src = b.address(i)
		case "hold_s":
			a.Hold = b.seconds(i)
		case "end_s":
			end, endColumn = b.seconds(i), i
		case "service":
			if text != "" {
				a.Service = b.name(i, b.services, &b.trace.Services)
			}
		case "demand_s":
			if a.HasDemand = text != ""; a.HasDemand {
				a.Demand = b.seconds(i)
			}
		case "":
		default: // of a key
			b.trace.Values[key] = append(b.trace.Values[key], b.value(i))
			key, b.reserved = key+1, b.reserved+4
		}
	}
	if len(b.errs) > before {
		return
	}
	if endColumn >= 0 {
		if a.Hold = end - a.At; a.Hold < 0 {
			b.fail(endColumn, "", "end_s: %s is before t_s", b.fields[endColumn].text)
			return
		}
	}
	b.arrive(a)
}

// arrive appends a, which must not be earlier than the arrival before it.
func (b *traceReader) arrive(a Arrival) {
	if n := len(b.trace.Arrivals); n > 0 && a.At < b.trace.Arrivals[n-1].At {
		i, hint := 0, "sort the rows by t_s"
		for b.columns[i] != "t_s" {
			i++
		}
		if b.replications {
			hint = "keep the rows of one replication"
		}
		last := appendSeconds(nil, b.trace.Arrivals[n-1].At)
		b.fail(i, hint, "t_s: %s is earlier than %s above it", b.fields[i].text, last)
		return
	}
	b.trace.Arrivals = append(b.trace.Arrivals, a)
}

// value reads the number of a key's value, -1 where there is none.
func (b *traceReader) value(i int) int32 {
	text := b.fields[i].text
	if text == "" {
		return -1
	}
	x, err := strconv.ParseUint(text, 10, 32)
	if err != nil || x > maxValue {
		b.fail(i, "", "%s: %q is not a whole number from 0 to %d", b.columns[i], printable([]byte(text)), maxValue)
	}
	return int32(min(x, maxValue))
}

func (b *traceReader) seconds(i int) time.Duration {
	d, why := parseSeconds(b.fields[i].text)
	if why != "" {
		b.fail(i, "", "%s: %q %s", b.columns[i], printable([]byte(b.fields[i].text)), why)
	}
	return d
}

func (b *traceReader) address(i int) netip.Addr {
	text := b.fields[i].text
	addr, ok := b.sources[text]
	if !ok {
		parsed, err := netip.ParseAddr(text)
		if err != nil || parsed.Zone() != "" {
			b.fail(i, "", "src: %q is not an IP address", printable([]byte(text)))
			return addr
		}
		addr = parsed.Unmap()
		b.sources[strings.Clone(text)] = addr
		b.reserved += entrySize + int64(len(text))
	}
	return addr
}

// name numbers a client or a service in order of first appearance.
func (b *traceReader) name(i int, known map[string]int32, list *[]string) int32 {
	text := b.fields[i].text
	index, ok := known[text]
	if !ok {
		if !isName(text) {
			b.fail(i, "", "%s: %q is not a name", b.columns[i], printable([]byte(text)))
			return 0
		}
		index = int32(len(*list))
		text = strings.Clone(text)
		*list = append(*list, text)
		known[text] = index
		b.reserved += entrySize + int64(len(text))
	}
	return index
}
