// Bench measures lbsim against the smallest hand-written program that does the
// same work, sim/bench/limit. It prints units of work per second of both, their
// ratio, and allocations per unit, the construction of the world included.
//
// What is measured is what a user of lbsim gets: every workload of requests is
// a scenario run by package experiment with all statistics. That is why the
// program stands here: this is the lowest place that may know world and
// recorder.
//
// What a network between clients and servers costs is measured against the same
// workload of lbsim without one.
//
// The speed of one and the same program drifts by tens of percent with the
// machine's other load, so only ratios mean anything. Both programs run in
// alternation, each in a process of its own, and the ratio shown is the median
// over the rounds, of speeds by processor time. With make bench lbsim is built
// as its users build it, with the profile cmd/lbsim/default.pgo; make profile
// renews that.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime/pprof"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often each program runs each workload")
	only := flag.String("only", "", "regular expression: workloads to run")
	record := flag.String("record", "", "file to which the results are appended in the format of benchstat")
	measure := flag.String("measure", "", "run one workload in this process and print its outcome as JSON")
	profile := flag.String("profile", "", "with -measure: file for a CPU profile of the workload")
	flag.Parse()
	err := func() error {
		pattern, err := regexp.Compile(*only)
		switch {
		case err != nil:
			return err
		case *measure != "":
			return profiled(*profile, func() error { return measureOne(*measure) })
		}
		return compare(*rounds, pattern, *record)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
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

// profiled calls work and writes a CPU profile of it to a file, if one is named.
// It then calls it often, for ten seconds of processor time: a profile of a
// fraction of a second misses most of the calls that are worth inlining.
func profiled(file string, work func() error) (err error) {
	if file == "" {
		return work()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for processorTime() < 10*time.Second {
		if err := work(); err != nil {
			return err
		}
	}
	return nil
}
