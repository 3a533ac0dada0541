package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"lbsim/scenarios/experiment"
)

// sweepFlags are the flags of lbsim sweep, with those that it shares with run.
type sweepFlags struct {
	runFlags
	vary    []string
	samples int
	metrics []string
	shard   string
	shards  int
	emit    string
	image   string
	store   string
}

func (c *cli) sweepCommand() *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:   "sweep FILE|NAME --vary path=values",
		Short: "simulate a scenario at many points, each with other values",
		Long: `Sweep simulates a scenario once for every combination of some of its values, or
for a sample of them, and writes curves, maps, a report and data into a folder.
All points see the same random numbers.

--vary path=values says what to change and what to: whole numbers 1..10, steps
0.1..0.9..0.2 or 10ms..50ms..10ms, factors 1..64..x2, or a list [a, b, c]. Give
it once for each value to change. --samples 50 takes a Latin hypercube of 50
points in place of all combinations; its ranges need no step.

Every replication is kept in a folder, OUT.cells, as soon as it is made. A sweep
that was stopped, in whatever way, goes on from there when the same command is
given again, and so does one with more values or replications. The result has
the same bytes. Delete the folder when you are done.

--shard 2/8 makes the third of eight parts, and lbsim merge joins them. In an
array job of Slurm, Kubernetes or AWS Batch, --shard auto/8 reads the number of
the part from the environment; --emit prints such a job.

An expectation that is missed at some point is no failure of a sweep. Exit
status: 0 done, 2 bad input, 3 a law broken, 4 internal or I/O error, 130
interrupted.`,
		Example: `  lbsim sweep rejoin-storm --set variants=[] --set expect=[] --vary balancer.services.mail.slow_start.time=60s..300s..60s
  lbsim sweep mine.yaml --vary servers.s1.cores=1..8 --vary balancer.services.web.scheduler=[round-robin, random]
  lbsim sweep mine.yaml --vary servers.s1.cores=1..16 --vary network.rtt=1ms..50ms --samples 40
  lbsim sweep mine.yaml --vary servers.s1.cores=1..8 --emit slurm --shards 16 > job.sh`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScenario,
		RunE:              func(cmd *cobra.Command, args []string) error { return c.sweep(cmd, args[0], &f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.vary, "vary", nil, "change a value from point to point, as `path=values` (repeatable)")
	fl.IntVar(&f.samples, "samples", 0, "`number` of points of a Latin hypercube, in place of all combinations")
	fl.StringSliceVar(&f.metrics, "metric", nil, "`metrics` to show (default: the scenario's tables and expectations)")
	fl.StringVarP(&f.out, "out", "o", "", "output `folder` (default out/NAME-sweep)")
	fl.StringVar(&f.store, "store", "", "`folder` that keeps the replications (default OUT.cells)")
	fl.StringVar(&f.shard, "shard", "", "make one `part` of the runs: i/n, auto/n or auto")
	fl.StringVar(&f.emit, "emit", "", "print a job that makes all parts, for `system` slurm, kubernetes or parallel, and run nothing")
	fl.IntVar(&f.shards, "shards", 8, "`number` of parts of the printed job")
	fl.StringVar(&f.image, "image", "lbsim:"+version, "container `image` of the printed Kubernetes job")
	fl.StringArrayVar(&f.set, "set", nil, "change a value at all points, as `path=value` (repeatable)")
	fl.Uint64Var(&f.seed, "seed", 0, "`number` to use as seed instead of the scenario's")
	fl.IntVar(&f.replications, "replications", 0, "`number` of replications instead of the scenario's")
	fl.IntVar(&f.parallel, "parallel", 0, "`number` of replications at a time; the result does not depend on it (default one per core)")
	fl.StringVar(&f.plots, "plots", "svg", "`format` of the figures: svg, png or svg,png")
	fl.StringVar(&c.format, "format", "text", "`format` of standard output: text, markdown or json (the summary)")
	fl.StringVar(&f.progress, "progress", "auto", "`how` progress is shown on standard error: auto (on a terminal), plain or off")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress and no warnings")
	complete(cmd, "set", completeSetting)
	complete(cmd, "vary", completeSetting)
	return cmd
}

func (c *cli) sweep(cmd *cobra.Command, arg string, f *sweepFlags) error {
	shard, err := f.check(c.format)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	start := time.Now()
	s, err := c.planSweep(ctx, cmd, arg, f)
	if err != nil {
		return err
	}
	if f.emit != "" {
		return c.emitJob(s, arg, f)
	}
	if len(s.Base.Warnings) > 0 && !f.quiet && c.format != "markdown" {
		c.diagnose(s.Base.Warnings)
		fmt.Fprintln(c.stderr)
	}
	out, err := f.folder(s.Outline.Scenario)
	if err != nil {
		return err
	}
	build, err := buildID()
	if err != nil {
		return err
	}
	if f.store == "" {
		f.store = strings.TrimRight(out, "/") + ".cells"
	}
	store := experiment.NewStore(f.store, build)
	bar := newProgress(c.stderr, f.progress, f.quiet)
	bar.note(fmt.Sprintf("%d runs, about %s on one core", s.Runs(), results.Seconds.Human(s.Computing())))
	all, before, err := s.Run(ctx, store, shard, experiment.Options{Parallel: f.parallel, Progress: bar.step})
	if err != nil {
		bar.clear()
		if errors.Is(err, context.Canceled) {
			return interruptedError{fmt.Sprintf("interrupted: %d of %d runs are kept in %s; the same command goes on from there", s.Kept(store, shard), all, f.store)}
		}
		return err
	}
	if f.shard != "" {
		bar.clear()
		path := filepath.Join(out, shard.File())
		if err := s.WriteShard(path, shard, store); err != nil {
			return err
		}
		if c.format == "json" {
			writeJSON(c.stdout, shardDone{"lbsim.shard/1", shard.Index, shard.Count, all, before, path})
			return nil
		}
		_, err := fmt.Fprintf(c.stdout, "shard %d of %d: %d runs, %d of them made before -> %s\n", shard.Index, shard.Count, all, before, path)
		return err
	}
	bar.note("writing the report")
	sweep, err := s.Result(store)
	if err == nil {
		err = c.writeSweep(out, sweep, &f.runFlags, start)
	}
	bar.clear()
	if err == nil && before > 0 && !f.quiet {
		fmt.Fprintf(c.stderr, "lbsim: %d of %d runs had been made before\n", before, all)
	}
	return err
}

// shardDone is what a shard prints as JSON.
type shardDone struct {
	Schema string `json:"schema"`
	Index  int    `json:"index"`
	Count  int    `json:"count"`
	Runs   int    `json:"runs"`
	Before int    `json:"made_before"`
	File   string `json:"file"`
}

// check refuses values of flags that mean nothing, and reads the shard.
func (f *sweepFlags) check(format string) (shard experiment.Shard, err error) {
	if err := f.runFlags.check(format); err != nil {
		return shard, err
	}
	shard = experiment.Whole
	switch {
	case f.shard != "" && f.emit != "":
		err = errors.New("--shard and --emit do not go together: the printed job has the shards")
	case f.emit != "" && !slices.Contains(jobSystems, f.emit):
		err = fmt.Errorf("--emit %q is not one of %s", f.emit, strings.Join(jobSystems, ", "))
	case f.emit != "" && (f.shards < 1 || f.shards > 10_000):
		err = fmt.Errorf("--shards %d is not between 1 and 10,000", f.shards)
	case f.shard != "":
		return experiment.ParseShard(f.shard, os.Getenv)
	}
	if err != nil {
		return shard, usageError{err}
	}
	return shard, nil
}

// planSweep reads the scenario at all points.
func (c *cli) planSweep(ctx context.Context, cmd *cobra.Command, arg string, f *sweepFlags) (*experiment.Sweep, error) {
	src, err := c.source(arg)
	if err != nil {
		return nil, err
	}
	settings, err := f.settings(cmd)
	if err != nil {
		return nil, err
	}
	o := experiment.SweepOptions{
		Samples: f.samples, Metrics: f.metrics, Version: version, Command: f.command(arg, cmd), Parallel: f.parallel,
	}
	if cmd.Flags().Changed("samples") && f.samples < 2 {
		return nil, usageError{fmt.Errorf("--samples %d is not between 2 and 10,000", f.samples)}
	}
	for _, text := range f.vary {
		a, err := experiment.ParseAxis(text, f.samples > 0)
		if err != nil {
			return nil, err
		}
		o.Axes = append(o.Axes, a)
	}
	s, err := experiment.NewSweep(ctx, src, settings, o)
	if errors.Is(err, context.Canceled) {
		return nil, errInterrupted
	}
	return s, err
}

// folder returns the output folder: of a shard, one that others are in as well.
func (f *sweepFlags) folder(scenario string) (string, error) {
	if f.shard == "" {
		return prepare(f.out, scenario+"-sweep")
	}
	out := f.out
	if out == "" {
		out = filepath.Join("out", scenario+"-shards")
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return "", usageError{fmt.Errorf("output folder %q cannot be made: %w", out, reason(err))}
	}
	return out, nil
}

// command is the command line that repeats the sweep in one piece.
func (f *sweepFlags) command(arg string, cmd *cobra.Command) string {
	words := []string{"lbsim", "sweep", quote(arg)}
	for _, v := range f.vary {
		words = append(words, "--vary", quote(v))
	}
	if f.samples > 0 {
		words = append(words, "--samples", strconv.Itoa(f.samples))
	}
	for _, m := range f.metrics {
		words = append(words, "--metric", quote(m))
	}
	return strings.Join(append(words, f.changes(cmd)...), " ")
}

// writeSweep writes all files of a sweep and prints its result.
func (c *cli) writeSweep(folder string, s *results.Sweep, f *runFlags, start time.Time) error {
	r := s.Result()
	missing, err := writeFolder(folder, func(w *outputWriter) []string {
		w.file("summary.json", func(out io.Writer) error { return results.SweepJSON(out, s) })
		w.file("sweep.csv", func(out io.Writer) error { return results.SweepCSV(out, s) })
		return w.common(r, f.plots)
	})
	if err != nil {
		return err
	}
	f.warn(c.stderr, missing)
	if c.format == "json" {
		return results.SweepJSON(c.stdout, s)
	}
	return c.print(r, filepath.Join(folder, "report.html"), time.Since(start), f.quiet)
}

// buildID identifies this program by its bytes: what another build has kept may
// not be what this one would make.
func buildID() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
