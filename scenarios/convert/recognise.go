package convert

import "bytes"

// A Format is a family of log formats whose lines are read by one parser.
type Format uint8

// AnyFormat recognises each line, preferring the format of most of the first
// lines and then that of the line before.
const (
	AnyFormat Format = iota
	NCSA             // common and combined, as Apache and nginx write them
	HAProxy          // HTTP and TCP
	W3C              // extended, as IIS writes it
)

// FormatNames are the values as they are written on the command line.
var FormatNames = []string{"auto", "ncsa", "haproxy", "w3c"}

func (f Format) String() string { return FormatNames[f] }

// A sample is the first lines of a log, kept to recognise the format before
// they are read. Its bounds keep it in memory whatever the log.
type sample struct {
	lines []sampleLine
	bytes int
}

type sampleLine struct {
	text  []byte
	whole bool
}

const (
	sampleLines = 1000
	sampleBytes = 1 << 20
)

func (s *sample) full() bool { return len(s.lines) == sampleLines || s.bytes >= sampleBytes }

func (s *sample) add(line []byte, whole bool) {
	s.lines = append(s.lines, sampleLine{bytes.Clone(line), whole})
	s.bytes += len(line)
}

// recognise chooses the format to try first, unless it is given, and finds
// the fields that hold X-Forwarded-For.
func (b *logReader) recognise(s *sample) {
	b.ncsa.column, b.haproxy.column = -1, -1
	var count [len(formats)]int
	var ncsa, haproxy columns
	var w3c w3cParser
	var r record
	for _, l := range s.lines {
		if !l.whole || len(l.text) == 0 {
			continue
		}
		if l.text[0] == '#' {
			w3c.directive(l.text)
			continue
		}
		if b.ncsa.parse(l.text, &r) == "" {
			count[NCSA]++
			ncsa.note(b.ncsa.extra)
		}
		if b.haproxy.parse(l.text, &r) == "" {
			count[HAProxy]++
			haproxy.note(b.haproxy.headers)
		}
		if w3c.parse(bytes.Clone(l.text), &r) == "" { // it writes into the line
			count[W3C]++
		}
	}
	b.ncsa.column, b.haproxy.column = ncsa.forwarded(), haproxy.forwarded()
	if b.current = b.only; b.only == AnyFormat {
		b.current = NCSA
		for _, f := range formats[1:] {
			if count[f] > count[b.current] {
				b.current = f
			}
		}
	}
}

var formats = [...]Format{AnyFormat, NCSA, HAProxy, W3C}

// parse tries the format of the line before first: files of several servers
// get joined. What is wrong with a line is said in terms of that format.
func (b *logReader) parse(line []byte, r *record) (why string) {
	why = b.parseAs(b.current, line, r)
	if why == "" || b.only != AnyFormat {
		return why
	}
	for _, f := range formats[1:] {
		if f != b.current && b.parseAs(f, line, r) == "" {
			b.current = f
			return ""
		}
	}
	return why
}

func (b *logReader) parseAs(f Format, line []byte, r *record) (why string) {
	switch f {
	case HAProxy:
		return b.haproxy.parse(line, r)
	case W3C:
		return b.w3c.parse(line, r)
	}
	return b.ncsa.parse(line, r)
}
