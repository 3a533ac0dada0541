package strict

import (
	"slices"
	"testing"
)

func TestFill(t *testing.T) {
	for _, c := range []struct {
		path, value string
		filled      bool
	}{
		{"balancer.services.mail.scheduler", "least-connections", true},
		{"balancer.services.mail.slow_start", "{kind: linear}", false}, // is none
		{"balancer.services.mail.slow_start.kind", "linear", false},
		{"balancer.services.mail.servers[0].weight", "3", true},
		{"balancer.services.mail.servers[0].name", "x", false},
		{"balancer.services.mail.servers[9].weight", "3", false},
		{"balancer.services.weight", "3", false}, // a list is in the way
		{"balancer.product", "kemp", true},
		{"servers.gw.cores", "9", false},
		{"empty.kind", "9", false},
		{"labels.a.inner.color", "red", true},
	} {
		doc, found := Parse("mine.yaml", []byte(base+"empty:\n"))
		if found != nil {
			t.Fatal(found)
		}
		before := doc.Clone()
		value, found := ParseValue(c.path, c.value, "product kemp")
		if found != nil {
			t.Fatal(found)
		}
		n := doc.Fill(c.path, value)
		switch {
		case (n != nil) != c.filled:
			t.Errorf("%s: filled %v", c.path, n != nil)
		case n == nil && !doc.root.Equal(before.root):
			t.Errorf("%s: changed without need", c.path)
		case n != nil && (doc.Lookup(c.path) != n || n.Position().File != "product kemp"):
			t.Errorf("%s: not found again", c.path)
		}
	}
}

// A word keeps its meaning when fields join it.
func TestFillBelowWord(t *testing.T) {
	doc, _ := Parse("mine.yaml", []byte("name: x\nbalancer:\n  services: [{name: mail, slow_start: none, scheduler: least-connections, servers: [gw]}]\n"))
	for path, text := range map[string]string{
		"balancer.services[0].scheduler.choices": "5", "balancer.services[0].servers[0].weight": "7",
	} {
		value, _ := ParseValue(path, text, "test")
		if doc.Fill(path, value) == nil {
			t.Errorf("%s: not filled", path)
		}
	}
	for path, want := range map[string]string{
		"balancer.services[0].slow_start.kind": "none", "balancer.services[0].scheduler.kind": "least-connections", "balancer.services[0].servers[0].name": "gw",
	} {
		n := doc.Lookup(path)
		if n == nil || n.text != want || n.Position().Line != 3 {
			t.Errorf("%s is %+v, want %s of line 3", path, n, want)
		}
	}
	var s scenario
	SetDefaults(&s)
	if found := doc.Decode(&s, policies); found != nil {
		t.Fatal(found)
	}
	if m := s.Balancer.Services[0].Servers[0]; m != (member{"gw", 7}) {
		t.Errorf("%+v", m)
	}
}

func TestUnfoldAndRename(t *testing.T) {
	doc, _ := Parse("mine.yaml", []byte("a: 60s\nb: {c: 1}\n"))
	doc.Unfold("a", "time")
	doc.Unfold("b", "time") // is no word
	doc.Rename("b", "c", "d")
	doc.Rename("b", "d", "d")
	doc.Rename("x", "d", "e")
	doc.Rename("a", "d", "e")
	var keys []string
	for _, n := range doc.Root().items {
		keys = append(keys, n.keys[0].text)
	}
	if !slices.Equal(keys, []string{"time", "d"}) {
		t.Error(keys)
	}
}

func TestParseValueMistakes(t *testing.T) {
	for _, value := range []string{"", "[1", "a\nb", "{a: 1"} {
		if _, found := ParseValue("a.b", value, "product x"); found == nil || found[0].File != "product x" {
			t.Errorf("%q: %v", value, found)
		}
	}
}

func TestLeaves(t *testing.T) {
	doc, _ := Parse("mine.yaml", []byte("name: x\nbalancer:\n  services:\n  - {name: mail, scheduler: least-connections, servers: [gw]}\n"))
	var s scenario
	SetDefaults(&s)
	if found := doc.Decode(&s, policies); found != nil {
		t.Fatal(found)
	}
	leaves, err := Leaves(&s, policies)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, l := range leaves {
		if n := doc.Source(l); n != nil {
			lines[l.Path] = n.Position().Line
		} else {
			lines[l.Path] = -1
		}
	}
	for path, want := range map[string]int{
		"name": 1, "balancer.services[0].name": 4, "balancer.services[0].scheduler.kind": 4, "balancer.services[0].scheduler.choices": -1,
		"balancer.services[0].servers[0].name": 4, "balancer.services[0].servers[0].weight": -1,
	} {
		if lines[path] != want {
			t.Errorf("%s comes from line %d, want %d", path, lines[path], want)
		}
	}
}

func TestNodeWith(t *testing.T) {
	var none Node
	value := &Node{kind: scalar, text: "1"}
	one := none.With("a", value)
	two := one.With("b", value)
	three := two.With("a", &Node{kind: scalar, text: "2"})
	if len(one.keys) != 1 || len(two.keys) != 2 || len(three.keys) != 2 || three.Field("a").text != "2" || two.Field("a").text != "1" || three.Field("c") != nil {
		t.Errorf("%+v %+v %+v", one, two, three)
	}
	if !one.Equal(&one) || one.Equal(&two) || two.Equal(&three) {
		t.Error("Equal")
	}
}
