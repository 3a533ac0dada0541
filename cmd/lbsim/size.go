package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lbsim/results"
	"lbsim/scenarios/experiment"
)

// sizeFlags are the flags of lbsim size, with those that it shares with run.
type sizeFlags struct {
	runFlags
	store string
}

func (c *cli) sizeCommand() *cobra.Command {
	var f sizeFlags
	cmd := &cobra.Command{
		Use:   "size FILE|NAME",
		Short: "find the cheapest number of servers that keeps the objectives",
		Long: `Size finds, for each candidate of a scenario's section sizing, the smallest number
of servers that keeps all objectives in normal operation, with as many hosts or
servers down as it says, and while these come back; and which of these plans is
the cheapest. It tells what each costs, how much more traffic it stands, why one
fewer does not do, and how sure it is. With a growth of the traffic, plans are for
the last year, and a table has the numbers for each year until then.

Formulas (Erlang C, and the imbalance of clients that stay where they are) say
where to begin; simulations decide, with as many replications as it takes for the
stated confidence, all on the same random numbers. Virtual machines are put on the
hosts in turn unless the scenario says where they are; those of a host that is
down stay down.

Every replication is kept in a folder, OUT.cells, so that a sizing that was stopped
goes on where it was. Delete the folder when you are done.

Exit status: 0 there is a plan, 1 there is none, 2 bad input, 3 a law broken, 4
internal or I/O error, 130 interrupted.`,
		Example: `  lbsim size size-nodes
  lbsim size exchange-2010 --set sizing.survive.hosts=2
  lbsim size mine.yaml --format json | jq '.sizing.plans[0]'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScenario,
		RunE:              func(cmd *cobra.Command, args []string) error { return c.size(cmd, args[0], &f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", "", "output `folder` (default out/NAME-size)")
	fl.StringVar(&f.store, "store", "", "`folder` that keeps the replications (default OUT.cells)")
	fl.StringArrayVar(&f.set, "set", nil, "change a value, as `path=value` (repeatable)")
	fl.Uint64Var(&f.seed, "seed", 0, "`number` to use as seed instead of the scenario's")
	fl.IntVar(&f.parallel, "parallel", 0, "`number` of replications at a time; the result does not depend on it (default one per core)")
	fl.StringVar(&f.plots, "plots", "svg", "`format` of the figures: svg, png or svg,png")
	fl.StringVar(&c.format, "format", "text", "`format` of standard output: text, markdown or json (the summary)")
	fl.StringVar(&f.progress, "progress", "auto", "`how` progress is shown on standard error: auto (on a terminal), plain or off")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress and no warnings")
	complete(cmd, "set", completeSetting)
	return cmd
}

func (c *cli) size(cmd *cobra.Command, arg string, f *sizeFlags) error {
	if err := f.check(c.format); err != nil {
		return err
	}
	src, err := c.source(arg)
	if err != nil {
		return err
	}
	settings, err := f.settings(cmd)
	if err != nil {
		return err
	}
	s, err := experiment.NewSize(src, settings)
	if err != nil {
		return err
	}
	if len(s.Base.Warnings) > 0 && !f.quiet && c.format != "markdown" {
		c.diagnose(s.Base.Warnings)
		fmt.Fprintln(c.stderr)
	}
	out, err := prepare(f.out, s.Base.Scenario.Name+"-size")
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	start := time.Now()
	bar := newProgress(c.stderr, f.progress, f.quiet)
	r, err := s.Run(ctx, experiment.NewStore(f.store, build), experiment.Options{Parallel: f.parallel}, func(candidate string, count int, state string, made int) {
		bar.note(fmt.Sprintf("%d x %s, %s; %d replications", count, candidate, state, made))
	})
	if err != nil {
		bar.clear()
		if errors.Is(err, context.Canceled) {
			return interruptedError{fmt.Sprintf("interrupted: what was made is kept in %s; the same command goes on from there", f.store)}
		}
		return err
	}
	bar.note("writing the report")
	r.Version, r.Warnings = version, warningTexts(s.Base)
	r.Command = strings.Join(append([]string{"lbsim", "size", quote(arg)}, f.changes(cmd)...), " ")
	missing, err := writeFolder(out, func(w *outputWriter) []string {
		w.file("summary.json", func(out io.Writer) error { return results.SummaryJSON(out, r) })
		return w.common(r, f.plots)
	})
	bar.clear()
	if err != nil {
		return err
	}
	f.warn(c.stderr, missing)
	if err := c.print(r, filepath.Join(out, "report.html"), time.Since(start), f.quiet); err != nil {
		return err
	}
	if r.Sizing.Best() == nil {
		return errMissed
	}
	return nil
}
