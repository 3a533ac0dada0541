package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lbsim/models/flow"
	"lbsim/results/plot"
	"lbsim/scenarios"
	"lbsim/scenarios/lab"
)

// labFlags are the flags of lbsim lab.
type labFlags struct {
	runFlags
	repetitions int
	seeds       int
	limit       time.Duration
	variant     string
	balancer    string
	all         bool
}

func (c *cli) labCommand() *cobra.Command {
	var f labFlags
	cmd := &cobra.Command{
		Use:   "lab [FILE|NAME...]",
		Short: "run scenarios for real on HAProxy or nginx, and compare with the simulation",
		Long: `Lab runs a scenario for real: it writes the configuration of HAProxy or nginx that
the scenario means, starts the balancer, servers and clients on loopback, lets
clients come as in the scenario and carries out its timeline. Then it simulates
the very arrivals that occurred and shows both side by side: of each metric the
mean of the real runs and of the simulated ones with the smallest and the largest
value in brackets, and whether the simulated mean lies inside the range of the
real runs. Of three real runs whose mean a simulation knew exactly, it would lie
outside in one case of four, by chance. Below it says how many arrivals both sent
to the same server.

A real run takes as long as it says. NAME is a built-in scenario or an experiment;
without one, the experiments are listed. The output folder has the report on both,
and what repeats the simulated side without any balancer: lbsim run
FOLDER/simulated.yaml.

Needs Linux and the program haproxy or nginx, as balancer.product says; only
loopback is used, on ports that are free. Exit status: 0 done, whatever the
comparison says, 2 bad input, 3 a law broken, 4 internal or I/O error, 130
interrupted.`,
		Example: `  lbsim lab
  lbsim lab mine.yaml --repetitions 1
  lbsim lab mine.yaml --balancer /opt/haproxy-3.0/haproxy --record assignments
  lbsim lab --all --format markdown`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeExperiment,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.lab(cmd, args, &f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", "", "output `folder` of a single scenario (default out/NAME-lab)")
	fl.IntVar(&f.repetitions, "repetitions", 3, "`number` of real runs of each variant")
	fl.IntVar(&f.seeds, "seeds", 5, "`number` of simulations of each real run")
	fl.StringVar(&f.variant, "variant", "", "`name` of the only variant to run (default all)")
	fl.StringArrayVar(&f.set, "set", nil, "change a value, as `path=value` (repeatable)")
	fl.Uint64Var(&f.seed, "seed", 0, "`number` to use as seed instead of the scenario's")
	fl.StringVar(&f.balancer, "balancer", "", "`path` of the balancer's program (default haproxy or nginx, where it is installed)")
	fl.DurationVar(&f.limit, "limit", 10*time.Minute, "longest `time` that a real run may take")
	fl.BoolVar(&f.all, "all", false, "run all experiments")
	fl.IntVar(&f.parallel, "parallel", 0, "`number` of simulations at a time; the result does not depend on it (default one per core)")
	fl.StringSliceVar(&f.record, "record", nil, "`what` to record: assignments (every connection); timeseries is always written")
	fl.StringVar(&f.plots, "plots", "svg", "`format` of the figures: svg, png or svg,png")
	fl.StringVar(&c.format, "format", "text", "`format` of standard output: text, markdown or json")
	fl.StringVar(&f.progress, "progress", "auto", "`how` progress is shown on standard error: auto (on a terminal), plain or off")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress and no warnings")
	complete(cmd, "set", completeSetting)
	return cmd
}

func completeExperiment(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range lab.Experiments() {
		names = append(names, e.Name)
	}
	library, directive := completeScenario(cmd, args, word)
	return append(names, library...), directive
}

// check refuses values of flags that mean nothing.
func (f *labFlags) check(format string, args []string) error {
	if err := f.runFlags.check(format); err != nil {
		return err
	}
	for _, x := range []struct {
		flag  string
		value int
	}{{"repetitions", f.repetitions}, {"seeds", f.seeds}} {
		if x.value < 1 || x.value > lab.MostRuns {
			return usageError{fmt.Errorf("--%s %d is not between 1 and %d", x.flag, x.value, lab.MostRuns)}
		}
	}
	switch {
	case f.limit <= 0:
		return usageError{fmt.Errorf("--limit %v leaves no time", f.limit)}
	case slices.Contains(f.record, "pcap"):
		return usageError{errors.New("--record pcap: the lab records no packets")}
	case f.all && len(args) > 0:
		return usageError{errors.New("--all stands for the names of all experiments: leave those out")}
	case f.out != "" && (f.all || len(args) > 1):
		return usageError{errors.New("-o is the folder of one scenario: leave it out, and each has its own below out")}
	}
	return nil
}

func (c *cli) lab(cmd *cobra.Command, args []string, f *labFlags) error {
	if err := f.check(c.format, args); err != nil {
		return err
	}
	if f.all {
		for _, e := range lab.Experiments() {
			args = append(args, e.Name)
		}
	}
	if len(args) == 0 {
		return c.listExperiments()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	files := make([]*scenarios.File, len(args))
	for i, arg := range args {
		var err error
		if files[i], err = c.loadExperiment(cmd, arg, f); err != nil {
			return err
		}
	}
	if c.format == "markdown" {
		if _, err := io.WriteString(c.stdout, lab.MarkdownHeader); err != nil {
			return err
		}
	}
	for i, arg := range args {
		if i > 0 && c.format == "text" {
			fmt.Fprintln(c.stdout)
		}
		if err := c.labScenario(ctx, cmd, arg, files[i], f); err != nil {
			return err
		}
	}
	return nil
}

// listExperiments prints the experiments, with a line on each.
func (c *cli) listExperiments() error {
	var rows [][2]string
	for _, e := range lab.Experiments() {
		rows = append(rows, [2]string{e.Name, e.About})
	}
	return printRows(c.stdout, rows)
}

// loadExperiment reads an experiment or, if there is none of that name, a scenario.
func (c *cli) loadExperiment(cmd *cobra.Command, arg string, f *labFlags) (*scenarios.File, error) {
	for _, e := range lab.Experiments() {
		if e.Name != arg {
			continue
		}
		settings, err := f.settings(cmd)
		if err != nil {
			return nil, err
		}
		file, err := scenarios.Load(e.Source, settings)
		if err != nil {
			return nil, err
		}
		if problems := file.CheckPlots(plot.Names()); problems != nil {
			return nil, problems
		}
		return file, nil
	}
	file, err := c.load(cmd, arg, &f.runFlags)
	var names []string
	for _, e := range lab.Experiments() {
		names = append(names, e.Name)
	}
	if near := flow.Nearest(arg, names); near != "" && errors.As(err, new(usageError)) {
		err = usageError{fmt.Errorf("there is no file, no built-in scenario and no experiment %q: did you mean %s?", arg, near)}
	}
	return file, err
}
