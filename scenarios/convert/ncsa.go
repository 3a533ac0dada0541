package convert

import "bytes"

// A record is what one line of a log says, before clients are numbered. Its
// slices point into the line.
type record struct {
	format    string
	stamp     int64  // of the line, to see whether lines are in order, in nanoseconds since 1970
	start     int64  // of the request, in the same unit
	took      int64  // nanoseconds; 0 when not said
	host      []byte // address or name that connected
	forwarded []byte // X-Forwarded-For, a list of addresses; nil when not said
	agent     []byte // nil when not said
	bytes     int64
	status    int16
	skip      skip
}

// skip is why a well-formed line is left out.
type skip uint8

const (
	overSocket skip = 1 + iota // over a unix socket: there is no address
	answered                   // no server got it
)

// An ncsaParser reads the lines of the common format,
//
//	host identity user [time] "request" status bytes
//
// or of the combined format, which appends "referer" "agent". Apache's variant
// with the virtual host in front is understood too, and of nginx's further
// variables behind the agent $http_x_forwarded_for in quotes, $request_time and
// $msec. What else follows is not read.
//
// Format: https://httpd.apache.org/docs/2.4/logs.html#accesslog and
// https://nginx.org/en/docs/http/ngx_http_log_module.html
type ncsaParser struct {
	extra  [][]byte // fields after the user agent, in the current line
	column int      // of them that is X-Forwarded-For, or -1
}

// parse returns what is wrong with the line, or "".
func (p *ncsaParser) parse(line []byte, r *record) (why string) {
	p.extra = p.extra[:0]
	open := bytes.Index(line, []byte(" ["))
	if open < 0 {
		return "expected [time] in brackets"
	}
	host, forwarded, ok := ncsaHost(line[:open])
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
	*r = record{format: "NCSA common", start: stamp, stamp: stamp, host: host, forwarded: forwarded}
	if string(host) == "unix:" { // as nginx writes it
		r.skip = overSocket
	}
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
	agent, rest, ok := quoted(rest)
	if !ok {
		return "the user agent has no closing quote"
	}
	r.format, r.agent = "NCSA combined", known(agent)
	if len(rest) > 0 {
		p.extra = appendFields(p.extra, rest)
		p.readExtra(r)
	}
	return ""
}

// ncsaHost returns the client of "host identity user", where user may contain
// spaces. An address in second place means that the server's own name, or a
// proxy, stands in front: then that address is the client. A list of addresses
// is X-Forwarded-For in place of the host: its last address connected to the
// proxy in front of the server.
func ncsaHost(words []byte) (host, forwarded []byte, ok bool) {
	host, rest, _ := bytes.Cut(words, []byte(" "))
	for bytes.HasSuffix(host, []byte(",")) {
		host, rest, _ = bytes.Cut(rest, []byte(" "))
		forwarded = bytes.TrimSuffix(words[:len(words)-len(rest)], []byte(" "))
	}
	second, rest, ok := bytes.Cut(rest, []byte(" "))
	if !ok || known(host) == nil {
		return nil, nil, false
	}
	if bytes.IndexByte(rest, ' ') > 0 && forwarded == nil {
		if _, isAddr := parseAddr(second); isAddr {
			return second, nil, true
		}
	}
	return host, forwarded, true
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
