package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"lbsim/scenarios/convert"
)

func (c *cli) importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "make scenarios of what you have: access logs",
		Args:  cobra.NoArgs,
	}
	var folder, name string
	log := &cobra.Command{
		Use:   "log FILE",
		Short: "make a scenario and a trace of an access log",
		Long: `Import log reads an access log (NCSA common or combined, or W3C extended; plain
or gzip) and writes a scenario that replays it under several kinds of
persistence, with the trace of its requests. Lines that cannot be read are
counted and shown.`,
		Example: `  lbsim import log access.log.gz
  lbsim import log access.log -o mine && lbsim run mine/access.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return c.importLog(args[0], folder, name) },
	}
	log.Flags().StringVarP(&folder, "out", "o", ".", "`folder` to write into")
	log.Flags().StringVar(&name, "name", "", "`name` of the scenario (default from the file name)")
	cmd.AddCommand(log)
	return cmd
}

func (c *cli) importLog(path, folder, name string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usageError{fmt.Errorf("file %q does not exist", path)}
	case err != nil:
		return usageError{err}
	case !info.Mode().IsRegular():
		return usageError{fmt.Errorf("%q is not a regular file", path)}
	}
	if name == "" {
		name = convert.ScenarioName(path)
	} else if clean := convert.ScenarioName(name); clean != name {
		return usageError{fmt.Errorf("--name %q: a name has small letters, digits and hyphens, as %q does", name, clean)}
	}
	traceName := name + ".csv"
	if err := mustBeNew(folder, name+".yaml", traceName); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	l, err := convert.ReadLog(f, path)
	if err != nil {
		return inputError{err}
	}
	scenario, trace := convert.FromLog(l, convert.Options{Name: name, Trace: traceName})
	var rows bytes.Buffer
	if err := trace.Write(&rows); err != nil {
		return err
	}
	fmt.Fprint(c.stdout, l.Summary())
	for _, b := range l.Bad {
		fmt.Fprintf(c.stderr, "%s:%d: left out: %s\n    %s\n", path, b.Line, b.Why, b.Text)
	}
	if more := l.Malformed - len(l.Bad); more > 0 {
		fmt.Fprintf(c.stderr, "and %d more malformed lines\n", more)
	}
	if err := c.writeNew(folder, map[string][]byte{name + ".yaml": scenario, traceName: rows.Bytes()}); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "next: lbsim run %s\n", filepath.Join(folder, name+".yaml"))
	return nil
}

func sortedKeys(m map[string][]byte) []string { return slices.Sorted(maps.Keys(m)) }
