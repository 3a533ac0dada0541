// Lbsim simulates load balancers and failover from one text file.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"lbsim/models/traffic"
	"lbsim/scenarios/experiment"
	"lbsim/scenarios/strict"
)

// version is part of every result: the same scenario, seed and version give
// the same bytes.
const version = "0.1.0"

// Exit statuses.
const (
	exitDone        = 0
	exitMissed      = 1 // an expectation was missed or cannot be decided
	exitInput       = 2 // bad input or usage
	exitLaw         = 3 // a run broke one of the laws that all runs obey
	exitInternal    = 4 // an internal or I/O error
	exitInterrupted = 130
)

// usageError is a mistake on the command line.
type usageError struct{ error }

// inputError is something wrong with a file that was read.
type inputError struct{ error }

// errMissed ends a command whose expectations were not all held.
var errMissed = errors.New("an expectation was not held")

// errInterrupted ends a command that the user stopped.
var errInterrupted = errors.New("interrupted: nothing was written")

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run carries out one command line and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "lbsim: internal error, please report it: %v\nrepeat with: lbsim %s\n\n%s", p, strings.Join(args, " "), debug.Stack())
			status = exitInternal
		}
	}()
	c := &cli{stdin: stdin, stdout: stdout, stderr: stderr}
	root := c.root()
	root.SetArgs(args)
	return c.report(root.Execute())
}

// cli is what the commands share.
type cli struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	color          string
	format         string
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "lbsim",
		Short:         "lbsim simulates load balancers and failover from one text file.",
		Long:          overview,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          c.unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(c.stdout, overview)
			return err
		},
	}
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.SetHelpTemplate(helpTemplate)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\nlbsim help %s shows the flags", err, cmd.Name())}
	})
	root.PersistentFlags().StringVar(&c.color, "color", "auto", "colour in messages: auto or never (also NO_COLOR)")
	root.PersistentFlags().SortFlags = false
	root.AddCommand(c.runCommand(), c.validateCommand(), c.listCommand(), c.showCommand(), c.initCommand(),
		c.schemaCommand(), c.importCommand(), c.versionCommand())
	for _, sub := range root.Commands() {
		wrapArgs(sub)
	}
	return root
}

// wrapArgs makes a wrong number of arguments a usage error.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w\nusage: %s", err, cmd.UseLine())}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}

func (c *cli) unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	hint := "lbsim help lists the commands"
	if near := strict.Nearest(args[0], names); near != "" {
		hint = "did you mean lbsim " + near + "?"
	}
	return usageError{fmt.Errorf("%q is not a command: %s", args[0], hint)}
}

// report prints what a command ended with and returns the exit status.
func (c *cli) report(err error) int {
	var found strict.Diagnostics
	var law experiment.LawError
	var over traffic.Overload
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errMissed):
		return exitMissed
	case errors.As(err, &found):
		c.diagnose(found)
		return exitInput
	case errors.As(err, &law):
		fmt.Fprintf(c.stderr, "lbsim: %v\n", err)
		return exitLaw
	case errors.Is(err, errInterrupted):
		fmt.Fprintf(c.stderr, "lbsim: %v\n", err)
		return exitInterrupted
	}
	if errors.As(err, new(inputError)) { // names the file itself
		fmt.Fprintln(c.stderr, err)
		return exitInput
	}
	fmt.Fprintf(c.stderr, "lbsim: %v\n", err)
	if errors.As(err, new(usageError)) || errors.As(err, &over) {
		return exitInput
	}
	return exitInternal
}

const overview = `lbsim simulates load balancers and failover from one text file.

Start here:
  lbsim run rejoin-storm                   a built-in scenario, a few seconds
  lbsim run rejoin-storm --set balancer.services.mail.slow_start.time=300s
  lbsim init rejoin-storm > mine.yaml      a commented copy to edit
  lbsim run mine.yaml                      -> out/mine/report.html

Simulate:   run
Scenarios:  list  show  init  validate  schema  import
Other:      completion  version  help

Every command has examples: lbsim help COMMAND
`

const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}{{if .Runnable}}{{if .HasParent}}Usage:
  {{.UseLine}}
{{end}}{{end}}{{if .HasAvailableSubCommands}}{{if .HasParent}}Usage:
  {{.CommandPath}} COMMAND

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}
{{end}}{{end}}{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{if .HasParent}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{end}}`
