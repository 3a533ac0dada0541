package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lbsim/scenarios"
	"lbsim/scenarios/lab"
)

// labScenario runs one scenario and writes its result.
func (c *cli) labScenario(ctx context.Context, cmd *cobra.Command, arg string, file *scenarios.File, f *labFlags) error {
	if len(file.Warnings) > 0 && !f.quiet && c.format != "markdown" {
		c.diagnose(file.Warnings)
		fmt.Fprintln(c.stderr)
	}
	folder, err := prepare(f.out, file.Scenario.Name+"-lab")
	if err != nil {
		return err
	}
	bar := newProgress(c.stderr, f.progress, f.quiet)
	outcome, err := lab.Run(ctx, file, lab.Options{
		Repetitions: f.repetitions, Seeds: f.seeds, Limit: f.limit, Variant: f.variant, Balancer: f.balancer, Parallel: f.parallel,
		Progress: bar.say,
	})
	bar.clear()
	if err != nil {
		return labError(err)
	}
	r := outcome.Result
	r.Version = version
	r.Command = labCommandLine(arg, f, cmd)
	r.Warnings = append(warningTexts(file), r.Warnings...)
	for _, v := range outcome.Variants {
		r.Warnings = append(r.Warnings, v.Warnings...)
	}
	resolved, err := file.Show()
	if err != nil {
		return err
	}
	r.Source = string(resolved)
	missing, err := writeLab(folder, outcome, f)
	if err != nil {
		return err
	}
	f.warn(c.stderr, missing)
	switch c.format {
	case "json":
		return outcome.JSON(c.stdout)
	case "markdown":
		return outcome.Markdown(c.stdout)
	}
	if err := outcome.Text(c.stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "\nreport    %s\nrepeat    %s\nsimulated lbsim run %s\n",
		filepath.Join(folder, "report.html"), r.Command, filepath.Join(folder, outcome.Files[0].Name))
	return err
}

// labError says what kind of error ended a run in the lab.
func labError(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return errInterrupted
	case errors.As(err, new(lab.InputError)), errors.As(err, new(lab.MissingError)):
		return usageError{err}
	}
	return err
}

// writeLab writes all files of a result of the lab.
func writeLab(folder string, o *lab.Outcome, f *labFlags) (missing []string, err error) {
	return writeFolder(folder, func(w *outputWriter) []string {
		w.data(o.Result)
		w.file("lab.json", o.JSON)
		w.file("lab.txt", o.Text)
		if slices.Contains(f.record, "assignments") {
			w.file("assignments.csv", o.WriteAssignments)
		}
		for _, x := range o.Files {
			w.file(x.Name, func(out io.Writer) error { _, err := out.Write(x.Text); return err })
		}
		missing := w.common(o.Result, f.plots)
		w.file("README.txt", func(out io.Writer) error {
			_, err := fmt.Fprintf(out, "%s: real runs and simulations of lbsim %s; open report.html, or lab.txt.\nNo two real runs are alike. Repeat them with: %s\n"+
				"The simulations are always the same. Repeat them here with: lbsim run %s\n",
				o.Result.Scenario, o.Result.Version, o.Result.Command, o.Files[0].Name)
			return err
		})
		return missing
	})
}

// labCommandLine is the command line that repeats the run.
func labCommandLine(arg string, f *labFlags, cmd *cobra.Command) string {
	words := append([]string{"lbsim", "lab", quote(arg)}, f.changes(cmd)...)
	for _, x := range []struct {
		flag  string
		value int
	}{{"repetitions", f.repetitions}, {"seeds", f.seeds}} {
		if cmd.Flags().Changed(x.flag) {
			words = append(words, "--"+x.flag, strconv.Itoa(x.value))
		}
	}
	for _, x := range [][2]string{{"variant", f.variant}, {"balancer", f.balancer}} {
		if x[1] != "" {
			words = append(words, "--"+x[0], quote(x[1]))
		}
	}
	return strings.Join(words, " ")
}
