package strict

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
)

// Any text is refused with a presentable message or decoded to a value that
// survives writing and reading; never a panic, never a wait.
func FuzzDecode(f *testing.F) {
	f.Add(base, "balancer.services.mail.slow_start.time", "300s")
	f.Add(laughs(3), "servers.ex2", "{kind: x}")
	f.Add("labels: {a: &a {color: x}, b: *a}\nbackoff: [5ms, {then: none}]", "labels.b.color", "&x [*x]")
	f.Add("a: {x: 1\n\tb: \"\\q", "a[0].b", "'")
	f.Add("name: |\n  x\n  y\nweights: [-1, 0x1]\nratio: 1e-3\nmost: 1%\nmemory: 1.5KiB", "x[1-3]y[01-10]", "<<")
	f.Fuzz(func(t *testing.T, src, path, value string) {
		names, err := ExpandNames(path, 1000)
		for _, name := range names {
			if !matches(path, name) {
				t.Fatalf("%q does not match %q", path, name)
			}
		}
		presentable(t, Diagnostics{{Text: "x"}}, err)

		doc, found := Parse("mine.yaml", []byte(src))
		presentable(t, found, nil)
		if doc == nil {
			return
		}
		changed := doc.Clone()
		found = changed.Set(path, value, "--set")
		presentable(t, found, nil)
		changed.At(path)
		decodeAndBack(t, doc)
		decodeAndBack(t, changed)
	})
}

// decodeAndBack checks that what decodes can be written and decoded again.
func decodeAndBack(t *testing.T, doc *Document) {
	var s, again scenario
	found := doc.Decode(&s, policies)
	presentable(t, found, nil)
	presentable(t, doc.Check(&s, found), nil)
	if found != nil {
		return
	}
	text, err := Encode(&s, policies)
	if err != nil {
		t.Fatalf("what was decoded cannot be written: %v", err)
	}
	doc, found = Parse("again", text)
	if found == nil {
		found = doc.Decode(&again, policies)
	}
	if found != nil {
		t.Fatalf("%s\n%v", text, found)
	}
	second, err := Encode(&again, policies)
	if err != nil || !bytes.Equal(second, text) {
		t.Fatalf("%v\n%s\n%s", err, text, second)
	}
}

// presentable checks that findings are in order, point into the text, and print
// without disturbing a terminal.
func presentable(t *testing.T, found Diagnostics, err error) {
	t.Helper()
	for i, f := range found {
		if f.Text == "" || f.Line > 0 && (f.Column < 1 || f.Width < 1) {
			t.Fatalf("incomplete: %+v", f)
		}
		if i > 0 && f.Line > 0 && f.File == found[i-1].File && found[i-1].Line > f.Line {
			t.Fatalf("not in order: %v", found)
		}
	}
	text := found.Error()
	if err != nil {
		text += err.Error()
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != ' ' && !unicode.IsPrint(r) }); i >= 0 {
		t.Fatalf("%q does not print", text)
	}
}
