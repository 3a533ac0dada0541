package main

import (
	"github.com/spf13/cobra"

	"lbsim/scenarios"
)

func (c *cli) showCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "show FILE|NAME",
		Short: "print a scenario with every default in full",
		Long: `Show prints a scenario as lbsim understands it, with every default that was
left out. What it prints is itself a scenario.`,
		Example: `  lbsim show rejoin-storm
  lbsim show mine.yaml --set servers.ex1.cores=8`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := c.load(cmd, args[0], &f)
			if err != nil {
				return err
			}
			text, err := file.Show()
			if err != nil {
				return err
			}
			_, err = c.stdout.Write(text)
			return err
		},
	}
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "change a value, as `path=value` (repeatable)")
	complete(cmd, "set", completeSetting)
	return cmd
}

func (c *cli) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON schema of scenario files, for editors",
		Long: `Schema prints the JSON schema of scenario files. With the line
"# yaml-language-server: $schema=scenario.schema.json" at the top of a scenario,
editors complete and check it.`,
		Example: "  lbsim schema > scenario.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := c.stdout.Write(scenarios.Schema())
			return err
		},
	}
}
