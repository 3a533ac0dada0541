package capture

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"lbsim/models/tcp"
)

// What is written of a capture is an exchange and a network of package tcp, with
// no other keys, and stalls in a simulation as in the capture.
func TestScenario(t *testing.T) {
	tail := tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{4780}, Think: 2 * ms, Count: 9, ClientThink: 30 * ms}
	window := tcp.NewConfig(20 * ms)
	window.Server.InitialWindow = 1
	for name, capture := range map[string][]byte{
		"real":             content(t, stallsCapture),
		"write-write-read": written(t, AtClient, simulated(t, tcp.NewConfig(10*ms), stalling, tcp.Options{})),
		"tail":             written(t, AtServer, simulated(t, tcp.NewConfig(10*ms), tail, tcp.Options{})),
		"congestion window": written(t, AtServer, simulated(t, window,
			tcp.Exchange{ClientWrites: []int{300}, ServerWrites: []int{2920}, Count: 3, ClientThink: time.Second}, tcp.Options{})),
	} {
		d := diagnosed(t, capture)
		text := d.Scenario("mine", "x.pcap\n")
		var file struct {
			Name, About string
			Seed        int
			Duration    time.Duration
			Traffic     []struct{ Exchange tcp.Exchange }
			Network     tcp.Config
			Variants    []struct {
				Name string
				Set  map[string]any
			}
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		var keys struct {
			Traffic []map[string]any
			Network map[string]any
		}
		if err := yaml.Unmarshal(text, &keys); err != nil {
			t.Fatal(err)
		}
		checkKeys(t, keys.Traffic[0]["exchange"], []string{"client_writes", "server_writes", "think", "count", "client_think"})
		checkKeys(t, keys.Network, []string{"rtt", "client", "server"})
		end := []string{"nagle", "ack_frequency", "delayed_ack", "mss", "initial_window", "nodelay"}
		checkKeys(t, keys.Network["client"], end)
		checkKeys(t, keys.Network["server"], end)

		c := tcp.NewConfig(file.Network.RTT)
		given(&c.Client, file.Network.Client)
		given(&c.Server, file.Network.Server)
		x := file.Traffic[0].Exchange
		trace, err := tcp.Simulate(&c, &x, tcp.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if trace.Stalls != d.Stalls.Count {
			t.Errorf("%s: %d stalls in the simulation, %d in the capture\n%s", name, trace.Stalls, d.Stalls.Count, text)
		}
		near(t, name, trace.StallTime.Seconds(), d.Stalls.Total, 0.02*d.Stalls.Total)
		for _, v := range file.Variants[1:] {
			for path := range v.Set {
				section, key, _ := strings.Cut(strings.TrimPrefix(path, "network."), ".")
				if !slices.Contains([]string{"client.nodelay", "server.nodelay", "client.ack_frequency", "server.ack_frequency"}, section+"."+key) {
					t.Errorf("%s: variant %q sets %s", name, v.Name, path)
				}
			}
		}
	}
}

// given puts what a scenario says of an end into the default.
func given(end *tcp.End, e tcp.End) {
	end.Nagle, end.AckFrequency, end.DelayedAck, end.MSS, end.InitialWindow, end.Nodelay = e.Nagle, e.AckFrequency, e.DelayedAck, e.MSS, e.InitialWindow, e.Nodelay
}

func checkKeys(t *testing.T, v any, known []string) {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%v is no mapping", v)
	}
	for k := range m {
		if !slices.Contains(known, k) {
			t.Errorf("key %s", k)
		}
	}
}
