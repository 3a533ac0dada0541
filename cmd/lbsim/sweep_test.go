package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sweepScenario takes so long that a sweep of it can be stopped on the way.
const sweepScenario = `name: mine
duration: 12m
warmup: 1m
replications: 6
traffic:
  - {name: web, arrivals: {kind: poisson, rate: 200/s}, demand: {kind: exponential, mean: 4ms}}
balancer:
  services: [{name: web, scheduler: least-connections, servers: [s1, s2]}]
servers:
  - {name: s1}
  - {name: s2}
`

// A sweep that is killed goes on where it was: no run is lost, none is made twice,
// and the bytes are those of a sweep that nobody has killed.
func TestSweepKilled(t *testing.T) {
	for name, signal := range map[string]os.Signal{"kill": syscall.SIGKILL, "interrupt": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "mine.yaml", sweepScenario)
			args := []string{"sweep", "mine.yaml", "--vary", "servers.s1.cores=1..4"}
			cmd := exec.Command("lbsim", args...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() {
				cmd.Wait()
				close(ended)
			}()
			for running := true; running && len(kept(t)) < 3; {
				select {
				case <-ended:
					running = false
				case <-time.After(time.Millisecond):
				}
			}
			cmd.Process.Signal(signal)
			<-ended
			before := kept(t)
			if exists("out/mine-sweep") || len(before) == 24 {
				t.Fatal("the sweep was done before it could be stopped")
			}
			if signal == os.Interrupt {
				if status := cmd.ProcessState.ExitCode(); status != exitInterrupted {
					t.Errorf("exit status %d, want %d", status, exitInterrupted)
				}
				said := regexp.MustCompile(`interrupted: (\d+) of 24 runs are kept in out/mine-sweep.cells`).FindStringSubmatch(stderr.String())
				if said == nil || said[1] != strconv.Itoa(len(before)) {
					t.Errorf("%d runs are kept, but it says\n%s", len(before), &stderr)
				}
			}
			var stdout bytes.Buffer
			stderr.Reset()
			if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitDone {
				t.Fatalf("exit status %d\n%s", status, &stderr)
			}
			if want := strconv.Itoa(len(before)) + " of 24 runs had been made before"; !strings.Contains(stderr.String(), want) {
				t.Errorf("%s\nwant %s", &stderr, want)
			}
			after := kept(t)
			for path, info := range before {
				if again := after[path]; again == nil || !again.ModTime().Equal(info.ModTime()) || !os.SameFile(info, again) {
					t.Errorf("%s was made twice", path)
				}
			}
			mustRun(t, append(args, "-o", "whole")...)
			sameFiles(t, "out/mine-sweep", "whole")
		})
	}
}

// A replication of which only a part was written, or that has a wrong bit, is made
// again.
func TestSweepDamaged(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "mine.yaml", strings.Replace(sweepScenario, "12m", "2m", 1))
	args := []string{"sweep", "mine.yaml", "--vary", "servers.s1.cores=1..4"}
	mustRun(t, append(args, "-o", "whole")...)
	mustRun(t, args...)
	n := 0
	for path := range kept(t) {
		text := read(t, path)
		switch n++; n {
		case 1:
			write(t, path, text[:len(text)/2])
		case 2:
			write(t, path, strings.Replace(text, "1", "2", 1))
		case 3:
			write(t, path, "")
		}
	}
	var stdout, stderr bytes.Buffer
	run(args, strings.NewReader(""), &stdout, &stderr)
	if !strings.Contains(stderr.String(), "21 of 24 runs had been made before") {
		t.Error(stderr.String())
	}
	sameFiles(t, "out/mine-sweep", "whole")
}

// kept are the files of the replications that a sweep has kept so far.
func kept(t *testing.T) map[string]fs.FileInfo {
	t.Helper()
	paths, err := filepath.Glob("out/mine-sweep.cells/*/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]fs.FileInfo{}
	for _, path := range paths {
		if files[path], err = os.Stat(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// mustRun runs a command and returns what it prints.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitDone {
		t.Fatalf("lbsim %s: exit status %d\n%s", strings.Join(args, " "), status, &stderr)
	}
	return stdout.String()
}

// sameFiles fails unless both folders have the same files with the same bytes.
func sameFiles(t *testing.T, folder, other string) {
	t.Helper()
	var all [2]map[string]string
	for i, root := range []string{folder, other} {
		all[i] = map[string]string{}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				name, _ := filepath.Rel(root, path)
				all[i][name] = read(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all[0]) == 0 || len(all[0]) != len(all[1]) {
		t.Errorf("%s has %d files, %s has %d", folder, len(all[0]), other, len(all[1]))
	}
	for name, text := range all[0] {
		if all[1][name] != text {
			t.Errorf("%s differs:\n%s", name, firstDifference(all[1][name], text))
		}
	}
}
