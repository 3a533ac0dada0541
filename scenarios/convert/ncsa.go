package convert

import "bytes"

// A record is what one line of a log says, before clients are numbered. Its
// slices point into the line.
type record struct {
	format    string
	stamp     int64  // as written, in nanoseconds since 1970
	start     int64  // of the request, in the same unit
	took      int64  // nanoseconds; 0 when not said
	host      []byte // address or name of the client
	forwarded []byte // address of the client behind a proxy; nil when not said
	agent     []byte // nil when not said
	bytes     int64
	status    int16
}

// parseNCSA reads a line of the common format,
//
//	host identity user [time] "request" status bytes
//
// or of the combined format, which appends "referer" "agent". Apache's variant
// with the virtual host in front is understood too; what follows the known
// fields is not read. It returns what is wrong with the line, or "".
//
// Format: https://httpd.apache.org/docs/2.4/logs.html#accesslog
func parseNCSA(line []byte, r *record) (why string) {
	open := bytes.Index(line, []byte(" ["))
	if open < 0 {
		return "expected [time] in brackets"
	}
	host, ok := ncsaHost(line[:open])
	if !ok {
		return "expected client, identity and user before the time"
	}
	rest := line[open+2:]
	if len(rest) <= ncsaStampLen || rest[ncsaStampLen] != ']' {
		return "expected a time like [02/Jan/2006:15:04:05 -0700]"
	}
	stamp, ok := parseNCSAStamp(rest[:ncsaStampLen])
	if !ok {
		return "expected a time like [02/Jan/2006:15:04:05 -0700]"
	}
	rest = rest[ncsaStampLen+1:]
	end := requestEnd(rest)
	if end < 0 {
		return `expected "request" status bytes after the time`
	}
	status, rest, _ := bytes.Cut(rest[end+2:], []byte(" "))
	size, rest, _ := bytes.Cut(rest, []byte(" "))
	*r = record{format: "NCSA common", start: stamp, stamp: stamp, host: host}
	if r.status, ok = parseStatus(status); !ok {
		return "expected a status of three digits after the request"
	}
	if r.bytes, ok = parseBytes(size); !ok {
		return "expected the number of bytes, or -, after the status"
	}
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	_, rest, ok = quoted(rest)
	if !ok {
		return "the referer has no closing quote"
	}
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	agent, _, ok := quoted(rest)
	if !ok {
		return "the user agent has no closing quote"
	}
	r.format, r.agent = "NCSA combined", known(agent)
	return ""
}

// ncsaHost returns the client of "host identity user", where user may contain
// spaces. An address in second place means that the server's own name, or a
// proxy, stands in front: then that address is the client.
func ncsaHost(words []byte) (host []byte, ok bool) {
	host, rest, _ := bytes.Cut(words, []byte(" "))
	second, rest, ok := bytes.Cut(rest, []byte(" "))
	if !ok || known(host) == nil {
		return nil, false
	}
	if bytes.IndexByte(rest, ' ') > 0 {
		if _, isAddr := parseAddr(second); isAddr {
			return second, true
		}
	}
	return host, true
}

// requestEnd finds the quote that closes the request at the start of rest
// (a space, a quote, the request). Requests come from strangers: they may hold
// quotes, escaped or, in old logs, not. The right quote is one with a status
// behind it, preferably one that is not escaped.
func requestEnd(rest []byte) int {
	if len(rest) < 2 || rest[0] != ' ' || rest[1] != '"' {
		return -1
	}
	escaped := -1
	for i := 2; i < len(rest); i++ {
		quote := bytes.IndexByte(rest[i:], '"')
		if quote < 0 {
			break
		}
		if i += quote; !statusFollows(rest[i+1:]) {
			continue
		}
		if !isEscaped(rest[:i]) {
			return i
		}
		if escaped < 0 {
			escaped = i
		}
	}
	return escaped
}

func statusFollows(b []byte) bool {
	if len(b) < 3 || b[0] != ' ' {
		return false
	}
	status, _, found := bytes.Cut(b[1:], []byte(" "))
	_, ok := parseStatus(status)
	return found && ok
}

// isEscaped reports whether an odd number of backslashes ends before.
func isEscaped(before []byte) bool {
	n := len(before)
	for n > 0 && before[n-1] == '\\' {
		n--
	}
	return (len(before)-n)%2 == 1
}

// quoted reads the quoted text at the start of b and the space behind it.
func quoted(b []byte) (text, rest []byte, ok bool) {
	for i := 1; i < len(b); i++ {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			break
		}
		i += quote
		last := i+1 == len(b)
		if !isEscaped(b[1:i]) && (last || b[i+1] == ' ') {
			return b[1:i], b[min(i+2, len(b)):], true
		}
	}
	return nil, nil, false
}
