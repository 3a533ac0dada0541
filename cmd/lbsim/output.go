package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"lbsim/results"
	"lbsim/results/plot"
	"lbsim/results/report"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
	"lbsim/scenarios/experiment/packets"
)

// prepare returns the output folder, which must be free for us: absent, empty
// or written by an earlier run. It tries now whether the result can be written
// there, before the time to compute it is spent.
func prepare(out, name string) (string, error) {
	if out == "" {
		out = filepath.Join("out", name)
	}
	if err := mustBeFree(out); err != nil {
		return "", usageError{fmt.Errorf("output folder %q %w: name another with -o", out, err)}
	}
	parent := filepath.Dir(out)
	for !exists(parent) {
		parent = filepath.Dir(parent)
	}
	temp, err := os.MkdirTemp(parent, ".lbsim-")
	if err != nil {
		return "", fmt.Errorf("output folder %q cannot be written: %w", out, reason(err))
	}
	return out, os.Remove(temp)
}

// mustBeFree returns an error, to follow the name of the folder, if it is not
// free for us.
func mustBeFree(out string) error {
	if exists(out) && inside(out) {
		return errors.New("is the one you are in, or above it")
	}
	entries, err := os.ReadDir(out)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case errors.Is(err, syscall.ENOTDIR):
		return errors.New("is a file, or lies in one")
	case err != nil:
		return fmt.Errorf("cannot be read: %w", reason(err))
	case !exists(filepath.Join(out, "summary.json")):
		return errors.New("holds something other than a result")
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// inside reports whether the working directory is the folder or lies in it: to
// replace the folder would take the ground from under the user's feet.
func inside(folder string) bool {
	here, err := os.Getwd()
	if err != nil {
		return false
	}
	folder, err = filepath.Abs(folder)
	if err != nil {
		return false
	}
	way, err := filepath.Rel(folder, here)
	return err == nil && filepath.IsLocal(way)
}

// reason returns what is behind an error of a file operation, without the name
// of the file.
func reason(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// writeOutput writes all files of a result, of whose variants one is the first. It
// returns the figures that could not be drawn.
func writeOutput(folder string, o *experiment.Outcome, first *scenarios.Plan, f *runFlags) (missing []string, err error) {
	r := o.Result
	return writeFolder(folder, func(w *outputWriter) []string {
		w.data(r)
		for _, x := range f.record {
			switch x {
			case "assignments":
				w.file("assignments.csv", o.WriteAssignments)
			case "pcap":
				w.file("exchange.pcap", func(out io.Writer) error { return packets.Write(out, first) })
			}
		}
		return w.common(r, f.plots)
	})
}

// writeFolder writes files into a temporary folder beside the output folder and
// puts it in place in one step, so that there is never half a result.
func writeFolder(folder string, write func(w *outputWriter) (missing []string)) (missing []string, err error) {
	parent := filepath.Dir(folder)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(parent, ".lbsim-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return nil, err
	}
	w := outputWriter{folder: temp}
	missing = write(&w)
	if w.err != nil {
		return nil, w.err
	}
	return missing, replace(folder, temp)
}

// data writes the figures of a result as JSON and CSV, and what happened when.
func (w *outputWriter) data(r *results.Result) {
	w.file("summary.json", func(out io.Writer) error { return results.SummaryJSON(out, r) })
	if r.Batches == 0 {
		w.file("replications.csv", func(out io.Writer) error { return results.ReplicationsCSV(out, r) })
	}
	w.file("servers.csv", func(out io.Writer) error { return results.ServersCSV(out, r) })
	if slices.ContainsFunc(r.Variants, func(v results.Variant) bool { return len(v.VMs) > 0 }) {
		w.file("vms.csv", func(out io.Writer) error { return results.VMsCSV(out, r) })
	}
	w.file("timeseries.csv", func(out io.Writer) error { return results.TimeseriesCSV(out, r) })
	w.file("timeline.txt", func(out io.Writer) error { return results.TimelineTXT(out, r) })
}

// common writes what results of all commands have: the scenario, how to repeat
// it, figures and report.
func (w *outputWriter) common(r *results.Result, plots string) (missing []string) {
	w.file("scenario.yaml", func(out io.Writer) error { _, err := io.WriteString(out, r.Source); return err })
	w.file("README.txt", func(out io.Writer) error {
		_, err := fmt.Fprintf(out, "%s: a result of lbsim %s; open report.html.\nThe same scenario, seed and version give the same bytes. Fingerprint %s.\nRepeat with: %s\n",
			r.Scenario, r.Version, results.Hex(r.Fingerprint()), r.Command)
		return err
	})
	missing = w.plots(r, strings.Split(plots, ","))
	w.file("report.html", func(out io.Writer) error { return report.Write(out, r) })
	return missing
}

// replace puts the new folder in the place of the old one.
func replace(folder, temp string) error {
	old := temp + ".old"
	err := os.Rename(folder, old)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(temp, folder); err != nil {
		os.Rename(old, folder)
		return err
	}
	return os.RemoveAll(old)
}

// outputWriter writes files into a folder until the first error.
type outputWriter struct {
	folder string
	err    error
}

func (w *outputWriter) file(name string, write func(io.Writer) error) {
	if w.err != nil {
		return
	}
	f, err := os.Create(filepath.Join(w.folder, name))
	if err != nil {
		w.err = err
		return
	}
	w.err = errors.Join(write(f), f.Close())
}

// plots draws the scenario's figures and returns those that it has no data for.
func (w *outputWriter) plots(r *results.Result, formats []string) (missing []string) {
	if len(r.Plots) == 0 || w.err != nil {
		return nil
	}
	if w.err = os.Mkdir(filepath.Join(w.folder, "plots"), 0o777); w.err != nil {
		return nil
	}
	for _, name := range r.Plots {
		figure, _ := plot.Find(name) // the names were checked before the run
		picture, err := figure.Draw(r)
		if errors.Is(err, plot.ErrNothing) {
			missing = append(missing, fmt.Sprintf("there is nothing to draw in figure %s", name))
			continue
		}
		if err != nil {
			w.err = err
			return missing
		}
		for _, format := range formats {
			write := picture.SVG
			if format == "png" {
				write = picture.PNG
			}
			w.file(filepath.Join("plots", name+"."+format), write)
		}
	}
	return missing
}

func writeJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	e.Encode(v)
}
