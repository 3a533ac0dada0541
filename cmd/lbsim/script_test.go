package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/script use lbsim as a user would, each in an empty
// folder. Besides the commands of testscript they have
//
//	exits STATUS COMMAND...   run a command that ends with this exit status
//	json FILE                 the file is JSON
//	same FOLDER FOLDER        both have the same files with the same bytes
//
// $REPO is the repository.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(repository, "cmd/lbsim/testdata/script"),
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPO", repository)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"json":  isJSON,
			"same":  sameFolders,
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	status := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("exit status %d, want %s", status, args[0])
	}
}

func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		if json.Valid([]byte(ts.ReadFile(name))) == neg {
			ts.Fatalf("%s is JSON: %v", name, neg)
		}
	}
}

func sameFolders(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same FOLDER FOLDER")
	}
	count := 0
	for i, folder := range args {
		other := ts.MkAbs(args[1-i])
		ts.Check(filepath.WalkDir(ts.MkAbs(folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			count++
			name, _ := filepath.Rel(ts.MkAbs(folder), path)
			a, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b, err := os.ReadFile(filepath.Join(other, name))
			if err == nil && !bytes.Equal(a, b) {
				err = errors.New(name + " differs")
			}
			return err
		}))
	}
	if count == 0 {
		ts.Fatalf("both folders are empty")
	}
}
