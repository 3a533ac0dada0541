package convert

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxErrors is how many errors ReadTrace reports before it stops reading.
const maxErrors = 20

// ReadTrace reads a trace in CSV, plain or gzip:
//
//	t_s,client,src,hold_s[,service,demand_s]
//
// The first line names the columns, in any order; columns with other names are
// ignored. Without hold_s a column end_s will do: a connection then lasts from
// t_s to end_s. Times are seconds, 0 to 100 years, exact to the nanosecond;
// t_s must not decrease. client and service are any text without control
// characters, src is an IP address. An empty service or demand_s means that
// the trace does not say. A column key:NAME has the values of the key of that name,
// of which there are up to 100: whole numbers from 0 to 999999, or none. Blank lines
// are skipped.
//
// Any bad row is an error: ReadTrace returns up to 20 of them, *LineErrors in
// the order of the file, joined by errors.Join. name is the file to name in
// them.
func ReadTrace(r io.Reader, name string) (*Trace, error) {
	return readTrace(r, name, defaultLimits)
}

func readTrace(r io.Reader, name string, limit limits) (*Trace, error) {
	in, err := newLineReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b := newTraceReader(name)
	for len(b.errs) <= maxErrors {
		line, whole, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, in.broken(name, err)
		}
		b.startLine(in.number, line)
		switch {
		case !whole:
			b.fail(0, "", "longer than 1 MiB")
		case strings.TrimSpace(string(line)) == "":
		case b.columns == nil:
			b.header()
		default:
			b.row()
		}
		if b.columns == nil && len(b.errs) > 0 {
			break // without its header the rest means nothing
		}
		if len(b.trace.Arrivals) > limit.entries || b.reserved > limit.clientBytes {
			return nil, fmt.Errorf("%s: line %d: more than %d arrivals or %d MB of names; cut the trace into parts",
				name, in.number, limit.entries, limit.clientBytes>>20)
		}
	}
	return b.result()
}

func (b *traceReader) result() (*Trace, error) {
	if b.columns == nil && len(b.errs) == 0 {
		b.startLine(1, nil)
		b.fail(0, "write "+traceHeader, "the file is empty; expected a header that names the columns")
	}
	if b.columns != nil && len(b.errs) == 0 && len(b.trace.Arrivals) == 0 {
		b.startLine(1, b.text)
		b.fail(0, "", "the trace has no rows")
	}
	if len(b.errs) > maxErrors {
		b.errs = append(b.errs[:maxErrors], fmt.Errorf("%s: more errors follow; only the first %d are shown", b.trace.Name, maxErrors))
	}
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	return b.trace, nil
}

const traceHeader = "t_s,client,src,hold_s[,service,demand_s]"

// header finds the columns in the first line.
func (b *traceReader) header() {
	names := make([]string, len(b.fields))
	for i, f := range b.fields {
		names[i] = f.text
		if key, ok := strings.CutPrefix(f.text, keyColumn); ok && isName(key) && len(b.trace.Keys) < maxKeys {
			b.trace.Keys = append(b.trace.Keys, key)
		} else if !slices.Contains(traceColumns, f.text) {
			names[i] = ""
			continue
		}
		if slices.Contains(names[:i], f.text) {
			b.fail(i, "", "%s: the column is there twice", f.text)
			return
		}
	}
	var missing []string
	for _, need := range []string{"t_s", "client", "src"} {
		if !slices.Contains(names, need) {
			missing = append(missing, need)
		}
	}
	if !slices.Contains(names, "hold_s") && !slices.Contains(names, "end_s") {
		missing = append(missing, "hold_s (or end_s)")
	}
	if len(missing) > 0 {
		b.fail(0, "write "+traceHeader, "the header lacks %s", strings.Join(missing, ", "))
		return
	}
	if i := slices.Index(names, "end_s"); i >= 0 && slices.Contains(names, "hold_s") {
		names[i] = "" // hold_s says it already
	}
	b.columns = names
	if n := len(b.trace.Keys); n > 0 {
		b.trace.Values = make([][]int32, n)
	}
	b.replications = slices.ContainsFunc(b.fields, func(f csvField) bool { return f.text == "replication" })
}
