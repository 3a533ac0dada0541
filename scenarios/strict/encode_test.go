package strict

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
)

func TestEncode(t *testing.T) {
	_, s, found := read(`
name: storm
about: "yes: # it is"
rounds: 5
balancer:
  services:
    - name: mail
      scheduler: {kind: least-connections, choices: 3}
      slow_start: {time: 60s, then: {kind: linear, then: none}}
      servers: [ex1, {name: "2", weight: 2}]
    - {name: web, slow_start: 5ms}
servers: []
weights: [1, 2]
labels: {no: {color: "007"}, 300 s: {color: 日本, inner: {color: blue}}}
backoff: [none, 100ms]
variants: [{name: a, set: {x.y: none, z: [a, "5"], w: ~, "b:c": {a: {b: {c: d}}}}}]
memory: 4096B
most: 35%
`)
	if found != nil {
		t.Fatal(found)
	}
	const want = `name: storm
about: "yes: # it is"
seed: 1
duration: 0s
rounds: {max: 5, step: 0}
count: 1..2
quiet: false
ratio: 0.5
level: 0
port: 0
weights: [1, 2]

balancer:
  product: haproxy
  services:
    - name: mail
      scheduler: {kind: least-connections, choices: 3}
      slow_start: {kind: linear, time: 1m, then: {kind: linear, time: 10s, then: none}}
      servers:
        - {name: ex1, weight: 1}
        - {name: "2", weight: 2}
    - {name: web, scheduler: round-robin, slow_start: {kind: constant, value: 5ms}}

servers: []

labels:
  300 s: {color: 日本, inner: {color: blue}}
  "no": {color: "007"}

backoff:
  - none
  - {kind: constant, value: 100ms}

variants:
  - name: a
    set:
      x.y: none
      z: [a, "5"]
      w: null
      "b:c":
        a: {b: {c: d}}

memory: 4KiB
most: 35%
`
	got, err := Encode(&s, policies)
	if err != nil || string(got) != want {
		t.Errorf("%v, got:\n%s", err, got)
	}
	_, again, found := read(string(got))
	if found != nil {
		t.Fatal(found)
	}
	text, err := Encode(again, policies)
	if err != nil || string(text) != want {
		t.Errorf("a second time: %v, got:\n%s", err, text)
	}
}

func TestEncodeErrors(t *testing.T) {
	type unlisted struct{ roundRobin }
	for want, s := range map[string]scenario{
		"duration: -1ns is out of range":                            {Duration: -1},
		"mode: 7 is not one of open, closed":                        {Mode: 7},
		"ratio: NaN is out of range":                                {Ratio: math.NaN()},
		"most: 2 is out of range":                                   {Limits: Limits{Most: 2}},
		`name: "\xff" is not UTF-8`:                                 {Name: "\xff"},
		"sites[0].rate: +Inf is out of range":                       {Sites: []site{{Rate: flow.Rate(math.Inf(1))}}},
		"backoff[0]: strict.unlisted is not one kind of its policy": {Backoff: []policy{unlisted{}}},
		"backoff: element 1 is empty":                               {Backoff: []policy{&none{}, nil}},
	} {
		if _, err := Encode(s, policies); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Any value of the scenario's types survives writing and reading.
func TestEncodeRoundTrip(t *testing.T) {
	u := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		want := randomScenario(u)
		text, err := Encode(want, policies)
		if err != nil {
			t.Fatal(err)
		}
		doc, found := Parse("x", text)
		var got scenario
		if found == nil {
			found = doc.Decode(&got, policies)
		}
		if found != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\n%s\ngot  %+v\nwant %+v", found, text, got, want)
		}
	}
}

func randomScenario(u *rand.Rand) scenario {
	s := scenario{
		Name: randomText(u), About: randomText(u), Seed: u.Uint64(), Duration: randomDuration(u),
		Rounds: rounds{u.IntN(100), -u.IntN(100)}, Mode: mode(u.IntN(3)), Count: span2{u.IntN(9), u.IntN(99)}, Quiet: u.IntN(2) == 0,
		Ratio: math.Ldexp(u.NormFloat64(), u.IntN(200)-100), Level: int8(u.Uint32()), Port: uint16(u.Uint32()),
		Limits: Limits{flow.Size(randomDuration(u)), flow.Share(u.Float64())},
	}
	for range u.IntN(3) {
		s.Weights = append(s.Weights, u.IntN(100)-50)
		s.Sites = append(s.Sites, site{randomText(u), u.IntN(1000), flow.Rate(u.ExpFloat64())})
		s.Servers = append(s.Servers, server{Name: randomText(u), Cores: u.IntN(8)})
		s.Backoff = append(s.Backoff, randomPolicy(u, 3))
		s.Variants = append(s.Variants, variant{Name: randomText(u)})
	}
	if u.IntN(2) == 0 {
		s.Balancer = &balancer{Product: randomText(u)}
		for range u.IntN(3) {
			s.Balancer.Services = append(s.Balancer.Services, service{
				randomText(u), randomPolicy(u, 3), randomPolicy(u, 3), []member{{randomText(u), u.IntN(9)}},
			})
		}
	}
	if u.IntN(2) == 0 {
		s.Labels = map[string]tag{randomText(u): {randomText(u), &tag{Color: randomText(u)}}, "x": {}}
	}
	return s
}

func randomDuration(u *rand.Rand) time.Duration {
	return time.Duration(u.Uint64() >> (1 + u.IntN(63)))
}

func randomPolicy(u *rand.Rand, depth int) policy {
	switch u.IntN(5) {
	case 0:
		return &none{}
	case 1:
		return &roundRobin{}
	case 2:
		return &choices{u.IntN(9)}
	case 3:
		return &constant{randomDuration(u)}
	}
	l := &linear{Time: randomDuration(u)}
	if depth > 0 {
		l.Then = randomPolicy(u, depth-1)
	}
	return l
}

// randomText strings together pieces that a writer of YAML may stumble over.
func randomText(u *rand.Rand) string {
	pieces := []string{"a", "B", "7", " ", "-", ":", "#", ",", "[", "}", "'", "\"", "\\", "\n", "\t", "\r\n", "é", "日", "\u2028",
		"\u00a0", "\x00", "\x7f", "~", "null", "yes", "1e3", "%", "@", "*", "&", "!", "|", ">", "?", "<<", "---", "...", ".", "=", "\U0001f600"}
	var b strings.Builder
	for range u.IntN(5) {
		b.WriteString(pieces[u.IntN(len(pieces))])
	}
	return b.String()
}
