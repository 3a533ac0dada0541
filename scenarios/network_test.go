package scenarios

import (
	"slices"
	"strings"
	"testing"

	"lbsim/models/tcp"
)

const wired = `name: wired
duration: 1m
sites: [{name: hq, clients: 10}, {name: far, clients: 10, rtt: 80ms}]
traffic: [{name: web, from: [hq, far], arrivals: {kind: poisson, rate: 5/s}, demand: 2ms, exchange: {client_writes: [100, 200], server_writes: [500]}}]
network:
  rtt: 10ms
  client: {stack: windows, delayed_ack: 100ms}
  server: {stack: linux}
  inner: {rtt: 1ms, balancer: {stack: bsd}}
  tls: 1.3
  authentication: ntlm
  introspection: {kind: split, into: 3}
servers: [{name: s1}]
variants:
  - {name: as it is}
  - {name: other, set: {network.server.stack: windows-2019, network.client.ack_frequency: 1, network.authentication: {kind: kerberos, request: 900}}}
`

func wiredFile(t *testing.T, old, new string) (*File, error) {
	t.Helper()
	text := strings.Replace(wired, old, new, 1)
	if old != "" && text == wired {
		t.Fatalf("%q is not there", old)
	}
	return Load(Source{Name: "x.yaml", Text: []byte(text)}, nil)
}

// A stack gives what the file leaves open, in every variant its own; what the file
// says stays.
func TestStacksFillIn(t *testing.T) {
	f, err := wiredFile(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) tcp.End { return tcp.FindStack(tcp.StackName(name)).End }
	want := tcp.NewConfig(10_000_000)
	want.Client, want.Server = find("windows"), find("linux")
	want.Client.Stack, want.Client.DelayedAck, want.Server.Stack = "windows", 100_000_000, "linux"
	n := f.Variants[0].Config.Network
	if n.Client != want.Client || n.Server != want.Server || n.TLS != tcp.TLS13 || n.Inner.Balancer.Timer != tcp.Tick || !n.Inner.Pooled || n.Introspection.Into != 3 {
		t.Errorf("%+v", n)
	}
	if a := n.Authentication.(*tcp.Authentication); a.Exchanges != 2 || a.Request != 700 {
		t.Errorf("%+v", a)
	}
	n = f.Variants[1].Config.Network
	want.Server, want.Client.AckFrequency = find("windows-2019"), 1
	want.Server.Stack = "windows-2019"
	if n.Client != want.Client || n.Server != want.Server {
		t.Errorf("%+v", n)
	}
	if a := n.Authentication.(*tcp.Authentication); a.Exchanges != 1 || a.Request != 900 {
		t.Errorf("%+v", a)
	}
	if f.Variants[0].Config.Sites[1].RTT != 80_000_000 {
		t.Error("the site is not far away")
	}
	shown, err := f.Show()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(Source{Name: "shown.yaml", Text: shown}, nil)
	if err != nil {
		t.Fatalf("what is shown cannot be read: %v", err)
	}
	if a, b := again.Variants[0].Config.Network, f.Variants[0].Config.Network; a.Client != b.Client || a.Server != b.Server || a.Inner.Balancer != b.Inner.Balancer {
		t.Errorf("what is shown is another network: %+v", a)
	}
}

// Every value of a stack has an origin in an explanation, and the file's has its line.
func TestExplainedStacks(t *testing.T) {
	f, err := wiredFile(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	x, _ := f.Explain("")
	from := map[string]string{}
	for i := range x.Values {
		v := &x.Values[i]
		from[v.Path] = v.From("x.yaml")
		if v.Origin == ByStack && v.Preset.Source == "" {
			t.Errorf("%s has no source", v.Path)
		}
	}
	for path, want := range map[string]string{
		"network.client.delayed_ack": "line 7", "network.client.mss": "stack windows", "network.server.nagle": "stack linux",
		"network.inner.balancer.timer": "stack bsd", "network.rtt": "line 6", "network.certificate": "default", "network.authentication.exchanges": "default",
	} {
		if from[path] != want {
			t.Errorf("%s: %s, not %s", path, from[path], want)
		}
	}
}

func TestMistakesInNetworks(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"stack: linux", "stack: linx", `did you mean linux?`},
		{"delayed_ack: 100ms", "delayed_ack: 600ms", "is not below 500ms"},
		{"delayed_ack: 100ms", "delay_ack: 100ms", "did you mean delayed_ack?"},
		{"tls: 1.3", "tls: 1.4", "is not one of"},
		{"rtt: 80ms", "rtt: 20s", "sites.far.rtt"},
		{"server_writes: [500]", "server_writes: [0]", "server_writes[0]: 0 is not between"},
		{"kind: split", "kind: splitting", "did you mean split?"},
	} {
		_, err := wiredFile(t, c.old, c.new)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
	http := strings.Replace(wired, "  inner: {rtt: 1ms, balancer: {stack: bsd}}\n", "", 1) + "balancer: {services: [{name: web, mode: http, servers: [s1]}]}\n"
	if _, err := Load(Source{Name: "x.yaml", Text: []byte(http)}, nil); err == nil || !strings.Contains(err.Error(), "write inner: {rtt: 0s}") {
		t.Errorf("a balancer that reads requests: %v", err)
	}
}

func TestForeseenOfNetworks(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"delayed_ack: 100ms", "delayed_ack: 400ms", ""}, // the balancer, a BSD, waits for it for 1 s
		{"stack: bsd", "stack: windows-datacenter, min_rto: 99ms", "variant as it is: balancer.min_rto: what waits for the other end's acknowledgement, delayed by 100ms, is sent again before: 99ms after a round trip"},
		{"stack: bsd", "stack: windows-datacenter, min_rto: 100ms", ""},
		{"stack: linux", "stack: windows-datacenter", "variant as it is: server.min_rto: what waits for the other end's acknowledgement, delayed by 200ms, is sent again before: 20ms after a round trip"},
		{wired[strings.Index(wired, "network:"):strings.Index(wired, "servers: [")], "", "traffic.web.exchange: without a network it takes no time"},
		{wired[strings.Index(wired, "network:"):strings.Index(wired, "servers: [")], "", "sites.far.rtt: without a network no site is far away"},
	} {
		text := strings.Replace(wired, c.old, c.new, 1)
		if c.old != "" && c.new == "" {
			text = text[:strings.Index(text, "variants:")]
		}
		f, err := Load(Source{Name: "x.yaml", Text: []byte(text)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range f.Warnings {
			got = append(got, w.Text)
		}
		if c.want == "" && got != nil || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("warnings are %q", got)
		}
	}
}

// What would take long before the run begins is refused, and a sequence that is as
// long as one can be is not.
func TestWorkOfNetworks(t *testing.T) {
	text := strings.Replace(strings.Replace(wired, "server_writes: [500]}", "server_writes: [50], count: 20000}", 1), "bsd", "linux", 1)
	if _, err := Load(Source{Name: "x.yaml", Text: []byte(text)}, nil); err != nil {
		t.Error(err)
	}
	text = strings.Replace(wired, "server_writes: [500]}", "server_writes: [15000000]}", 1)
	if _, err := Load(Source{Name: "x.yaml", Text: []byte(text)}, nil); err == nil || !strings.Contains(err.Error(), "packets are simulated before the run") {
		t.Errorf("large answers where clocks tick: %v", err)
	}
}
