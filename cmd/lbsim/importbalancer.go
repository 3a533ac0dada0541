package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"lbsim/scenarios/convert"
)

// A balancerReader makes what a scenario can say of a balancer's configuration. file
// is its name for messages, name that of the scenario.
type balancerReader func(text []byte, file, name string) (*convert.Balancer, error)

// maxBalancerText is how long a configuration may be, in bytes: some ten times what
// one of ten thousand servers takes.
const maxBalancerText = 16 << 20

// importBalancerCommand completes the command that imports one product's
// configurations: its flags, and what it does.
func (c *cli) importBalancerCommand(cmd *cobra.Command, read balancerReader) *cobra.Command {
	var f importFlags
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(_ *cobra.Command, args []string) error { return c.importBalancer(args[0], &f, read) }
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", ".", "`folder` to write into, or the scenario's file if it ends in .yaml")
	fl.StringVar(&f.name, "name", "", "`name` of the scenario (default from the file name)")
	return cmd
}

// importBalancer writes the scenario of a configuration, and tells on standard error
// what of it the scenario does not say.
func (c *cli) importBalancer(path string, f *importFlags, read balancerReader) error {
	target, err := f.target(path)
	if err != nil {
		return err
	}
	if err := mustBeNew(target.folder, target.scenario); err != nil {
		return err
	}
	text, err := readBalancerText(path)
	if err != nil {
		return err
	}
	b, err := read(text, path, target.name)
	if err != nil {
		return inputError{err}
	}
	tellRemarks(c.stderr, path, b.Remarks)
	if err := c.writeNew(target.folder, map[string][]byte{target.scenario: b.Scenario()}); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "next: lbsim run %s\n", quote(filepath.Join(target.folder, target.scenario)))
	return nil
}

func readBalancerText(path string) ([]byte, error) {
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxBalancerText+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	case len(text) > maxBalancerText:
		return nil, inputError{fmt.Errorf("%s: error: longer than %d MB: no configuration is", path, maxBalancerText>>20)}
	}
	return text, nil
}

// tellRemarks writes what a conversion leaves out or changes: of a configuration's
// line that is below, of a scenario's value before what becomes of it.
func tellRemarks(w io.Writer, file string, remarks []convert.Remark) {
	for _, r := range remarks {
		switch {
		case r.Line > 0:
			fmt.Fprintf(w, "%s:%d: %s\n    %s\n", cmp.Or(r.File, file), r.Line, r.Why, r.Text)
		case r.Text != "":
			fmt.Fprintf(w, "%s: %s: %s\n", file, r.Text, r.Why)
		default:
			fmt.Fprintf(w, "%s: %s\n", file, r.Why)
		}
	}
}
