package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// compare runs the workloads that only matches, prints the table and records it.
func compare(rounds int, only *regexp.Regexp, record string) error {
	limit, remove, err := buildLimit()
	if err != nil {
		return err
	}
	defer remove()
	history := strings.Builder{}
	fmt.Fprintf(&history, "goos: %s\ngoarch: %s\npkg: lbsim/scenarios/experiment/bench\n", runtime.GOOS, runtime.GOARCH)
	fmt.Printf("%-30s %12s %12s %7s %10s %8s\n", "workload", "limit/s", "lbsim/s", "ratio", "allocs", "B/conn")
	for _, w := range workloads() {
		if !only.MatchString(w.name) {
			continue
		}
		ours, theirs, err := alternate(w, limit, rounds)
		if err != nil {
			return err
		}
		if err := printRow(os.Stdout, w, ours, theirs); err != nil {
			return err
		}
		for i, o := range ours {
			fmt.Fprintf(&history, "BenchmarkWorkload/%s 1 %.4g ns/op %.4g allocs/op", w.name, 1e9/o.Rate, o.Allocs)
			if theirs != nil {
				fmt.Fprintf(&history, " %.4g of-limit", o.Rate/theirs[i].Rate)
			}
			history.WriteString("\n")
		}
	}
	if record == "" {
		return nil
	}
	return appendTo(record, history.String())
}

// alternate runs a workload in both programs in turn.
func alternate(w workload, limit string, rounds int) (ours, theirs []outcome, err error) {
	for range rounds {
		if w.limit != nil {
			o, err := runLimit(limit, w.limit)
			if err != nil {
				return nil, nil, err
			}
			theirs = append(theirs, o)
		} else if w.than != "" {
			o, err := runSelf(workload{name: w.than, than: w.name})
			if err != nil {
				return nil, nil, err
			}
			theirs = append(theirs, o)
		}
		o, err := runSelf(w)
		if err != nil {
			return nil, nil, err
		}
		ours = append(ours, o)
	}
	return ours, theirs, nil
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

func appendTo(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
