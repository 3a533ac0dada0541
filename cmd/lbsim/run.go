package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lbsim/results"
	"lbsim/results/plot"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
	"lbsim/scenarios/experiment/packets"
)

// runFlags are the flags of lbsim run.
type runFlags struct {
	out          string
	seed         uint64
	replications int
	parallel     int
	set          []string
	record       []string
	plots        string
	progress     string
	quiet        bool
}

func (c *cli) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run FILE|NAME",
		Short: "simulate a scenario and write its report",
		Long: `Run simulates every variant of a scenario and writes the report, figures and
data into a folder.

FILE is a scenario file, - standard input; NAME is a built-in scenario. The
result goes to standard output, progress and warnings to standard error. Exit
status: 0 done and all expectations held, 1 an expectation missed or not
decidable, 2 bad input, 3 a law broken, 4 internal or I/O error, 130
interrupted.`,
		Example: `  lbsim run rejoin-storm
  lbsim run source-ip-nat --set sites.web.log=access.log.gz
  lbsim run mine.yaml --replications 30 --set servers.ex4.cores=8
  lbsim run mine.yaml --format json | jq '.variants[].metrics["response_time.p95"]'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runScenario(cmd, args[0], &f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", "", "output `folder` (default out/NAME)")
	fl.StringArrayVar(&f.set, "set", nil, "change a value, as `path=value` (repeatable)")
	fl.Uint64Var(&f.seed, "seed", 0, "`number` to use as seed instead of the scenario's")
	fl.IntVar(&f.replications, "replications", 0, "`number` of replications instead of the scenario's")
	fl.IntVar(&f.parallel, "parallel", 0, "`number` of replications at a time; the result does not depend on it (default one per core)")
	fl.StringSliceVar(&f.record, "record", nil, "`what` to record: assignments (every connection), pcap (packets of the first variant's first 1,000 connections); timeseries is always written")
	fl.StringVar(&f.plots, "plots", "svg", "`format` of the figures: svg, png or svg,png")
	fl.StringVar(&c.format, "format", "text", "`format` of standard output: text, markdown or json (the summary)")
	fl.StringVar(&f.progress, "progress", "auto", "`how` progress is shown on standard error: auto (on a terminal), plain or off")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress and no warnings")
	complete(cmd, "set", completeSetting)
	return cmd
}

func completeScenario(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.LibraryNames(), cobra.ShellCompDirectiveDefault
}

// settings turns flags into changes of the scenario.
func (f *runFlags) settings(cmd *cobra.Command) ([]scenarios.Setting, error) {
	var out []scenarios.Setting
	for _, s := range f.set {
		path, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, usageError{fmt.Errorf("--set %q: write path=value, as in --set servers.ex1.cores=8", s)}
		}
		out = append(out, scenarios.Setting{Flag: "--set", Path: path, Value: value})
	}
	if cmd.Flags().Changed("seed") {
		out = append(out, scenarios.Setting{Flag: "--seed", Path: "seed", Value: strconv.FormatUint(f.seed, 10)})
	}
	if cmd.Flags().Changed("replications") {
		out = append(out, scenarios.Setting{Flag: "--replications", Path: "replications", Value: strconv.Itoa(f.replications)})
	}
	return out, nil
}

// check refuses values of flags that mean nothing.
func (f *runFlags) check(format string) error {
	for _, r := range f.record {
		if !slices.Contains([]string{"assignments", "timeseries", "pcap"}, r) {
			return usageError{fmt.Errorf("--record %q is not one of assignments, timeseries, pcap", r)}
		}
	}
	for _, p := range strings.Split(f.plots, ",") {
		if p != "svg" && p != "png" {
			return usageError{fmt.Errorf("--plots %q is not svg, png or svg,png", f.plots)}
		}
	}
	if f.parallel < 0 || f.parallel > 1024 {
		return usageError{fmt.Errorf("--parallel %d is not between 0 and 1024", f.parallel)}
	}
	if !slices.Contains([]string{"text", "markdown", "json"}, format) {
		return usageError{fmt.Errorf("--format %q is not one of text, markdown, json", format)}
	}
	if !slices.Contains([]string{"auto", "plain", "off"}, f.progress) {
		return usageError{fmt.Errorf("--progress %q is not one of auto, plain, off", f.progress)}
	}
	return nil
}

func (c *cli) runScenario(cmd *cobra.Command, arg string, f *runFlags) error {
	if err := f.check(c.format); err != nil {
		return err
	}
	file, err := c.load(cmd, arg, f)
	if err != nil {
		return err
	}
	if slices.Contains(f.record, "pcap") && file.Variants[0].Config.Network == nil {
		return usageError{fmt.Errorf("--record pcap: %w", packets.ErrNoNetwork)}
	}
	// A Markdown document has them itself.
	if len(file.Warnings) > 0 && !f.quiet && c.format != "markdown" {
		c.diagnose(file.Warnings)
		fmt.Fprintln(c.stderr)
	}
	if file.Scenario.Sizing != nil && !f.quiet {
		fmt.Fprintf(c.stderr, "lbsim: note: a run does not read sizing: lbsim size %s does\n", quote(arg))
	}
	folder, err := prepare(f.out, file.Scenario.Name)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	start := time.Now()
	bar := newProgress(c.stderr, f.progress, f.quiet)
	outcome, err := experiment.Run(ctx, file, experiment.Options{
		Parallel: f.parallel, Assignments: slices.Contains(f.record, "assignments"), Progress: bar.step,
	})
	bar.note("writing the report")
	if err != nil {
		bar.clear()
		if errors.Is(err, context.Canceled) {
			return errInterrupted
		}
		return err
	}
	r := outcome.Result
	r.Version = version
	r.Command = command(arg, f, cmd)
	r.Warnings = append(warningTexts(file), r.Warnings...)
	resolved, err := file.Show()
	if err != nil {
		return err
	}
	r.Source = string(resolved)
	missing, err := writeOutput(folder, outcome, &file.Variants[0], f)
	bar.clear()
	if err != nil {
		return err
	}
	f.warn(c.stderr, missing)
	if err := c.print(r, filepath.Join(folder, "report.html"), time.Since(start), f.quiet); err != nil {
		return err
	}
	for _, e := range r.Expectations {
		if e.Verdict != results.Held {
			return errMissed
		}
	}
	return nil
}

// warn tells which figures are missing.
func (f *runFlags) warn(w io.Writer, missing []string) {
	for _, m := range missing {
		if !f.quiet {
			fmt.Fprintf(w, "lbsim: warning: %s\n", m)
		}
	}
}

// load reads the scenario and checks what only the reports know: the names of
// the figures.
func (c *cli) load(cmd *cobra.Command, arg string, f *runFlags) (*scenarios.File, error) {
	src, err := c.source(arg)
	if err != nil {
		return nil, err
	}
	settings, err := f.settings(cmd)
	if err != nil {
		return nil, err
	}
	file, err := scenarios.Load(src, settings)
	if err != nil {
		return nil, err
	}
	if problems := file.CheckPlots(plot.Names()); problems != nil {
		return nil, problems
	}
	return file, nil
}

// print writes the result to standard output. On a terminal the warnings about the
// scenario have been seen, unless it was to be quiet.
func (c *cli) print(r *results.Result, report string, took time.Duration, quiet bool) error {
	switch c.format {
	case "json":
		return results.SummaryJSON(c.stdout, r)
	case "markdown":
		return results.Markdown(c.stdout, r)
	}
	return results.Text(c.stdout, r, results.TextOptions{
		Elapsed: took, Report: report, Color: c.colored(c.stdout),
		Warned: !quiet && onTerminal(c.stdout) && onTerminal(c.stderr),
	})
}

// command is the command line that repeats the run.
func command(arg string, f *runFlags, cmd *cobra.Command) string {
	return strings.Join(append([]string{"lbsim", "run", quote(arg)}, f.changes(cmd)...), " ")
}

// changes are the flags that change the scenario.
func (f *runFlags) changes(cmd *cobra.Command) (words []string) {
	for _, s := range f.set {
		words = append(words, "--set", quote(s))
	}
	if cmd.Flags().Changed("seed") {
		words = append(words, "--seed", strconv.FormatUint(f.seed, 10))
	}
	if cmd.Flags().Changed("replications") {
		words = append(words, "--replications", strconv.Itoa(f.replications))
	}
	return words
}

// quote makes one word of a shell's command line.
func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,@%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func warningTexts(file *scenarios.File) []string {
	var out []string
	for _, w := range file.Warnings {
		text := w.Text
		if w.Hint != "" {
			text += " (" + w.Hint + ")"
		}
		out = append(out, text)
	}
	return out
}
