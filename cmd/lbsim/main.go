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
	"github.com/spf13/pflag"

	"lbsim/models/flow"
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

// errShown ends a command whose input has mistakes that it has shown.
var errShown = errors.New("the input has mistakes")

// errInterrupted ends a command that the user stopped.
var errInterrupted = interruptedError{"interrupted: nothing was written"}

// interruptedError tells what is left of a command that the user stopped.
type interruptedError struct{ text string }

func (e interruptedError) Error() string { return e.text }

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run carries out one command line and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	c := &cli{args: args, stdin: stdin, stdout: stdout, stderr: stderr}
	defer func() {
		if p := recover(); p != nil {
			c.internal(p, debug.Stack())
			status = exitInternal
		}
	}()
	root := c.root()
	root.SetArgs(args)
	return c.report(root.Execute())
}

// cli is what the commands share.
type cli struct {
	args           []string
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
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if c.color != "auto" && c.color != "never" {
				return usageError{fmt.Errorf("--color %q is not one of auto, never", c.color)}
			}
			return nil
		},
	}
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.SetHelpTemplate(helpTemplate)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%s\n%s --help shows the flags", flagMistake(cmd, err), cmd.CommandPath())}
	})
	root.PersistentFlags().StringVar(&c.color, "color", "auto", "`when` to use colour in messages: auto or never (also NO_COLOR)")
	root.PersistentFlags().SortFlags = false
	root.AddCommand(c.runCommand(), c.compareCommand(), c.sweepCommand(), c.sizeCommand(), c.mergeCommand(), c.validateCommand(), c.listCommand(), c.showCommand(), c.explainCommand(), c.initCommand(),
		c.schemaCommand(), c.importCommand(), c.exportCommand(), c.labCommand(), c.diagnoseCommand(), c.versionCommand())
	root.InitDefaultCompletionCmd()
	root.SetHelpCommand(c.helpCommand(root))
	root.InitDefaultHelpCmd()
	for _, sub := range root.Commands() {
		if sub.HasSubCommands() { // itself it does nothing
			sub.Args = c.unknownCommand
			sub.RunE = func(cmd *cobra.Command, _ []string) error {
				return c.unknownCommand(cmd, []string{""})
			}
			sub.Use += " COMMAND"
		}
		wrapArgs(sub)
	}
	return root
}

// helpCommand is cobra's, but an unknown command is a mistake.
func (c *cli) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "explain a command, with examples",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil {
				return err // a usageError, from unknownCommand
			}
			if len(rest) > 0 {
				return c.unknownCommand(cmd, rest)
			}
			cmd.InitDefaultHelpFlag() // as if --help had asked for it
			return cmd.Help()
		},
	}
}

// flagMistake puts an error of the flags' parser into plain words.
func flagMistake(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := flow.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			return fmt.Sprintf("%v: did you mean --%s?", err, near)
		}
	case errors.As(err, &invalid):
		expected := map[string]string{"int": "a whole number", "uint64": "a whole number from 0 on", "bool": "true or false"}
		if what, ok := expected[invalid.GetFlag().Value.Type()]; ok {
			return fmt.Sprintf("--%s %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), what)
		}
	}
	return err.Error()
}

// wrapArgs makes a wrong number of arguments a usage error, which shows how the
// command is used.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			switch {
			case err == nil || errors.As(err, new(usageError)):
				return err
			case len(args) == 0:
				return usageError{fmt.Errorf("%s what?\nusage: %s", cmd.Name(), cmd.UseLine())}
			}
			return usageError{fmt.Errorf("%q is too much after %s\nusage: %s", args[len(args)-1], cmd.CommandPath(), cmd.UseLine())}
		}
	}
	cmd.DisableFlagsInUseLine = !cmd.HasLocalFlags()
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
	hint := "commands are " + strings.Join(names, " ")
	if near := flow.Nearest(args[0], names); near != "" {
		hint = fmt.Sprintf("did you mean %s %s?", cmd.CommandPath(), near)
	}
	if args[0] == "" {
		return usageError{fmt.Errorf("%s what? %s", cmd.Name(), hint)}
	}
	return usageError{fmt.Errorf("%q is not a command: %s", cmd.CommandPath()+" "+args[0], hint)}
}

// report prints what a command ended with and returns the exit status.
func (c *cli) report(err error) int {
	var found strict.Diagnostics
	var law experiment.LawError
	var bug experiment.PanicError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errMissed):
		return exitMissed
	case errors.Is(err, errShown):
		return exitInput
	case errors.As(err, &found):
		c.diagnose(found)
		return exitInput
	case errors.As(err, &law):
		fmt.Fprintf(c.stderr, "lbsim: %v\n", err)
		return exitLaw
	case errors.As(err, &bug):
		c.internal(bug, bug.Stack)
		return exitInternal
	case errors.As(err, new(interruptedError)):
		fmt.Fprintf(c.stderr, "lbsim: %v\n", err)
		return exitInterrupted
	}
	if errors.As(err, new(inputError)) { // names the file itself
		fmt.Fprintln(c.stderr, err)
		return exitInput
	}
	fmt.Fprintf(c.stderr, "lbsim: %v\n", err)
	if errors.As(err, new(usageError)) || errors.As(err, new(traffic.Overload)) || errors.As(err, new(experiment.TooLargeError)) ||
		errors.As(err, new(experiment.SweepError)) || errors.As(err, new(experiment.MissingError)) {
		return exitInput
	}
	return exitInternal
}

// internal reports a mistake in lbsim itself.
func (c *cli) internal(what any, stack []byte) {
	words := []string{"lbsim"}
	for _, a := range c.args {
		words = append(words, quote(a))
	}
	fmt.Fprintf(c.stderr, "lbsim: internal error, please report it: %v\nrepeat with: %s\n\n%s", what, strings.Join(words, " "), stack)
}

const overview = `lbsim simulates load balancers and failover from one text file.

Start here:
  lbsim run rejoin-storm                   a built-in scenario, a few seconds
  lbsim run rejoin-storm --set balancer.services.mail.slow_start.time=300s
  lbsim init rejoin-storm > mine.yaml      a commented copy to edit
  lbsim run mine.yaml                      -> out/mine/report.html

Simulate:   run  compare  sweep  size  merge
Scenarios:  list  show  explain  init  validate  schema  import  export
Reality:    lab  diagnose
Other:      completion  version  help

Every command has examples: lbsim help COMMAND
`

const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}
{{end}}{{if .HasParent}}
{{end}}{{if and .HasParent (not .HasAvailableSubCommands)}}Usage:
  {{.UseLine}}
{{end}}{{if .HasAvailableSubCommands}}{{if .HasParent}}Usage:
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
