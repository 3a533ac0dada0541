package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"lbsim/results/plot"
	"lbsim/scenarios"
	"lbsim/scenarios/strict"
)

func (c *cli) validateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "report everything that is wrong with scenario files",
		Long: `Validate reads scenario files, reports every mistake at its place, and runs
nothing. Exit status: 0 if all files are right, 2 otherwise.`,
		Example: `  lbsim validate mine.yaml
  lbsim validate --format json *.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if c.format != "text" && c.format != "json" {
				return usageError{fmt.Errorf("--format %q is not one of text, json", c.format)}
			}
			return c.validate(args)
		},
	}
	cmd.Flags().StringVar(&c.format, "format", "text", "`format` of the findings: text, or json for editors")
	return cmd
}

func (c *cli) validate(args []string) error {
	var all strict.Diagnostics
	for _, arg := range args {
		src, err := c.source(arg)
		if err != nil {
			return err
		}
		file, err := scenarios.Load(src, nil)
		var found strict.Diagnostics
		switch {
		case errors.As(err, &found):
		case err != nil:
			return err
		default:
			found = append(file.Warnings, file.CheckPlots(plot.Names())...)
		}
		all = append(all, found...)
		if found.Err() == nil && c.format == "text" {
			fmt.Fprintf(c.stdout, "%s: no errors\n", src.Name)
		}
	}
	if c.format == "json" {
		if all == nil {
			all = strict.Diagnostics{}
		}
		writeJSON(c.stdout, all)
	} else if len(all) > 0 {
		if err := all.Render(c.stderr, c.colored(c.stderr)); err != nil {
			return err
		}
		fmt.Fprintf(c.stderr, "\n%s.\n", all.Summary())
	}
	if all.Err() != nil {
		return errShown
	}
	return nil
}
