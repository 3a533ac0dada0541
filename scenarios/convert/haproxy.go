package convert

import (
	"bytes"
	"time"
)

// A haproxyParser reads the lines that HAProxy writes with option httplog,
//
//	client:port [date] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes
//	  cookie cookie state connections queues {headers} {headers} "request"
//
// (Tq and Tt in place of TR and Ta before version 1.7), and option tcplog,
//
//	client:port [date] frontend backend/server Tw/Tc/Tt bytes state connections queues
//
// The date is that of the start, in local time without a zone, and is read as
// UTC. Whatever stands before the client, as syslog puts it there, is ignored,
// and so is what follows the fields above.
//
// Format: https://docs.haproxy.org/3.0/configuration.html#8.2
type haproxyParser struct {
	headers [][]byte // captured of the request, in the current line
	column  int      // of them that is X-Forwarded-For, or -1
}

// haproxyStampLen is the length of "02/Jan/2006:15:04:05.000".
const haproxyStampLen = 24

// parse returns what is wrong with the line, or "".
func (p *haproxyParser) parse(line []byte, r *record) (why string) {
	p.headers = p.headers[:0]
	client, stamp, rest, ok := haproxyStart(line)
	if !ok {
		return "expected client:port [02/Jan/2006:15:04:05.000] as HAProxy writes them"
	}
	host, port, ok := cutPort(client)
	if !ok {
		return "expected the client's address and port before the date"
	}
	*r = record{stamp: stamp, start: stamp, host: host}
	frontend, rest := word(rest)
	server, rest := word(rest)
	_, server, ok = bytes.Cut(server, []byte("/"))
	timers, rest := word(rest)
	times := bytes.Count(timers, []byte("/")) + 1
	if len(frontend) == 0 || !ok || times != 3 && times != 5 {
		return "expected frontend, backend/server and three or five times after the date"
	}
	if r.took, ok = parseTimers(timers); !ok {
		return "expected times in milliseconds, joined by /"
	}
	r.stamp += r.took // when the line was written
	r.format = "HAProxy TCP"
	if times == 5 {
		r.format = "HAProxy HTTP"
		status, after := word(rest)
		if r.status, ok = parseStatus(status); !ok && string(status) != "-1" {
			return "expected a status of three digits after the times"
		}
		rest = after
	}
	size, rest := word(rest)
	if r.bytes, ok = parseBytes(bytes.TrimPrefix(size, []byte("+"))); !ok {
		return "expected the number of bytes"
	}
	if times == 5 {
		_, rest = word(rest) // cookies
		_, rest = word(rest)
	}
	state, rest := word(rest)
	connections, rest := word(rest)
	queues, rest := word(rest)
	if len(state) != times-1 || !counts(connections, 5) || !counts(queues, 2) {
		return "expected the termination state, five counts of connections and two of queues"
	}
	switch {
	case string(host) == "unix" && port != nil:
		r.skip = overSocket
	case bytes.HasPrefix(server, []byte("<")) && (state[0] == 'L' || state[0] == 'P' || state[1] == 'R'):
		r.skip = answered // redirected, denied, or never a whole request
	}
	p.capture(rest)
	r.forwarded = pick(p.headers, p.column)
	return ""
}

// haproxyStart finds the client and the date, which is in brackets.
func haproxyStart(line []byte) (client []byte, stamp int64, rest []byte, ok bool) {
	for at := 0; ; at += 2 {
		next := bytes.Index(line[at:], []byte(" ["))
		if next < 0 {
			return nil, 0, nil, false
		}
		at += next
		date := line[at+2:]
		if len(date) > haproxyStampLen && date[haproxyStampLen] == ']' {
			if stamp, ok = parseHAProxyStamp(date[:haproxyStampLen]); ok {
				client = line[bytes.LastIndexByte(line[:at], ' ')+1 : at]
				return client, stamp, date[haproxyStampLen+1:], true
			}
		}
	}
}

// parseHAProxyStamp reads a time of the form "02/Jan/2006:15:04:05.000".
func parseHAProxyStamp(b []byte) (ns int64, ok bool) {
	if b[2] != '/' || b[6] != '/' || b[11] != ':' {
		return 0, false
	}
	date, ok1 := dateOf(number(b[7:11]), monthOf(b[3:6]), number(b[0:2]))
	clock, ok2 := parseClock(b[12:])
	return date + clock, ok1 && ok2
}

// cutPort cuts "address:port" at the last colon. HAProxy puts no brackets
// around an IPv6 address.
func cutPort(b []byte) (host, port []byte, ok bool) {
	colon := bytes.LastIndexByte(b, ':')
	if colon < 1 || len(b)-colon > 6 || number(b[colon+1:]) < 0 {
		return nil, nil, false
	}
	return b[:colon], b[colon+1:], true
}

// word cuts the first word off b, which may start with spaces.
func word(b []byte) (w, rest []byte) {
	b = bytes.TrimLeft(b, " ")
	w, rest, _ = bytes.Cut(b, []byte(" "))
	return w, rest
}

// parseTimers reads times in milliseconds joined by slashes and returns the
// last one, the total, in nanoseconds. -1 stands for what did not come to
// pass; + stands before a total that is not final.
func parseTimers(b []byte) (total int64, ok bool) {
	for more := true; more; {
		var one []byte
		one, b, more = bytes.Cut(b, []byte("/"))
		one = bytes.TrimPrefix(one, []byte("+"))
		if total = 0; string(one) == "-1" {
			continue
		}
		ms, ok := parseBytes(one) // same form: digits
		if !ok || string(one) == "-" || ms > maxTook.Milliseconds() {
			return 0, false
		}
		total = ms * int64(time.Millisecond)
	}
	return total, true
}

// counts reports whether b has n numbers joined by slashes, the last perhaps
// with a plus before it.
func counts(b []byte, n int) bool {
	for ; n > 0; n-- {
		one, rest, more := bytes.Cut(b, []byte("/"))
		if number(bytes.TrimPrefix(one, []byte("+"))) < 0 || more != (n > 1) {
			return false
		}
		b = rest
	}
	return true
}

// capture splits the first pair of braces, with what was captured of the
// request. The values may hold spaces, and braces too.
func (p *haproxyParser) capture(b []byte) {
	b = bytes.TrimLeft(b, " ")
	if len(b) == 0 || b[0] != '{' {
		return
	}
	end := len(b)
	for _, mark := range []string{"} {", `} "`, "}"} {
		if i := bytes.Index(b, []byte(mark)); i >= 0 && i < end {
			end = i
			break
		}
	}
	for more, rest := true, b[1:end]; more && len(p.headers) < maxColumns; {
		var one []byte
		one, rest, more = bytes.Cut(rest, []byte("|"))
		p.headers = append(p.headers, one)
	}
}
