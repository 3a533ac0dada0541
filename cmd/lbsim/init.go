package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"lbsim/scenarios"
)

func (c *cli) initCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "init [NAME]",
		Short: "print a commented scenario to start from",
		Long: `Init prints a built-in scenario with its comments, to be edited; without NAME a
small one. With -o it writes the scenario and the data that it needs into a
folder.`,
		Example: `  lbsim init > mine.yaml
  lbsim init rejoin-storm > mine.yaml
  lbsim init source-ip-nat -o mine`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeScenario,
		RunE: func(_ *cobra.Command, args []string) error {
			src := scenarios.Source{Name: "mine.yaml", Text: scenarios.Starter()}
			if len(args) == 1 {
				var err error
				if src, err = c.source(args[0]); err != nil {
					return err
				}
			}
			return c.init(src, folder)
		},
	}
	cmd.Flags().StringVarP(&folder, "out", "o", "", "`folder` to write the scenario and its data into")
	return cmd
}

func (c *cli) init(src scenarios.Source, folder string) error {
	file, err := scenarios.Load(src, nil)
	if err != nil {
		return err
	}
	if folder == "" {
		for _, name := range file.Files {
			fmt.Fprintf(c.stderr, "lbsim: the scenario needs %s beside it: lbsim init NAME -o FOLDER writes both\n", name)
		}
		_, err := c.stdout.Write(src.Text)
		return err
	}
	data := map[string][]byte{filepath.Base(src.Name): src.Text}
	for _, name := range file.Files {
		content, err := src.ReadFile(name)
		if err != nil {
			return err
		}
		data[name] = content
	}
	return c.writeNew(folder, data)
}

// mustBeNew returns an error if one of the files exists.
func mustBeNew(folder string, names ...string) error {
	for _, name := range names {
		path := filepath.Join(folder, name)
		_, err := os.Lstat(path)
		switch {
		case err == nil:
			return usageError{fmt.Errorf("%s exists already", path)}
		case !errors.Is(err, os.ErrNotExist):
			return usageError{err}
		}
	}
	return nil
}

// writeNew writes files into a folder, none of which may exist yet.
func (c *cli) writeNew(folder string, files map[string][]byte) error {
	if err := mustBeNew(folder, sortedKeys(files)...); err != nil {
		return err
	}
	for _, name := range sortedKeys(files) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o666); err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "wrote %s\n", path)
	}
	return nil
}
