package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Wireshark reads what a run records, checksums and all, and has nothing to remark
// beyond what losses imply; lbsim's own diagnosis finds the stalls of the run.
func TestRecordPcap(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("tshark is not installed (Debian: apt-get install tshark)")
	}
	const relay = `
network:
  rtt: 10ms
  loss: 1%
  tls: "1.2"
  client: {stack: windows}
  server: {stack: linux}
  inner: {rtt: 1ms, pooled: false}
servers: [{names: "s[1-2]"}]
`
	for name, x := range map[string]struct {
		scenario string
		lossy    bool
	}{
		"delayed-ack": {"delayed-ack", false},
		"relay.yaml": {`name: relay
duration: 20s
sites: [{name: near, clients: 20}, {name: far, clients: 20, rtt: 50ms, nat: {addresses: 1}}]
traffic:
  - {name: pages, from: [near, far], arrivals: {kind: poisson, rate: 10/s}, demand: 5ms, exchange: {client_writes: [100, 200], server_writes: [500, 9000]}}
  - {name: desk, from: [near], requests: {think: 1s, demand: 5ms}, setup: {demand: 3ms}, exchange: {client_writes: [300], server_writes: [1860], count: 3}}` + relay, true},
		"http.yaml": {`name: http
duration: 20s
sites: [{name: near, clients: 20}]
traffic:
  - {name: pages, from: [near], requests: {think: 1s, demand: 5ms}}
balancer: {services: [{name: web, mode: http, servers: ["s[1-2]"]}]}` + strings.Replace(relay, "loss: 1%", "loss: 0%", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			scenario := x.scenario
			if strings.HasSuffix(name, ".yaml") {
				write(t, name, scenario)
				scenario = name
			}
			args := []string{"run", scenario, "-o", "out", "--record", "pcap", "--quiet", "--format", "json"}
			if name == "delayed-ack" {
				args = append(args, "--set", "duration=20s", "--set", "warmup=0s", "--set", "expect=[]", "--replications", "1")
			}
			var stdout, stderr bytes.Buffer
			if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitDone {
				t.Fatalf("exit status %d\n%s", status, &stderr)
			}
			recorded := filepath.Join("out", "exchange.pcap")
			if name == "delayed-ack" {
				stallsAreFound(t, recorded)
			}
			if tshark == "" {
				t.Skip("tshark is not installed (Debian: apt-get install tshark)")
			}
			wrong := "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.expert.severity == error"
			if !x.lossy { // else what is sent again is remarked on
				wrong += " || tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || _ws.expert.severity == warning"
			}
			for filter, none := range map[string]bool{"tcp": false, wrong: true} {
				text, err := exec.Command(tshark, "-r", recorded, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", filter).Output()
				if err != nil || none != (len(text) == 0) {
					t.Errorf("%v, %s:\n%.2000s", err, filter, text)
				}
			}
		})
	}
}

// stallsAreFound looks for the stalls of delayed-ack in a recorded capture.
func stallsAreFound(t *testing.T, recorded string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := run([]string{"diagnose", recorded, "--format", "json"}, strings.NewReader(""), &stdout, &stderr); status != exitDone {
		t.Fatalf("exit status %d\n%s", status, &stderr)
	}
	var d struct {
		Exchanges float64
		Stalls    struct {
			Count float64
			Mean  float64 `json:"mean_s"`
		}
		Patterns []struct{ Sender string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	// Every other exchange stalls, and waits for the client's acknowledgement.
	if d.Exchanges < 1000 || math.Abs(d.Stalls.Count/d.Exchanges-0.5) > 0.05 || math.Abs(d.Stalls.Mean-0.2) > 0.02 {
		t.Errorf("%v stalls of %v s in %v exchanges", d.Stalls.Count, d.Stalls.Mean, d.Exchanges)
	}
	if len(d.Patterns) != 1 || d.Patterns[0].Sender != "server" {
		t.Errorf("%+v", d.Patterns)
	}
}
