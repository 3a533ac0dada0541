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

// What the limit program prints: its speed and, for the hold model, the hash of
// the order of events.
var (
	limitSpeed = regexp.MustCompile(`/s=([0-9]+)`)
	limitOrder = regexp.MustCompile(`order=([0-9a-f]{16})`)
)

func runLimit(path string, args []string) (outcome, error) {
	text, err := exec.Command(path, args...).Output()
	if err != nil {
		return outcome{}, fmt.Errorf("limit %s: %w", strings.Join(args, " "), err)
	}
	speed := limitSpeed.FindSubmatch(text)
	if speed == nil {
		return outcome{}, fmt.Errorf("limit %s prints no speed: %s", strings.Join(args, " "), text)
	}
	var o outcome
	if order := limitOrder.FindSubmatch(text); order != nil {
		o.Order = string(order[1])
	}
	o.Rate, err = strconv.ParseFloat(string(speed[1]), 64)
	return o, err
}

// runSelf runs a workload of lbsim in a process of its own, so that no
// workload inherits the heap of another.
func runSelf(name string) (o outcome, err error) {
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	child := exec.Command(self, "-measure", name)
	child.Stderr = os.Stderr
	text, err := child.Output()
	if err != nil {
		return o, fmt.Errorf("%s: %w", name, err)
	}
	return o, json.Unmarshal(text, &o)
}

// peakMemory is the most memory that this process has had, in bytes.
func peakMemory() float64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return float64(use.Maxrss) * 1024 // Linux counts kilobytes
}
