package strict_test

import (
	"testing"

	"lbsim/scenarios/strict"
)

func TestResize(t *testing.T) {
	for _, c := range []struct {
		pattern string
		n       int
		want    string
	}{
		{"node[1-4]", 6, "node[1-6]"},
		{"node[3-4]", 1, "node[3-3]"},
		{"ex[01-04].lan", 12, "ex[01-12].lan"},
	} {
		if got, err := strict.Resize(c.pattern, c.n); err != nil || got != c.want {
			t.Errorf("%s for %d: %q, %v", c.pattern, c.n, got, err)
		}
	}
	for _, pattern := range []string{"", "node", "rack[1-2]ex[1-4]", "ex[4-1]"} {
		if got, err := strict.Resize(pattern, 3); err == nil {
			t.Errorf("%q: %q", pattern, got)
		}
	}
}

// What is written on one line is read as the same.
func TestOneLine(t *testing.T) {
	doc, found := strict.Parse("x.yaml", []byte("a:\n  b: [1, {c: 'x: y', d: [e, \"f, g\"]}]\n  h: {}\n"))
	if found != nil {
		t.Fatal(found)
	}
	again, found := strict.Parse("y.yaml", []byte(doc.Root().OneLine()))
	if found != nil || !again.Root().Field("a").Field("b").Elements()[1].Field("d").Equal(doc.Root().Field("a").Field("b").Elements()[1].Field("d")) {
		t.Errorf("%s: %v", doc.Root().OneLine(), found)
	}
}
