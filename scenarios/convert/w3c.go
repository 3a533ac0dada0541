package convert

import (
	"bytes"
	"strings"
)

// A w3cParser reads the W3C extended log format (https://www.w3.org/TR/WD-logfile)
// as IIS writes it. The columns are those of the last #Fields line, which may
// change in mid-file, as it does when somebody ticks another box in IIS.
type w3cParser struct {
	columns int // 0 before the first #Fields line
	// Where each value stands in a line; -1 when the log lacks it.
	date, clock, client, forwarded, agent, bytes, status, took int

	day    int64 // from the last #Date line, for logs without a date column
	hasDay bool
	values [][]byte // of the current line
}

// directive takes note of a line that starts with #.
func (p *w3cParser) directive(line []byte) {
	name, value, _ := bytes.Cut(line[1:], []byte(":"))
	value = bytes.TrimSpace(value)
	switch strings.ToLower(string(name)) {
	case "fields":
		p.setFields(strings.Fields(string(value)))
	case "date":
		if len(value) >= 10 {
			p.day, p.hasDay = parseDate(value[:10])
		}
	}
}

func (p *w3cParser) setFields(names []string) {
	p.columns = len(names)
	index := make(map[string]int, len(names))
	for i, name := range names {
		name = strings.ToLower(name)
		if _, twice := index[name]; !twice {
			index[name] = i
		}
	}
	find := func(names ...string) int {
		for _, name := range names {
			if i, ok := index[name]; ok {
				return i
			}
		}
		return -1
	}
	p.date, p.clock = find("date"), find("time")
	p.client = find("c-ip", "c-dns")
	p.forwarded = find("cs(x-forwarded-for)", "x-forwarded-for", "cs(originalip)", "originalip")
	p.agent = find("cs(user-agent)")
	p.bytes, p.status = find("sc-bytes"), find("sc-status")
	p.took = find("time-taken")
}

// parse reads one line of values and returns what is wrong with it, or "".
func (p *w3cParser) parse(line []byte, r *record) (why string) {
	switch {
	case p.columns == 0:
		return "expected a #Fields line before it"
	case p.clock < 0 || p.date < 0 && !p.hasDay:
		return "the #Fields line above lacks date and time"
	case p.client < 0 && p.forwarded < 0:
		return "the #Fields line above lacks the client's address, c-ip"
	}
	if p.split(line); len(p.values) != p.columns {
		return "expected as many values as the #Fields line has names"
	}
	*r = record{format: "W3C extended", host: known(p.value(p.client))}
	day, ok := p.day, true
	if p.date >= 0 {
		day, ok = parseDate(p.values[p.date])
	}
	clock, ok2 := parseClock(p.values[p.clock])
	if !ok || !ok2 {
		return "expected a date like 2006-01-02 and a time like 15:04:05"
	}
	if r.status, ok = parseStatus(p.value(p.status)); !ok {
		return "sc-status: expected three digits or -"
	}
	if r.bytes, ok = parseBytes(p.value(p.bytes)); !ok {
		return "sc-bytes: expected a number of bytes or -"
	}
	if r.took, ok = parseTook(p.value(p.took)); !ok {
		return "time-taken: expected milliseconds or -"
	}
	r.stamp = day + clock
	r.start = r.stamp - r.took // IIS stamps the end of a request
	r.forwarded = known(p.value(p.forwarded))
	if r.host == nil && r.forwarded == nil {
		return "c-ip: expected the client's address"
	}
	r.agent = known(p.value(p.agent))
	for i, c := range r.agent { // in place: the line is read only once
		if c == '+' {
			r.agent[i] = ' '
		}
	}
	return ""
}

var notSaid = []byte("-")

// value returns column i of the current line, "-" where the log has no such
// column.
func (p *w3cParser) value(i int) []byte {
	if i < 0 {
		return notSaid
	}
	return p.values[i]
}

// split cuts a line at spaces and tabs. IIS writes + for a space within a
// value and quotes nothing; other servers quote, as the standard says. So
// quotes count only where the plain reading gives the wrong number of values.
func (p *w3cParser) split(line []byte) {
	p.values = appendWords(p.values[:0], line, false)
	if len(p.values) != p.columns && bytes.IndexByte(line, '"') >= 0 {
		p.values = appendWords(p.values[:0], line, true)
	}
}

func appendWords(words [][]byte, line []byte, quotes bool) [][]byte {
	for {
		line = bytes.TrimLeft(line, " \t")
		if len(line) == 0 {
			return words
		}
		if quotes && line[0] == '"' {
			if text, rest, closed := bytes.Cut(line[1:], []byte(`"`)); closed {
				words, line = append(words, text), rest
				continue
			}
		}
		end := bytes.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
}

// parseTook reads time-taken in nanoseconds: whole milliseconds as IIS writes
// them, or seconds with decimals as the standard has it (and CDNs write it).
func parseTook(b []byte) (ns int64, ok bool) {
	if bytes.IndexByte(b, '.') >= 0 {
		d, why := parseSeconds(string(b))
		return int64(d), why == "" && d <= maxTook
	}
	ms, ok := parseBytes(b) // same form: digits or "-"
	return ms * 1e6, ok && ms <= maxTook.Milliseconds()
}
