package convert

import "strings"

// A csvField is one value of a row and where it starts, counted from 1 in
// bytes.
type csvField struct {
	text string
	col  int
}

// splitCSV appends the values of one line to fields. Commas separate; a value
// in double quotes may hold commas, and quotes doubled. Space around values is
// dropped. Unlike encoding/csv it lets no value run over several lines, so a
// stray quote costs one row and not the rest of the file, nor all memory.
//
// Values without quotes are slices of one string made of the line.
func splitCSV(fields []csvField, line []byte) []csvField {
	text := string(line)
	for start := 0; ; {
		for start < len(text) && (text[start] == ' ' || text[start] == '\t') {
			start++
		}
		value, end := bareValue(text, start)
		if start < len(text) && text[start] == '"' {
			if v, e, ok := quotedValue(text, start); ok {
				value, end = v, e
			}
		}
		fields = append(fields, csvField{value, start + 1})
		if end == len(text) {
			return fields
		}
		start = end + 1
	}
}

// bareValue returns the text from start to the next comma, or to the end.
func bareValue(text string, start int) (value string, end int) {
	end = len(text)
	if comma := strings.IndexByte(text[start:], ','); comma >= 0 {
		end = start + comma
	}
	return strings.TrimSpace(text[start:end]), end
}

// quotedValue reads a quoted value whose closing quote is followed by a comma
// or the end of the line; otherwise ok is false, and the quote is a character
// like others.
func quotedValue(text string, start int) (value string, end int, ok bool) {
	for i := start + 1; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			i++
			continue
		}
		after := strings.TrimLeft(text[i+1:], " \t")
		if after != "" && after[0] != ',' {
			return "", 0, false
		}
		return strings.ReplaceAll(text[start+1:i], `""`, `"`), len(text) - len(after), true
	}
	return "", 0, false
}
