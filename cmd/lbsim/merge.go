package main

import (
	"time"

	"github.com/spf13/cobra"

	"lbsim/scenarios/experiment"
)

func (c *cli) mergeCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "merge FOLDER|FILE...",
		Short: "join the parts of a sweep into its result",
		Long: `Merge joins the files that lbsim sweep --shard has written, or those in folders,
into the result of the whole sweep, with the same bytes as if it had been made
in one piece. If parts are missing or damaged, it names them and the command
that makes them. Exit status: 0 done, 2 parts are missing or do not belong
together, 4 internal or I/O error.`,
		Example: `  lbsim merge parts
  lbsim merge parts -o out/answer`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return c.merge(args, &f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", "", "output `folder` (default out/NAME-sweep)")
	fl.StringVar(&f.plots, "plots", "svg", "`format` of the figures: svg, png or svg,png")
	fl.StringVar(&c.format, "format", "text", "`format` of standard output: text, markdown or json (the summary)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no warnings")
	return cmd
}

func (c *cli) merge(args []string, f *runFlags) error {
	f.progress = "off"
	if err := f.check(c.format); err != nil {
		return err
	}
	start := time.Now()
	paths, err := experiment.ShardPaths(args)
	if err != nil {
		return err
	}
	s, err := experiment.Merge(paths, version)
	if err != nil {
		return err
	}
	folder, err := prepare(f.out, s.Scenario+"-sweep")
	if err != nil {
		return err
	}
	return c.writeSweep(folder, s, f, start)
}
