package main

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// everything uses each law, scheduler, ramp, backoff and law of group sizes
// once, so that all the arithmetic which decides when something happens runs.
const everything = `name: everything
duration: 5m
warmup: 30s
replications: 2
sites:
  - {name: equal, clients: 60, nat: {addresses: 4}}
  - {name: zipf, clients: 60, nat: {addresses: 7, sizes: {kind: zipf, exponent: 1.3}}}
  - {name: pareto, clients: 60, nat: {addresses: 7, pooling: arbitrary, sizes: {kind: pareto, alpha: 1.1}}}
  - {name: listed, clients: 60, nat: {sizes: {kind: listed, of: [60, 20, 10, 10]}}}
traffic:
  - {name: a, from: [equal], to: rr, arrivals: {kind: poisson, rate: 20/s}, demand: {kind: exponential, mean: 30ms}}
  - {name: b, from: [zipf], to: random, arrivals: {kind: deterministic, rate: 7/s}, demand: {kind: lognormal, mean: 40ms, cv: 1.5},
     retry: {attempts: 3, backoff: {kind: uniform, first: 1s, max: 4s}}}
  - {name: c, from: [pareto], to: two, arrivals: {kind: poisson, rate: 5/s}, connections: {lifetime: {kind: weibull, mean: 20s, cv: 2}},
     requests: {rate: 1/s, demand: {kind: gamma, mean: 5ms, cv: 0.7}}, setup: {demand: {kind: uniform, min: 1ms, max: 20ms}}}
  - {name: d, from: [listed], to: least, connections: {per_client: 2, lifetime: {kind: hyperexponential, mean: 30s, cv: 2}},
     requests: {rate: 0.5/s, demand: {kind: pareto, mean: 10ms, alpha: 2.2}}, retry: {backoff: {kind: exponential, first: 1s, max: 8s}}}
  - {name: e, from: [equal], to: hash, connections: {lifetime: {kind: erlang, mean: 40s, shape: 3}},
     requests: {think: {kind: exponential, mean: 2s}, demand: 8ms}, retry: {backoff: {kind: constant, first: 2s, jitter: full}}}
balancer:
  services:
    - {name: rr, scheduler: round-robin, persistence: {kind: source-ip, timeout: 20s}, slow_start: {kind: linear, time: 60s}, servers: [{name: s1, weight: 3}, s2, s3]}
    - {name: random, scheduler: random, slow_start: {kind: linear, time: 60s}, servers: ["s[1-3]"]}
    - {name: two, scheduler: two-choices, persistence: {kind: cookie-insert, timeout: 1m}, servers: [s1, {name: s2, max_connections: 20}, s3]}
    - {name: least, scheduler: least-connections, slow_start: {kind: linear, time: 60s}, servers: ["s[1-3]"]}
    - {name: hash, scheduler: {kind: source-hash, hash: fnv1a-text}, servers: ["s[1-3]"]}
servers:
  - {name: s1, cores: 2, discipline: ps}
  - {name: s2, cores: 2, queue: 30}
  - {name: s3, cores: 1, slots: 4, queue: 50, discipline: ps}
timeline: [{at: 90s, fail: s2}, {at: 150s, recover: s2}]
plots: [connections-over-time, response-time-over-time]
`

// The same scenario, seed and version give the same bytes on other processors:
// every file of the result is compared. On arm64 the compiler would fuse
// multiplications with additions if the code let it.
func TestSameBytesOnOtherProcessors(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "everything.yaml")
	write(t, scenario, everything)
	runs := [][]string{
		{"run", scenario},
		{"run", "rejoin-storm", "--replications", "2", "--set", "sites.staff.clients=600"},
		{"run", "source-ip-nat", "--replications", "1"},
	}
	here := filesOf(t, nil, runs, buildFor(t))
	t.Run("arm64", func(t *testing.T) {
		compareResults(t, here, filesOf(t, []string{emulator(t, "qemu-aarch64")}, runs, buildFor(t, "GOARCH=arm64")))
	})
	t.Run("amd64 v3", func(t *testing.T) {
		binary := buildFor(t, "GOARCH=amd64", "GOAMD64=v3")
		var on []string
		if exec.Command(binary, "version").Run() != nil { // an older processor, or another one
			on = []string{emulator(t, "qemu-x86_64"), "-cpu", "max"}
		}
		compareResults(t, here, filesOf(t, on, runs, binary))
	})
	t.Run("one thread", func(t *testing.T) {
		t.Setenv("GOMAXPROCS", "1")
		compareResults(t, here, filesOf(t, nil, runs, buildFor(t)))
	})
}

// A difference in the last bit seldom shows in times of whole nanoseconds.
// These tests hash the bits of logarithms, powers and quantiles.
func TestFrozenBitsOnARM(t *testing.T) {
	test := exec.Command("go", "test", "-count=1", "-exec", emulator(t, "qemu-aarch64"), "-run", "Frozen", "lbsim/sim", "lbsim/models/dist")
	test.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH=arm64")
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// emulator returns the program that runs those of another processor. Without it
// the test is skipped, except where all tests have to run.
func emulator(t *testing.T, name string) string {
	t.Helper()
	qemu, err := exec.LookPath(name)
	switch {
	case err == nil:
		return qemu
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not installed (Debian: apt-get install qemu-user)", name)
	}
	t.Skipf("%s is not installed (Debian: apt-get install qemu-user)", name)
	return ""
}

// buildFor builds the program with changes to the environment.
func buildFor(t *testing.T, env ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "lbsim")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+runtime.GOARCH, "GOAMD64=v1"), env...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// filesOf runs the program and returns all files that it writes.
func filesOf(t *testing.T, emulator []string, runs [][]string, binary string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	dir := t.TempDir()
	for _, args := range runs {
		command := append(append(slices.Clone(emulator), binary), args...)
		cmd := exec.Command(command[0], append(command[1:], "--quiet", "--record", "assignments")...)
		cmd.Dir = dir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != exitMissed {
			t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, &stderr)
		}
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path], err = os.ReadFile(filepath.Join(dir, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("the runs left only %d files", len(files))
	}
	return files
}

func compareResults(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if !bytes.Equal(want[path], got[path]) {
			t.Errorf("%s differs:\n%s", path, firstDifference(string(want[path]), string(got[path])))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files instead of %d", len(got), len(want))
	}
}
