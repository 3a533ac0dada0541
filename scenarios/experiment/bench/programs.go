package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func buildLimit() (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "lbsim-bench-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, "limit")
	build := exec.Command("go", "build", "-o", path, "lbsim/sim/bench/limit")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		remove()
		return "", nil, fmt.Errorf("building the limit program: %w", err)
	}
	return path, remove, nil
}

// What the limit program prints: how much work it did and, for the hold model,
// the hash of the order of events.
var (
	limitUnits = regexp.MustCompile(` n=([0-9]+) `)
	limitOrder = regexp.MustCompile(`order=([0-9a-f]{16})`)
)

func runLimit(path string, args []string) (o outcome, err error) {
	child := exec.Command(path, args...)
	text, err := child.Output()
	if err != nil {
		return o, fmt.Errorf("limit %s: %w", strings.Join(args, " "), err)
	}
	units := limitUnits.FindSubmatch(text)
	if units == nil {
		return o, fmt.Errorf("limit %s does not say how much it did: %s", strings.Join(args, " "), text)
	}
	if order := limitOrder.FindSubmatch(text); order != nil {
		o.Order = string(order[1])
	}
	o.Units, err = strconv.Atoi(string(units[1]))
	o.Rate = o.perSecondOf(child.ProcessState)
	return o, err
}

// runSelf runs a workload of lbsim in a process of its own, so that no
// workload inherits the heap of another.
func runSelf(w workload) (o outcome, err error) {
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	child := exec.Command(self, "-measure", w.name)
	child.Stderr = os.Stderr
	text, err := child.Output()
	if err != nil {
		return o, fmt.Errorf("%s: %w", w.name, err)
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return o, err
	}
	if w.limit != nil || w.than != "" {
		o.Rate = o.perSecondOf(child.ProcessState)
	}
	return o, nil
}

// perSecondOf is the speed by processor time, start-up and all: unlike the time
// on the wall, it does not count how long a process waits for a busy machine.
func (o *outcome) perSecondOf(p *os.ProcessState) float64 {
	return float64(o.Units) / (p.UserTime() + p.SystemTime()).Seconds()
}

// processorTime is how long processors have worked for this process.
func processorTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// peakMemory is the most memory that this process has had, in bytes.
func peakMemory() float64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return float64(use.Maxrss) * 1024 // Linux counts kilobytes
}
