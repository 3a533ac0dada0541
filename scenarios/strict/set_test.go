package strict

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const base = `name: storm
balancer:
  services:
    - name: mail
      slow_start: none
      servers: ["ex[1-4]", gw]
    - {name: a.b, scheduler: least-connections}
servers:
  - {names: "ex[1-4]", cores: 8}
  - {name: gw, cores: 2}
  - {names: "r[1-2]n[1-2]", cores: 1}
variants:
  - name: ramp
    set: {balancer.services.mail.slow_start: {tiem: 5s}, servers.gw.cores: 4}
`

// set applies "path=value" settings to the base document and decodes it.
func set(t *testing.T, settings ...string) (*Document, scenario, Diagnostics) {
	t.Helper()
	doc, found := Parse("mine.yaml", []byte(base))
	if found != nil {
		t.Fatal(found)
	}
	for _, s := range settings {
		path, value, _ := strings.Cut(s, "=")
		found = append(found, doc.Set(path, value, "--set")...)
	}
	got := scenario{}
	found = append(found, doc.Decode(&got, policies)...)
	return doc, got, found
}

func TestSet(t *testing.T) {
	_, s, found := set(t,
		"name=calm",
		"duration=5m",
		"balancer.product=kemp",
		"balancer.services.mail.slow_start.time=300s",
		"balancer.services.a.b.scheduler.choices=5",
		"balancer.services.mail.servers.ex2.weight=7",
		"balancer.services.mail.servers[0].weight=3",
		"servers.ex4.cores=16",
		"servers[0].names=ex[1-2]",
		"labels.a.inner={color: red}",
		"weights=[1, 2]",
		"rounds=7",
		"rounds.step=3",
	)
	if found != nil {
		t.Fatal(found)
	}
	mail, dotted := s.Balancer.Services[0], s.Balancer.Services[1]
	ramp := mail.SlowStart.(*linear)
	if s.Name != "calm" || s.Duration != 5*time.Minute || s.Balancer.Product != "kemp" || ramp.Time != 300*time.Second ||
		dotted.Scheduler.(*choices).Choices != 5 || s.Rounds != (rounds{7, 3}) || s.Labels["a"].Inner.Color != "red" || len(s.Weights) != 2 {
		t.Errorf("%+v", s)
	}
	members := []member{{"ex1", 3}, {"ex2", 7}, {"ex[3-4]", 1}, {"gw", 1}}
	for i, m := range mail.Servers {
		if m != members[i] {
			t.Errorf("member %d is %v", i, m)
		}
	}
	if len(s.Servers) != 4 || s.Servers[0] != (server{"", "ex[1-2]", 8}) || s.Servers[1] != (server{"ex4", "", 16}) {
		t.Errorf("servers %+v", s.Servers)
	}
}

func TestSetMistakes(t *testing.T) {
	for _, c := range []struct{ setting, want string }{
		{"nmae=x", `--set:1:1: error: unknown field "nmae" (did you mean name?)`},
		{"balncer.services.mail.x=1", `--set:1:1: error: unknown field "balncer" (did you mean balancer?)`},
		{"balancer.services.mail.slow_start.tiem=5s", `--set:1:35: error: unknown field "tiem" in balancer.services.mail.slow_start (did you mean time?)`},
		{"balancer.services.mail.slow_start.time=5", `--set:1:40: error: slow_start.time: "5" has no unit (write 5s or 5ms (HAProxy reads a bare number as milliseconds, nginx as seconds))`},
		{"balancer.services.mial.slow_start.time=5s", `--set:1:19: error: balancer.services has no element "mial" (did you mean mail?)`},
		{"servers[9].cores=5", `--set:1:8: error: servers has no element [9] (it has 3, counted from 0)`},
		{"servers.r1n2.cores=5", `--set:1:9: error: "r1n2" is one of "r[1-2]n[1-2]" (write it as an element of its own)`},
		{"name={a: 1", `--set:1:11: error: a comma or } is expected here (the mapping opens with { in column 6)`},
		{"name=", `--set:1:6: error: the value is missing`},
		{"name=a\nb", `--set:1:1: error: a path and a value on one line are expected`},
		{"name=\x1b", `--set:1:6: error: the character U+001B is not text (the file must be plain text in UTF-8)`},
		{"=5", `--set:1:1: error: the path is empty or too deep`},
		{strings.Repeat("a.", 100) + "=5", `--set:1:1: error: the path is empty or too deep`},
		{"name.x=5", `--set:1:6: error: name: a word is expected, not fields`},
		{"seed.x=5", `--set:1:1: error: seed: a whole number is expected, not fields`},
		{"servers[0]=5", `--set:1:12: error: servers[0]: fields are expected, not "5" (fields are name, names, cores)`},
	} {
		_, _, found := set(t, c.setting)
		if got := lines(found); got != c.want+"\n" {
			t.Errorf("%s\ngot  %swant %s", c.setting, got, c.want)
		}
	}
	doc, _ := Parse("x", []byte("servers: [{name: a}, {name: a}]"))
	if got, want := lines(doc.Set("servers.a.cores", "1", "--set")), "--set:1:9: error: servers has 2 elements called \"a\" (write an index such as [0])\n"; got != want {
		t.Error(got)
	}
}

// A member may be called name: ex[1-3], unlike a server.
func TestSetSplitsNames(t *testing.T) {
	doc, _ := Parse("x", []byte("servers: [{name: 'ex[1-3]', weight: 5}]"))
	found := doc.Set("servers.ex2.weight", "7", "--set")
	var s service
	found = append(found, doc.Decode(&s, policies)...)
	if want := []member{{"ex1", 5}, {"ex2", 7}, {"ex3", 5}}; found != nil || !slices.Equal(s.Servers, want) {
		t.Errorf("%v, %v", s.Servers, found)
	}
}

// A variant changes a copy, and its mistakes are reported where it stands.
func TestApply(t *testing.T) {
	doc, s, _ := set(t)
	variant := doc.Clone()
	if found := variant.Apply(&s.Variants[0].Set); found != nil {
		t.Fatal(found)
	}
	var changed scenario
	found := variant.Decode(&changed, policies)
	const want = `mine.yaml:14:47: error: unknown field "tiem" in balancer.services.mail.slow_start
    14 |     set: {balancer.services.mail.slow_start: {tiem: 5s}, servers.gw.cores: 4}
       |                                               ^ did you mean time?`
	if got := found.Error(); got != want {
		t.Error(got)
	}
	if changed.Servers[1].Cores != 4 || s.Servers[1].Cores != 2 {
		t.Error("the variant's value is not set, or set in the original")
	}
	if found := doc.Decode(&s, policies); found != nil {
		t.Error(found)
	}
	if p := variant.At("servers.gw.cores"); p.Line != 14 || p.Column != 76 {
		t.Error(p)
	}
}

func TestAt(t *testing.T) {
	doc, _, _ := set(t)
	for path, want := range map[string][2]int{
		"name": {1, 7}, "balancer": {2, 1}, "balancer.services[0].slow_start": {5, 19}, "balancer.services.mail.slow_start.time": {5, 19},
		"balancer.services.a.b.scheduler": {7, 30}, "servers[1].cores": {10, 23}, "servers[1]": {10, 5}, "servers[7]": {8, 1},
		"missing": {0, 0}, "": {0, 0}, "servers[": {8, 1}, "[0]": {0, 0},
	} {
		if p := doc.At(path); p.Line != want[0] || p.Column != want[1] || p.File != "mine.yaml" {
			t.Errorf("%s: %d:%d, want %v", path, p.Line, p.Column, want)
		}
	}
}
