package strict

import (
	"fmt"
	"strings"
	"testing"
)

// What the YAML library says, in the reader's words.
func TestParseMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ` error: the file is empty (write at least one field)`},
		{"# only a comment\n", ` error: the file is empty (write at least one field)`},
		{"---\n", ` error: the file is empty (write at least one field)`},
		{"a: 1\n---\nb: 2\n", `2:1: error: a second document starts here (remove the line "---" or "..." before it; one file holds one document)`},
		{"a: 1\n...\nb: 2\n", `3:1: error: a second document starts here (remove the line "---" or "..." before it; one file holds one document)`},
		{"a: \"x\x00\"", `1:6: error: the character U+0000 is not text (the file must be plain text in UTF-8)`},
		{"a: x\x1b[31m", `1:5: error: the character U+001B is not text (the file must be plain text in UTF-8)`},
		{"a: \xff", `1:4: error: the byte 0xff is not UTF-8 (the file must be plain text in UTF-8)`},
		{"a: '\u2028'", `1:5: error: the character U+2028 is not text (the file must be plain text in UTF-8)`},
		{"\xff\xfea\x00", ` error: the text is in UTF-16 (save the file as UTF-8)`},
		{"a: !!str 5", `1:4: error: tags such as !!str are not used here (remove it; put text that begins with ! between quotes)`},
		{"a: ! x", `1:4: error: tags such as ! are not used here (remove it; put text that begins with ! between quotes)`},
		{"a: &x {}\nb: {<<: *x}", `2:5: error: merging with << is not supported (write the fields out, or use an alias for a whole value)`},
		{"? [a]\n: b", `1:3: error: a field name must be a word, not a list or a mapping`},
		{": x", `1:1: error: a field name is missing before the colon`},
		{"a: b: c", `1:5: error: unexpected ":" (if the value contains ": ", put it between quotes; otherwise check how far the line is indented)`},
		{"a: 1\n b: 2", `2:3: error: unexpected ":" (if the value contains ": ", put it between quotes; otherwise check how far the line is indented)`},
		{"a: - b", `1:4: error: unexpected "-" (begin the list on a line of its own, or write [a, b])`},
		{"a: 'x", `1:4: error: the quote that opens here is never closed`},
		{"a: \"x\n---\n", `1:4: error: the quote that opens here is never closed`},
		{"a: [1, 2", `1:9: error: a comma or ] is expected here (the list opens with [ in column 4)`},
		{"a: {x: 1 y: 2}", `1:11: error: a comma or } is expected here (the mapping opens with { in column 4)`},
		{"a: {x: 1\n\nb: 2\n", `1:4: error: the mapping that opens here is not closed (a comma or } is missing, at the latest on line 3)`},
		{"a: ]", `1:4: error: a value is expected here`},
		{"a:\n\t- x", `2:1: error: a tab cannot indent a line (use spaces)`},
		{"a: |\n\tx", `2:1: error: a tab cannot indent a line (use spaces)`},
		{"a: @x", `1:4: error: a value cannot begin with @ (put it between quotes)`},
		{"- a\nb: 1", `2:1: error: this does not continue the list that starts on line 1 (elements of one list begin with "- " in the same column)`},
		{"a: \"x\" y", `1:8: error: this does not continue the mapping that starts on line 1 (fields of one mapping begin in the same column; after a quoted value nothing may follow)`},
		{"a: \"\\q\"", `1:5: error: unknown escape after \ (write \\ for a backslash, or use single quotes)`},
		{"a: *b", `1:4: error: nothing is marked with the name that this * refers to (mark it before with &name; put text that begins with * between quotes)`},
		{"%YAML 9.0\n---\na: 1", `1:1: error: lines that begin with % are not supported`},
		{"{a: 1}}", `1:7: error: nothing may follow here: the document has ended`},
		{"a: &x [*x]", `1:8: error: *x stands inside what it refers to (write the value out)`},
		{"a: &x {b: {c: *x}}", `1:15: error: *x stands inside what it refers to (write the value out)`},
	} {
		doc, found := Parse("mine.yaml", []byte(c.text))
		if got := lines(found); got != c.want+"\n" || doc != nil {
			t.Errorf("%q\ngot  %swant %s", c.text, got, c.want)
		}
	}
}

func TestParseAccepts(t *testing.T) {
	for _, text := range []string{
		"\ufeffname: x\nseed: 1",
		"name: x\r\nseed: 1\r\n",
		"name: x\rseed: 1\r",
		"---\nname: x\nseed: 1\n...\n",
		`{"name": "x", "seed": 1}`,
		"seed: 1\nabout: &a x\nname: *a",
	} {
		_, s, found := read(text)
		if found != nil || s.Name != "x" || s.Seed != 1 {
			t.Errorf("%q: %v, %+v", text, found, s)
		}
	}
}

// laughs is a document of a few lines that grows tenfold with each of them.
func laughs(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return b.String()
}

// Hostile files are refused early; each of these takes a few milliseconds, the
// largest about a hundred.
func TestParseBounds(t *testing.T) {
	const deep, many = "more than 64 lists and mappings", "more than 200000 keys and values"
	for _, c := range []struct{ name, text, want string }{
		{"laughs", laughs(12), many},
		{"brackets", strings.Repeat("[", 100_000), deep},
		{"braces", strings.Repeat("{a: ", 100_000), deep},
		{"dashes", strings.Repeat("- ", 100_000), deep},
		{"deep through aliases", "a: &a " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\nb: " + strings.Repeat("[", 40) + "*a" + strings.Repeat("]", 40), deep},
		{"large", strings.Repeat("x", MaxBytes+1), "the file is larger than 8 MiB"},
		{"long line", "a: " + strings.Repeat("x", MaxLine), "the line is longer than 1048576 bytes"},
		{"commas", "[" + strings.Repeat("x,", MaxBytes/2-2), "long"},
		{"lines", strings.Repeat("- x\n", MaxBytes/4), many},
		{"empty keys", strings.Repeat(":\n", MaxBytes/2), many},
		{"aliases", "- &a x\n" + strings.Repeat("- *a\n", MaxNodes), many},
		{"quotes", strings.Repeat("['' \n", MaxBytes/5), many},
		{"documents", strings.Repeat("--- x\n", MaxNodes/10), "a second document"},
	} {
		_, found := Parse(c.name, []byte(c.text))
		if len(found) != 1 || !strings.Contains(found[0].Text, c.want) {
			t.Errorf("%s: %v", c.name, lines(found))
		}
	}
}

func TestParseHugeText(t *testing.T) {
	text := "name: |\n" + strings.Repeat("  "+strings.Repeat("x", 998)+"\n", 8000)
	_, s, found := read(text)
	if found != nil || len(s.Name) != 8000*999 {
		t.Errorf("%d bytes, %v", len(s.Name), found)
	}
	_, _, found = read(strings.Replace(text, "name", "seed", 1))
	if len(found) != 1 || len(found[0].Error()) > 300 {
		t.Errorf("a long value is not cut in %d messages", len(found))
	}
}
