package strict

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// lines returns the diagnostics in one line each, without the file name.
func lines(d Diagnostics) string {
	var b strings.Builder
	for _, f := range d {
		b.WriteString(strings.TrimPrefix(f.Error(), "mine.yaml:") + "\n")
	}
	return b.String()
}

func TestDecodeValues(t *testing.T) {
	_, got, found := read(`
name: 007
about: no
duration: 1h30m
rounds: 5
count: 2..40
mode: closed
quiet: true
level: -128
port: 65535
weights: [1, 2]
sites: [{name: hq, clients: 10, rate: 12/min}]
balancer:
  services:
    - name: mail
      scheduler: {kind: least-connections, choices: 3}
      slow_start: {time: 60s}
      servers: [ex1, {name: ex2, weight: 2}]
    - {name: web, slow_start: 5ms}
servers: &all
  - {names: "ex[1-2]", cores: 4}
labels: {a: {color: red, inner: {color: blue}}}
backoff: [none, linear]
memory: 4KB
most: 35%
`)
	if found != nil {
		t.Fatal(found)
	}
	want := scenario{
		Name: "007", About: "no", Seed: 1, Duration: 90 * time.Minute, Rounds: rounds{Max: 5}, Count: span2{2, 40}, Mode: 2,
		Quiet: true, Ratio: 0.5, Level: -128, Port: 65535, Weights: []int{1, 2},
		Sites: []site{{"hq", 10, 0.2}},
		Balancer: &balancer{Product: "haproxy", Services: []service{
			{"mail", &choices{3}, &linear{Time: time.Minute}, []member{{"ex1", 1}, {"ex2", 2}}},
			{"web", &roundRobin{}, &constant{5 * time.Millisecond}, nil},
		}},
		Servers: []server{{Names: "ex[1-2]", Cores: 4}},
		Labels:  map[string]tag{"a": {"red", &tag{Color: "blue"}}},
		Backoff: []policy{&none{}, &linear{Time: 10 * time.Second}},
		Limits:  Limits{4000, 0.35},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Each mistake alone: what is said, and where.
func TestDecodeMistakes(t *testing.T) {
	const in = "balancer: {services: [{name: mail, "
	for _, c := range []struct{ text, want string }{
		{"nmae: x", `1:1: error: unknown field "nmae" (did you mean name?)`},
		{"Seed: 1", `1:1: error: unknown field "Seed" (did you mean seed?)`},
		{"colour: 1", `1:1: error: unknown field "colour" (fields are name, about, seed, duration, rounds, count, mode, quiet, ratio, level, port, weights, sites, balancer, servers, labels, backoff, variants, memory, most)`},
		{in + "slowstart: none}]}", `1:36: error: unknown field "slowstart" in balancer.services.mail (did you mean slow_start?)`},
		{"seed: 1\nname: a\nseed: 2", `3:1: error: the field "seed" is given twice (the first is on line 1)`},
		{"labels: {a: {}, a: {}}", `1:17: error: the field "a" is given twice in labels (the first is on line 1)`},
		{"duration: 300", `1:11: error: duration: "300" has no unit (write 300s or 300ms (HAProxy reads a bare number as milliseconds, nginx as seconds))`},
		{"duration: -5s", `1:11: error: duration: "-5s" is negative (a duration is 0 or more)`},
		{"duration: .inf", `1:11: error: duration: ".inf" is not a duration (write a number and a unit, such as 250ms, 30s, 1h30m or 2d)`},
		{"duration: {a: b}", `1:11: error: duration: a duration such as 30s is expected, not fields`},
		{"duration:", `1:10: error: duration: the value is missing (write a value, or remove the line to get the default)`},
		{"name: ~", `1:7: error: name: the value is missing (write a value, or remove the line to get the default)`},
		{"name: [a]", `1:7: error: name: a word is expected, not a list`},
		{"quiet: yes", `1:8: error: quiet: "yes" is neither true nor false (write true or false)`},
		{"quiet: \"true\"", `1:8: error: quiet: "true" is neither true nor false (write true or false)`},
		{"level: 1.5", `1:8: error: level: "1.5" is not a whole number (write digits only, such as 4)`},
		{"level: 1_0", `1:8: error: level: "1_0" is not a whole number (write 10)`},
		{"level: 0x10", `1:8: error: level: "0x10" is not a whole number (write digits only, such as 4)`},
		{"level: 010", `1:8: error: level: "010" begins with a zero (write it without; numbers are decimal)`},
		{"level: 128", `1:8: error: level: "128" is out of range (-128 to 127 is possible)`},
		{"level: '1'", `1:8: error: level: "1" is text; a whole number is expected (remove the quotes)`},
		{"port: 65536", `1:7: error: port: "65536" is out of range (0 to 65535 is possible)`},
		{"port: -1", `1:7: error: port: "-1" is negative (write a whole number from 0 on)`},
		{"seed: 99999999999999999999", `1:7: error: seed: "99999999999999999999" is out of range (0 to 18446744073709551615 is possible)`},
		{"ratio: .nan", `1:8: error: ratio: ".nan" is not a plain number (write it without a unit, such as 2 or 0.5)`},
		{"ratio: 1e999", `1:8: error: ratio: "1e999" is too large`},
		{"ratio: 5ms", `1:8: error: ratio: "5ms" is not a plain number (write it without a unit, such as 2 or 0.5)`},
		{"weights: 5", `1:10: error: weights: a list is expected (write [5])`},
		{"weights: [1, x]", `1:14: error: weights[1]: "x" is not a whole number (write digits only, such as 4)`},
		{"servers: {name: a}", `1:10: error: servers: a list is expected (begin each element with "- ", or write [{...}, {...}])`},
		{"servers: [{name: ex1, cores: x}]", `1:30: error: servers.ex1.cores: "x" is not a whole number (write digits only, such as 4)`},
		{"balancer: kemp", `1:11: error: balancer: fields are expected, not "kemp" (fields are product, services)`},
		{"balancer: product:kemp", `1:11: error: balancer: fields are expected, not "product:kemp" (put a space after the colon)`},
		{"- a", `1:1: error: fields are expected, not a list (fields are name, about, seed, duration, rounds, count, mode, quiet, ratio, level, port, weights, sites, balancer, servers, labels, backoff, variants, memory, most)`},
		{"labels: [a]", `1:9: error: labels: fields are expected (write {name: value, ...})`},
		{"count: 5", `1:8: error: count: "5" is not a range (write 2..40)`},
		{"mode: opne", `1:7: error: mode: "opne" is not one of open, closed (did you mean open?)`},
		{"mode: [open]", `1:7: error: mode: one of open, closed is expected, not a list`},
		{"rounds: many", `1:9: error: rounds: "many" is not a number of rounds`},
		{in + "servers: [a b]}]}", `1:46: error: servers[0]: a server name has no spaces (remove them)`},
		{"most: 0.35", `1:7: error: most: "0.35" has no percent sign (write 35% or 0.35%)`},
		{"memory: 4", `1:9: error: memory: "4" has no unit (write 4B, 4KB, 4MB or 4GB)`},
		{in + "scheduler: leastconn}]}", `1:47: error: services.mail.scheduler: "leastconn" is not one of none, round-robin, least-connections, linear, constant (HAProxy calls it leastconn; here it is least-connections)`},
		{in + "scheduler: {kind: LeastConn}}]}", `1:54: error: scheduler.kind: "LeastConn" is not one of none, round-robin, least-connections, linear, constant (HAProxy calls it leastconn; here it is least-connections)`},
		{in + "scheduler: {kind: linaer}}]}", `1:54: error: scheduler.kind: "linaer" is not one of none, round-robin, least-connections, linear, constant (did you mean linear?)`},
		{in + "scheduler: {kind: [a]}}]}", `1:54: error: scheduler.kind: the name of a kind is expected (kinds are none, round-robin, least-connections, linear, constant)`},
		{in + "scheduler: {kind: round-robin, time: 5s}}]}", `1:67: error: unknown field "time" in balancer.services.mail.scheduler (time belongs to kind linear)`},
		{in + "scheduler: {kind: round-robin, foo: 5s}}]}", `1:67: error: unknown field "foo" in balancer.services.mail.scheduler (this kind has no fields)`},
		{in + "scheduler: {kind: linear, tiem: 5s}}]}", `1:62: error: unknown field "tiem" in balancer.services.mail.scheduler (did you mean time?)`},
		{in + "scheduler: {kind: linear, kind: none}}]}", `1:62: error: the field "kind" is given twice in balancer.services.mail.scheduler (the first is on line 1)`},
		{in + "scheduler: [none]}]}", `1:47: error: services.mail.scheduler: one policy is expected, not a list (write {kind: none})`},
		{in + "slow_start: 5}]}", `1:48: error: services.mail.slow_start: "5" has no unit (write 5s or 5ms (HAProxy reads a bare number as milliseconds, nginx as seconds))`},
	} {
		_, _, found := read(c.text)
		if got := lines(found); got != c.want+"\n" {
			t.Errorf("%s\ngot  %swant %s", c.text, got, c.want)
		}
	}
}

// A policy starts from the value that the field holds if it is of that kind.
func TestDecodePolicyDefaults(t *testing.T) {
	noDefault := NewPolicies(PolicyOf(policyTable, PolicyOptions{}))
	preset := &linear{Time: time.Hour}
	for _, c := range []struct {
		text     string
		policies Policies
		want     policy
	}{
		{"slow_start: linear", policies, &linear{Time: time.Hour}},
		{"slow_start: {then: none}", policies, &linear{Time: time.Hour, Then: &none{}}},
		{"slow_start: {time: 1s}", noDefault, &linear{Time: time.Second}},
		{"slow_start: {kind: least-connections}", policies, &choices{2}},
		{"name: x", policies, &linear{Time: time.Hour}},
	} {
		doc, _ := Parse("x", []byte(c.text))
		got := service{SlowStart: preset}
		if found := doc.Decode(&got, c.policies); found != nil {
			t.Errorf("%s: %v", c.text, found)
		}
		if !reflect.DeepEqual(got.SlowStart, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.text, got.SlowStart, c.want)
		}
		if *preset != (linear{Time: time.Hour}) {
			t.Fatal("the default was changed")
		}
	}
	doc, _ := Parse("x", []byte("slow_start: {time: 1s}"))
	found := doc.Decode(&service{}, noDefault)
	if want := "x:1:13: error: slow_start: the kind is missing (write {kind: none, ...}; kinds are none, round-robin, least-connections, linear, constant)\n"; lines(found) != want {
		t.Errorf("got %s", lines(found))
	}
}

func TestRender(t *testing.T) {
	doc, s, found := read(`name: storm
duration: 300
balancer:
  services:
    - name: mail
      slowstart: {time: 300s}
      scheduler: {kind: leastconn}
servers:
  - {names: "ex[1-4]", cores: 0}
	`)
	found = doc.Check(&s, found)
	found = append(found, Diagnostic{File: "mine.yaml", Severity: Warning,
		Text: "offered load is 104 %", Hint: "from traffic.outlook\nLower requests.rate."})
	const want = `mine.yaml:2:11: error: duration: "300" has no unit
     2 | duration: 300
       |           ^ write 300s or 300ms (HAProxy reads a bare number as milliseconds, nginx as seconds)

mine.yaml:6:7: error: unknown field "slowstart" in balancer.services.mail
     6 |       slowstart: {time: 300s}
       |       ^ did you mean slow_start?

mine.yaml:7:25: error: scheduler.kind: "leastconn" is not one of none, round-robin, least-connections, linear, constant
     7 |       scheduler: {kind: leastconn}
       |                         ^ HAProxy calls it leastconn; here it is least-connections

mine.yaml:9:31: error: servers.ex[1-4].cores: a server needs at least one core
     9 |   - {names: "ex[1-4]", cores: 0}
       |                               ^ write 1 or more

mine.yaml: warning: offered load is 104 %
       from traffic.outlook
       Lower requests.rate.`
	if got := found.Error(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := found.Summary(); got != "4 errors, 1 warning" {
		t.Errorf("Summary: %s", got)
	}
	raw, err := json.Marshal(found[:1])
	if want := `[{"file":"mine.yaml","line":2,"column":11,"width":3,"severity":"error","path":"duration","text":"duration: \"300\" has no unit","hint":"write 300s or 300ms (HAProxy reads a bare number as milliseconds, nginx as seconds)","source":"duration: 300"}]`; err != nil || string(raw) != want {
		t.Errorf("JSON: %s, %v", raw, err)
	}
}

// What follows from a mistake is not reported a second time.
func TestCheckAfterMistakes(t *testing.T) {
	doc, s, found := read("servers:\n  - {name: a, cores: 1.5}\n  - {name: b, cores: 0}")
	const want = `2:22: error: servers.a.cores: "1.5" is not a whole number (write digits only, such as 4)
3:22: error: servers.b.cores: a server needs at least one core (write 1 or more)
`
	if got := lines(doc.Check(&s, found)); got != want {
		t.Error(got)
	}
}

// Neither is what is missing because its field is misspelt.
func TestCheckAfterUnknownFields(t *testing.T) {
	doc, s, found := read("servers:\n  - {name: a, core: 2}\n  - {name: b, cores: 0}")
	const want = `2:15: error: unknown field "core" in servers.a (did you mean cores?)
3:22: error: servers.b.cores: a server needs at least one core (write 1 or more)
`
	if got := lines(doc.Check(&s, found)); got != want {
		t.Error(got)
	}
	if !found.Hide("servers.a.cores") || found.Hide("servers.a.names") || found.Hide("servers.a") {
		t.Error("cores of a are hidden, and nothing else of it")
	}
}

func TestRenderManyAndLong(t *testing.T) {
	_, _, found := read(strings.Repeat("x: 1\n", 1000))
	if len(found) != maxKept+1 || found[maxKept].Text != "800 more mistakes are not listed" {
		t.Errorf("%d kept, last %q", len(found), found[len(found)-1].Text)
	}
	text := found.Error()
	if n := strings.Count(text, "error:"); n != maxShown || !strings.HasSuffix(text, "\n\nand 900 more") {
		t.Errorf("%d shown, ends %q", n, text[len(text)-30:])
	}
	_, _, found = read("labels: {" + strings.Repeat("日本: {color: red}, ", 50) + "é: {colour: red}}")
	last := Diagnostics{found[len(found)-1]}
	want := "mine.yaml:1:914: error: unknown field \"colour\" in labels.é\n" +
		"     1 | …, 日本: {color: red}, 日本: {color: red}, 日本: {color: red}, é: {colour: red}}\n" +
		"       |  " + strings.Repeat(" ", 66) + "^ did you mean color?"
	if got := last.Error(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
