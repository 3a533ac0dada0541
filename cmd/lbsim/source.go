package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/term"

	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/scenarios/strict"
)

// source finds the scenario that an argument names: - is standard input, a
// path a file, anything else a file if there is one of that name, and
// otherwise a bundled scenario.
func (c *cli) source(arg string) (scenarios.Source, error) {
	if arg == "-" {
		return scenarios.FromReader("standard input", c.stdin)
	}
	looksLikeFile := strings.ContainsAny(arg, `./\`)
	if info, err := os.Stat(arg); looksLikeFile || err == nil && info.Mode().IsRegular() {
		return c.file(arg)
	}
	if s, ok := scenarios.FromLibrary(arg); ok {
		return s, nil
	}
	hint := "lbsim list shows them"
	if near := flow.Nearest(arg, scenarios.LibraryNames()); near != "" {
		hint = "did you mean " + near + "?"
	}
	return scenarios.Source{}, usageError{fmt.Errorf("there is no file and no built-in scenario %q: %s", arg, hint)}
}

func (c *cli) file(path string) (scenarios.Source, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return scenarios.Source{}, usageError{fmt.Errorf("file %q does not exist", path)}
	case err == nil && info.IsDir():
		return scenarios.Source{}, usageError{fmt.Errorf("%q is a folder, not a scenario file", path)}
	case err == nil && !info.Mode().IsRegular():
		return scenarios.Source{}, usageError{fmt.Errorf("%q is not a regular file", path)}
	}
	s, err := scenarios.FromFile(path)
	if err != nil {
		return s, usageError{err}
	}
	return s, nil
}

// diagnose prints findings for a person, or as JSON lines for an editor.
func (c *cli) diagnose(found strict.Diagnostics) {
	if c.format == "json" {
		writeJSON(c.stderr, found)
		return
	}
	found.Render(c.stderr, c.colored(c.stderr))
	if found.Err() != nil {
		fmt.Fprintf(c.stderr, "\n%s. Nothing was run.\n", found.Summary())
	}
}

// colored reports whether messages to w may be in colour.
func (c *cli) colored(w any) bool {
	return c.color != "never" && os.Getenv("NO_COLOR") == "" && onTerminal(w)
}

func onTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
