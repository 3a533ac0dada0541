package results

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// An object is a JSON object whose keys keep their order, which maps and
// encoding/json do not offer. A line is one that is written on one line with
// all that is in it, and a list is a JSON array.
type (
	object []field
	line   []field
	list   []any
	field  struct {
		key   string
		value any
	}
)

// writeJSON writes v. The newline, with its indentation, stands before each
// item of an object or list; if it is empty, everything stays on one line.
func writeJSON(b *bytes.Buffer, v any, newline string) {
	switch v := v.(type) {
	case object:
		writeFields(b, v, newline)
	case line:
		writeFields(b, v, "")
	case list:
		writeItems(b, "[]", len(v), newline, func(i int, newline string) { writeJSON(b, v[i], newline) })
	case string:
		writeString(b, v)
	case float64:
		b.WriteString(numberOr(v, "null"))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case uint64:
		b.WriteString(strconv.FormatUint(v, 10))
	default:
		b.WriteString("null")
	}
}

func writeFields(b *bytes.Buffer, fields []field, newline string) {
	writeItems(b, "{}", len(fields), newline, func(i int, newline string) {
		writeString(b, fields[i].key)
		b.WriteString(": ")
		writeJSON(b, fields[i].value, newline)
	})
}

func writeItems(b *bytes.Buffer, brackets string, n int, newline string, item func(i int, newline string)) {
	inner, separator := newline, ", "
	if newline != "" {
		inner, separator = newline+" ", ","
	}
	b.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(inner)
		item(i, inner)
	}
	if n > 0 {
		b.WriteString(newline)
	}
	b.WriteByte(brackets[1])
}

// writeString writes a JSON string and leaves <, > and & as they are.
func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string into a buffer cannot fail
	}
	b.Truncate(b.Len() - 1) // its line feed
}

// numberOr writes v with 9 significant digits, or other if v is not a number.
func numberOr(v float64, other string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return other
	}
	return strconv.FormatFloat(v, 'g', 9, 64)
}
