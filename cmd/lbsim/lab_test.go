package main

import (
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// needsHAProxy skips a test where HAProxy is not installed.
func needsHAProxy(t *testing.T) {
	for _, path := range []string{"haproxy", "/usr/sbin/haproxy"} {
		if _, err := exec.LookPath(path); err == nil {
			return
		}
	}
	t.Skip("haproxy is not installed")
}

// The folder of a real run has both sides, and a scenario that repeats the simulations;
// connections of round robin that come one by one meet the same servers.
func TestLab(t *testing.T) {
	needsHAProxy(t)
	t.Chdir(t.TempDir())
	write(t, "mine.yaml", labScenario)
	text := string(lbsim(t, "lab", "mine.yaml", "--repetitions", "1", "--seeds", "2", "--record", "assignments"))
	for _, want := range []string{"1 real run of 3s with 60 arrivals, 2 simulations of each", "picks     repetition 1: all ", "HAProxy", "simulated lbsim run out/mine-lab/simulated.yaml"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	rows := read(t, "out/mine-lab/assignments.csv")
	for _, variant := range []string{",real\n", ",simulated\n"} {
		if n := strings.Count(rows, variant); n < 55 {
			t.Errorf("%d rows of%s", n, variant)
		}
	}
	lbsim(t, "run", "out/mine-lab/simulated.yaml", "--record", "assignments")
	again := read(t, "out/simulated/assignments.csv")
	lines := strings.Split(strings.TrimSpace(again), "\n")
	for _, line := range lines[1:] {
		if !strings.Contains(rows, line+",simulated\n") {
			t.Errorf("the simulation does not have %s", line)
		}
	}
}

// A signal ends a real run within a moment, and leaves neither files nor processes.
func TestLabInterrupt(t *testing.T) {
	needsHAProxy(t)
	folder := t.TempDir()
	write(t, folder+"/mine.yaml", strings.Replace(labScenario, "3s", "60s", 1))
	before := listing(t, folder)
	cmd := lbsimProcess(t, "lab", "mine.yaml")
	cmd.Dir = folder
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr // until the last process that has them ends
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != exitInterrupted {
		t.Fatalf("exit status %d, %v\n%s", status, err, &stderr)
	}
	if stdout.Len() > 0 || stderr.String() != "lbsim: interrupted: nothing was written\n" {
		t.Errorf("standard output %q, standard error %q", &stdout, &stderr)
	}
	if after := listing(t, folder); after != before {
		t.Errorf("files before:\n%safter:\n%s", before, after)
	}
}

const labScenario = `name: mine
duration: 3s
sites: [{name: web, clients: 50}]
traffic: [{name: web, from: [web], arrivals: {kind: deterministic, rate: 20/s}, demand: 5ms}]
balancer: {product: haproxy, services: [{name: web, mode: http, scheduler: round-robin, health: none, servers: ["s[1-3]"]}]}
servers: [{names: "s[1-3]"}]
`
