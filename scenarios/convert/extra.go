package convert

import (
	"bytes"
	"time"
)

// appendFields cuts what follows the user agent of a line into fields: words,
// texts in quotes (taken out of them), and names joined to either by an equals
// sign. It stops at maxColumns.
func appendFields(fields [][]byte, b []byte) [][]byte {
	for len(fields) < maxColumns {
		b = bytes.TrimLeft(b, " \t")
		if len(b) == 0 {
			break
		}
		end := bytes.IndexAny(b, " \t\"")
		if end < 0 {
			end = len(b)
		}
		if end < len(b) && b[end] == '"' {
			text := b[end+1:]
			closing := bytes.IndexByte(text, '"')
			if closing < 0 { // cut off
				break
			}
			if end == 0 {
				fields = append(fields, text[:closing])
			} else {
				fields = append(fields, b[:end+1+closing]) // name="text
			}
			b = text[closing+1:]
			continue
		}
		fields = append(fields, b[:end])
		b = b[end:]
	}
	return fields
}

// readExtra looks for the times that nginx writes: $msec, the end of the
// request in seconds since 1970, and $request_time. Both have exactly three
// decimals, and nothing else says what they are, but for a name before an
// equals sign that some put there. The times of upstream servers look the same;
// none is longer than the request, so the longest is that of the request.
// Servers that write such times stamp the end of a request.
func (p *ncsaParser) readExtra(r *record) {
	took, named := time.Duration(-1), false
	for i, f := range p.extra {
		name, value, hasName := bytes.Cut(f, []byte("="))
		if !hasName || len(name) > 30 {
			name, value = nil, f
		}
		value = bytes.Trim(value, `"()[]`)
		p.extra[i] = value
		d, ok := parseMillis(value)
		if !ok {
			continue
		}
		switch string(name) {
		case "rt", "request_time", "req_time":
			took, named = d, true
		default:
			if since := int64(d) - r.stamp; -2e9 < since && since < 2e9 {
				r.start += since
				r.stamp += since
			} else if !named && d <= maxTook {
				took = max(took, d)
			}
		}
	}
	r.forwarded = pickOr(r.forwarded, p.extra, p.column)
	if took >= 0 {
		r.format, r.took = "NCSA combined with request times", int64(took)
		r.start -= r.took
	}
}

// pickOr is pick, unless there is a list already.
func pickOr(list []byte, fields [][]byte, column int) []byte {
	if list != nil {
		return list
	}
	return pick(fields, column)
}

// parseMillis reads seconds with exactly three decimals, as nginx writes
// times.
func parseMillis(b []byte) (time.Duration, bool) {
	if len(b) < 5 || len(b) > 20 || b[len(b)-4] != '.' {
		return 0, false
	}
	d, why := parseSeconds(string(b))
	return d, why == ""
}
