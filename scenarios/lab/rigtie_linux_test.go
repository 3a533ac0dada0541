package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A lab that is killed leaves nothing behind, either: the balancer ends with it, and
// its files are gone as soon as it has read them.
func TestKilled(t *testing.T) {
	const variable = "LBSIM_TEST_LAB"
	text := func(product string) string {
		return fmt.Sprintf(failing, "0s", product, "tcp", "round-robin", "none", "")
	}
	if product := os.Getenv(variable); product != "" { // the lab that is to be killed
		r := rigOf(t, planOf(t, text(product)))
		fmt.Println("lab:", r.process.cmd.Process.Pid, r.folder, r.services[0].bind.Port())
		r.run(context.Background(), every(280, 10*ms, time.Minute))
		return
	}
	for _, product := range []string{haproxy, nginx} {
		installed(t, product)
		lab := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		lab.Env = append(os.Environ(), variable+"="+product)
		out, err := lab.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := lab.Start(); err != nil {
			t.Fatal(err)
		}
		var pid, port int
		var folder string
		in := bufio.NewScanner(out)
		for pid == 0 && in.Scan() {
			if rest, ok := strings.CutPrefix(in.Text(), "lab: "); ok {
				fmt.Sscan(rest, &pid, &folder, &port)
			}
		}
		if pid == 0 || !listens(port) {
			t.Errorf("%s: no lab was started", product)
		}
		lab.Process.Kill()
		lab.Wait()
		gone := func() bool {
			_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
			return os.IsNotExist(err) && !listens(port)
		}
		for end := time.Now().Add(20 * time.Second); !gone(); time.Sleep(10 * ms) {
			if time.Now().After(end) {
				t.Fatalf("%s: process %d, or its port %d, outlives the lab", product, pid, port)
			}
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("%s: %s is left behind", product, folder)
		}
	}
}

// A program that is no balancer is an error, and leaves nothing behind.
func TestNoBalancer(t *testing.T) {
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	for _, product := range []string{haproxy, nginx} {
		r, err := newRig(t.Context(), planOf(t, fmt.Sprintf(failing, "0s", product, "tcp", "round-robin", "none", "")), rigOptions{Program: program})
		if r != nil || err == nil || !strings.Contains(err.Error(), "true has ended (exit status 0)") {
			t.Errorf("%s: %v", product, err)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

// Who interrupts the start of a balancer does not wait for it, and finds nothing left.
func TestStartInterrupted(t *testing.T) {
	program := filepath.Join(t.TempDir(), "idle")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	for _, product := range []string{haproxy, nginx} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := newRig(ctx, planOf(t, fmt.Sprintf(failing, "0s", product, "tcp", "round-robin", "none", "")), rigOptions{Program: program})
		if cancel(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", product, err)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

// A program that is another balancer, or none, is told before anything is started.
func TestOtherProgram(t *testing.T) {
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	for _, product := range []string{haproxy, nginx} {
		p := planOf(t, fmt.Sprintf(failing, "0s", product, "tcp", "round-robin", "none", ""))
		_, err := perform(t.Context(), p, nil, &Options{Balancer: program})
		if !errors.As(err, new(InputError)) || !strings.Contains(err.Error(), "is not "+product) {
			t.Errorf("%s: %v", product, err)
		}
	}
}

// Who interrupts the question for the balancer's version is told that, and not that
// there is no balancer.
func TestVersionInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := versionOf(ctx, "true"); !errors.Is(err, context.Canceled) || errors.As(err, new(MissingError)) {
		t.Error(err)
	}
}
