package strict

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxColumns is the width up to which a small mapping or list stands on one line.
const maxColumns = 100

// A writer lays out nodes as YAML text: one line for words, for lists of words
// and for small mappings of those; everything else indented by two spaces.
type writer struct{ strings.Builder }

// document writes the outermost mapping, with an empty line around each of its
// values that takes several.
func (w *writer) document(root *Node) {
	if len(root.keys) == 0 {
		w.WriteString("{}\n")
		return
	}
	wasLong := false
	for i, key := range root.keys {
		start := w.Len()
		var entry writer
		entry.entry(key, root.items[i], 0)
		long := strings.Count(entry.String(), "\n") > 1
		if start > 0 && (long || wasLong) {
			w.WriteByte('\n')
		}
		w.WriteString(entry.String())
		wasLong = long
	}
}

// entry writes "key: value" and a line end; the cursor stands in column indent.
func (w *writer) entry(key, value *Node, indent int) {
	name := word(key, false)
	w.WriteString(name + ":")
	room := maxColumns - indent - utf8.RuneCountInString(name) - 2
	if value.kind == scalar {
		w.WriteString(" " + word(value, false) + "\n")
		return
	}
	if line, ok := oneLine(value, room); ok {
		w.WriteString(" " + line + "\n")
		return
	}
	w.WriteByte('\n')
	w.block(value, indent+2)
}

// block writes a list or mapping over several lines, each indented.
func (w *writer) block(n *Node, indent int) {
	blanks := strings.Repeat(" ", indent)
	if n.kind == mapping {
		for i, key := range n.keys {
			w.WriteString(blanks)
			w.entry(key, n.items[i], indent)
		}
		return
	}
	for _, item := range n.items {
		w.WriteString(blanks + "- ")
		w.element(item, indent+2)
	}
}

// element writes what follows "- " of a list; the cursor stands in column
// indent.
func (w *writer) element(n *Node, indent int) {
	if line, ok := oneLine(n, maxColumns-indent); ok {
		w.WriteString(line + "\n")
		return
	}
	// The first line continues the one with the dash.
	var inner writer
	inner.block(n, indent)
	w.WriteString(inner.String()[indent:])
}

// oneLine returns n on one line, for use between brackets, if that is the way to
// write it: always for words and empty values, within room columns for lists of words and for
// mappings of words, of such lists and of such mappings.
func oneLine(n *Node, room int) (string, bool) {
	if n.kind == scalar {
		return word(n, true), true
	}
	if h := height(n); h > 2 || h == 2 && n.kind == list {
		return "", false
	}
	parts := make([]string, len(n.items))
	length := 2
	for i, item := range n.items {
		if n.kind == mapping {
			parts[i] = word(n.keys[i], true) + ": "
		}
		line, ok := oneLine(item, room-length)
		if !ok {
			return "", false
		}
		parts[i] += line
		if length += utf8.RuneCountInString(parts[i]) + 2; length-2 > room {
			return "", false
		}
	}
	inside := strings.Join(parts, ", ")
	if n.kind == list {
		return "[" + inside + "]", true
	}
	return "{" + inside + "}", true
}

// height returns 0 for a word, 1 for a list or mapping of words, 2 for one of
// those, and 3 for anything higher.
func height(n *Node) int { return heightWithin(n, 3) }

func heightWithin(n *Node, limit int) int {
	if n.kind == scalar || limit == 0 {
		return 0
	}
	highest := 0
	for _, item := range n.items {
		highest = max(highest, heightWithin(item, limit-1))
	}
	return highest + 1
}

// word writes a scalar, in double quotes where needed. Between brackets, a comma
// needs them too.
func word(n *Node, bracketed bool) string {
	switch {
	case n.isNull():
		return "null"
	case n.quoted || !plainSafe(n.text) || bracketed && strings.Contains(n.text, ","):
		return strconv.Quote(n.text)
	}
	return n.text
}

// plainSafe reports whether s can stand without quotes, outside of brackets or
// without a comma. It is stricter than YAML: quotes too many do no harm.
func plainSafe(s string) bool {
	for i, r := range s {
		switch {
		case unicode.IsLetter(r) || '0' <= r && r <= '9' || r == '_':
		case i == 0 && r == '-' && len(s) > 1 && '0' <= s[1] && s[1] <= '9':
		case i == 0:
			return false
		case !strings.ContainsRune("-./%+@*=<>()?!;'$, ", r):
			return false
		}
	}
	return s != "" && s[len(s)-1] != ' '
}
