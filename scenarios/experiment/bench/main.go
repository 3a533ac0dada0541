// Bench measures lbsim against the smallest hand-written program that does the
// same work, sim/bench/limit. It prints units of work per second of both, the
// ratio, and allocations per unit:
//
//	go run ./scenarios/experiment/bench [-rounds 5] [-only regexp] [-record file]
//
// What is measured is what a user of lbsim gets: every workload of requests is
// a scenario run by package experiment with all statistics. That is why the
// program stands here: this is the lowest place that may know world and
// recorder.
//
// The speed of one and the same program drifts by tens of percent with the
// machine's other load, so only ratios mean anything. Both programs run in
// alternation, each in a process of its own, and the ratio shown is the median
// over the rounds. With make bench lbsim is built as its users build it, with
// the profile cmd/lbsim/default.pgo; make profile renews that.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often each program runs each workload")
	only := flag.String("only", "", "regular expression: workloads to run")
	record := flag.String("record", "", "file to which the results are appended in the format of benchstat")
	measure := flag.String("measure", "", "run one workload in this process and print its outcome as JSON")
	profile := flag.String("profile", "", "with -measure: file for a CPU profile of the workload")
	flag.Parse()
	err := func() error {
		if *measure != "" {
			return profiled(*profile, func() error { return measureOne(*measure) })
		}
		return compare(*rounds, *only, *record)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled calls work and writes a CPU profile of it to a file, if one is named.
func profiled(file string, work func() error) error {
	if file == "" {
		return work()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return work()
}

// measureOne is what the child processes do.
func measureOne(name string) error {
	for _, w := range workloads() {
		if w.name != name {
			continue
		}
		o, err := w.run()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return json.NewEncoder(os.Stdout).Encode(o)
	}
	return fmt.Errorf("there is no workload %q", name)
}

// compare runs the workloads that only matches and prints the table.
func compare(rounds int, only, record string) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	limit, remove, err := buildLimit()
	if err != nil {
		return err
	}
	defer remove()
	var history strings.Builder
	fmt.Printf("%-30s %12s %12s %7s %10s %8s\n", "workload", "limit/s", "lbsim/s", "ratio", "allocs", "B/conn")
	for _, w := range workloads() {
		if !pattern.MatchString(w.name) {
			continue
		}
		var ours, theirs []outcome
		for range rounds {
			if w.limit != nil {
				o, err := runLimit(limit, w.limit)
				if err != nil {
					return err
				}
				theirs = append(theirs, o)
			}
			o, err := runSelf(w.name)
			if err != nil {
				return err
			}
			ours = append(ours, o)
		}
		if err := printRow(os.Stdout, w, ours, theirs); err != nil {
			return err
		}
		for _, o := range ours {
			fmt.Fprintf(&history, "Benchmark%s 1 %.4g ns/op %.4g allocs/op\n", w.name, 1e9/o.Rate, o.Allocs)
		}
	}
	if record == "" {
		return nil
	}
	return appendTo(record, history.String())
}

func printRow(out io.Writer, w workload, ours, theirs []outcome) error {
	line := fmt.Sprintf("%-30s", w.name)
	last := ours[len(ours)-1]
	if theirs == nil {
		line += fmt.Sprintf(" %12s %12.0f %7s", "", medianOf(ours, rate), "")
	} else {
		ratios := make([]float64, len(ours))
		for i := range ours {
			ratios[i] = ours[i].Rate / theirs[i].Rate
			if ours[i].Order != theirs[i].Order {
				return fmt.Errorf("%s: events came in another order than in the limit program", w.name)
			}
		}
		line += fmt.Sprintf(" %12.0f %12.0f %7.2f", medianOf(theirs, rate), medianOf(ours, rate), median(ratios))
	}
	line += fmt.Sprintf(" %10.3f", last.Allocs)
	if last.Bytes > 0 {
		line += fmt.Sprintf(" %8.0f", last.Bytes)
	}
	_, err := fmt.Fprintln(out, line)
	return err
}

func rate(o outcome) float64 { return o.Rate }

func medianOf(list []outcome, of func(outcome) float64) float64 {
	x := make([]float64, len(list))
	for i := range list {
		x[i] = of(list[i])
	}
	return median(x)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

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

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return cmp.Or(err, f.Close())
}
