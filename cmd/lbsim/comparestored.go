package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lbsim/results"
)

// mostSummary bounds the bytes of a summary that is read, well above what lbsim writes.
const mostSummary = 1 << 30

// summaryOf is the path of the summary that an argument means, "" if it means a scenario.
func summaryOf(arg string) string {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return filepath.Join(arg, "summary.json")
	case err == nil && strings.HasSuffix(arg, ".json"):
		return arg
	}
	return ""
}

// storedPair reports whether results are to be compared. The error says that only one
// of the arguments is one.
func storedPair(args []string) (stored bool, err error) {
	a, b := summaryOf(args[0]) != "", summaryOf(args[1]) != ""
	if a != b {
		return true, usageError{errors.New("one of the two is an output folder and the other a scenario: compare two of a kind")}
	}
	return a, nil
}

// readPair reads two results.
func readPair(cmd *cobra.Command, args []string) (sides [2]*results.Result, err error) {
	for _, flag := range [...]string{"set", "seed", "replications", "parallel"} {
		if cmd.Flags().Changed(flag) {
			return sides, usageError{fmt.Errorf("--%s is for scenarios: what is in a folder has been simulated", flag)}
		}
	}
	for i, arg := range args {
		if sides[i], err = readResult(summaryOf(arg)); err != nil {
			return sides, usageError{err}
		}
	}
	return sides, nil
}

// readResult reads a summary and, if they lie beside it, the values of its replications.
func readResult(path string) (r *results.Result, err error) {
	read := func(path string, read func(io.Reader) error) error {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("%s cannot be read: %w", path, reason(err))
		}
		defer f.Close()
		if err := read(io.LimitReader(f, mostSummary)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	err = read(path, func(in io.Reader) (err error) {
		r, err = results.ReadSummary(in)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = read(filepath.Join(filepath.Dir(path), "replications.csv"), r.ReadReplications)
	if errors.Is(err, fs.ErrNotExist) { // of batches, or of an earlier version
		err = nil
	}
	return r, err
}
