package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
	"lbsim/scenarios/strict"
)

// compareFlags are the flags of lbsim compare.
type compareFlags struct {
	runFlags
	worse string
}

func (c *cli) compareCommand() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "simulate two scenarios on the same clients and show what differs",
		Long: `Compare simulates two scenarios, files or built-in ones, with the seed and the
replications of the first, so that they see the same clients, arrivals and
demands as far as they say the same of these, and shows B minus A, replication by
replication, with a 95 % interval. A ~ stands where chance explains a difference.
Of scenarios with variants, those of the same name are compared.

Saved is the share of a difference's variance that it does not have because both
saw the same clients: near 0 %, or below, they did not. --set changes both
scenarios. Nothing is written but standard output.

A and B may also be output folders of lbsim run, or the summary.json in them, and
nothing is simulated. With the same seed they are compared replication by
replication, by their replications.csv; otherwise as independent runs (Welch).

Exit status: 0 done; 1 with --fail-on-worse, if a response time, or a share of
requests that were rejected, timed out or reset, is more than so much above that
of A, and not by chance; 2 bad input, 3 a law broken, 4 internal or I/O error,
130 interrupted.`,
		Example: `  lbsim compare old.yaml new.yaml
  lbsim compare old.yaml new.yaml --format markdown --fail-on-worse 5%
  lbsim compare out/old out/new
  lbsim compare old.yaml new.yaml --format json | jq '.comparisons[] | select(.significant)'`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.compare(cmd, args, &f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.set, "set", nil, "change a value of both, as `path=value` (repeatable)")
	fl.Uint64Var(&f.seed, "seed", 0, "`number` to use as seed instead of A's")
	fl.IntVar(&f.replications, "replications", 0, "`number` of replications instead of A's")
	fl.IntVar(&f.parallel, "parallel", 0, "`number` of replications at a time; the result does not depend on it (default one per core)")
	fl.StringVar(&f.worse, "fail-on-worse", "", "`share`, as in 5%, by which B may be worse than A")
	fl.StringVar(&c.format, "format", "text", "`format` of standard output: text, markdown or json (a summary of both)")
	fl.StringVar(&f.progress, "progress", "auto", "`how` progress is shown on standard error: auto (on a terminal), plain or off")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress and no warnings")
	complete(cmd, "set", completeSetting)
	return cmd
}

func (c *cli) compare(cmd *cobra.Command, args []string, f *compareFlags) error {
	f.plots = "svg" // of which there are none
	if err := f.check(c.format); err != nil {
		return err
	}
	worse := -1.0
	if f.worse != "" {
		share, err := strict.ParseShare(f.worse)
		if err != nil {
			return usageError{fmt.Errorf("--fail-on-worse: %w", err)}
		}
		worse = float64(share)
	}
	start := time.Now()
	sides, err := c.sides(cmd, args, f)
	if err != nil {
		return err
	}
	pair, err := results.NewPair(sides[0], sides[1], args[0], args[1])
	if err != nil {
		return usageError{err}
	}
	pair.Result.Version = version
	pair.Result.Command = strings.Join(append([]string{"lbsim", "compare", quote(args[0]), quote(args[1])}, f.changes(cmd)...), " ")
	switch c.format {
	case "json":
		err = results.SummaryJSON(c.stdout, pair.Result)
	case "markdown":
		err = pair.Markdown(c.stdout)
	default:
		err = pair.Text(c.stdout, results.TextOptions{Elapsed: time.Since(start)})
	}
	if err != nil {
		return err
	}
	if worse >= 0 && pair.Worse(worse) {
		return errMissed
	}
	return nil
}

// sides are the results of both: those of folders, or of scenarios that are simulated.
func (c *cli) sides(cmd *cobra.Command, args []string, f *compareFlags) (sides [2]*results.Result, err error) {
	if stored, err := storedPair(args); stored {
		if err == nil {
			sides, err = readPair(cmd, args)
		}
		return sides, err
	}
	files, err := c.loadPair(cmd, args, f)
	if err != nil {
		return sides, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	bar := newProgress(c.stderr, f.progress, f.quiet)
	defer bar.clear()
	for i, file := range files {
		outcome, err := experiment.Run(ctx, file, experiment.Options{Parallel: f.parallel, Progress: bar.step})
		if errors.Is(err, context.Canceled) {
			return sides, errInterrupted
		}
		if err != nil {
			return sides, err
		}
		sides[i] = outcome.Result
		sides[i].Warnings = append(warningTexts(file), sides[i].Warnings...)
		sides[i].Version = version
	}
	return sides, nil
}

// loadPair reads both scenarios, the second with the seed and the replications of the
// first.
func (c *cli) loadPair(cmd *cobra.Command, args []string, f *compareFlags) (files [2]*scenarios.File, err error) {
	settings, err := f.settings(cmd)
	if err != nil {
		return files, err
	}
	for i, arg := range args {
		src, err := c.source(arg)
		if err != nil {
			return files, err
		}
		if files[i], err = scenarios.Load(src, settings); err != nil {
			return files, err
		}
		s := files[0].Scenario
		switch {
		case s.Replications.Sequential():
			return files, usageError{fmt.Errorf("both scenarios have the same number of replications: give it, as in --replications %d, where %s says until", s.Replications.Min, args[0])}
		case s.Batches > 0:
			return files, usageError{fmt.Errorf("scenarios are compared replication by replication, and %s has batches of one: write --set batches=0 --replications 10", args[0])}
		}
		const flag = "compare"
		settings = append(settings,
			scenarios.Setting{Flag: flag, Path: "seed", Value: strconv.FormatUint(s.Seed, 10)},
			scenarios.Setting{Flag: flag, Path: "replications", Value: strconv.Itoa(s.Replications.Count)},
			scenarios.Setting{Flag: flag, Path: "batches", Value: "0"})
	}
	return files, nil
}
