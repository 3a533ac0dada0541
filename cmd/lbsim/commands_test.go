package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"lbsim/scenarios"
)

// lbsim runs a command line in process and returns its standard output. It
// must end in success, but for missed expectations.
func lbsim(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitDone && status != exitMissed {
		t.Fatalf("lbsim %s: exit status %d\n%s", strings.Join(args, " "), status, &stderr)
	}
	return stdout.Bytes()
}

// The scenario that lbsim show prints gives the same result as the one that it
// shows, in every byte.
func TestShownScenarioIsTheSame(t *testing.T) {
	for _, name := range scenarios.LibraryNames() {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			lbsim(t, "init", name, "-o", ".") // for the data
			original := lbsim(t, "run", name, "--replications", "1", "--format", "json")
			write(t, "shown.yaml", string(lbsim(t, "show", name)))
			shown := lbsim(t, "run", "shown.yaml", "--replications", "1", "--format", "json")
			if !bytes.Equal(original, shown) {
				t.Errorf("the results differ: %s", firstDifference(string(original), string(shown)))
			}
		})
	}
}

// The schema accepts every bundled scenario, as written and as shown.
func TestSchemaAcceptsLibrary(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(lbsim(t, "schema")))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("scenario.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, text []byte) {
		var value any
		if err := yaml.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range scenarios.LibraryNames() {
		src, _ := scenarios.FromLibrary(name)
		check(name, src.Text)
		check(name+", as shown", lbsim(t, "show", name))
	}
	check("the starter", scenarios.Starter())
	if schema.Validate(map[string]any{"name": "mine", "duratoin": "20m"}) == nil {
		t.Error("a misspelt key is accepted")
	}
}

// A signal ends a run within a moment, in the middle of a replication, and
// leaves nothing behind.
func TestInterrupt(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "long.yaml"), `name: long
duration: 10d
traffic: [{name: web, arrivals: {kind: poisson, rate: 1000/s}, demand: 1ms}]
servers: [{names: "s[1-4]"}]
`)
	before := listing(t, folder)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := lbsimProcess(t, "run", "long.yaml", "--progress", "plain")
		cmd.Dir = folder
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		sent := time.Now()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status != exitInterrupted {
			t.Fatalf("%v: exit status %d, %v\n%s", signal, status, err, &stderr)
		}
		if took := time.Since(sent); took > slowest {
			t.Errorf("%v: took %v", signal, took)
		}
		if stdout.Len() > 0 || stderr.String() != "lbsim: interrupted: nothing was written\n" {
			t.Errorf("%v: standard output %q, standard error %q", signal, &stdout, &stderr)
		}
		if after := listing(t, folder); after != before {
			t.Errorf("%v: files before:\n%safter:\n%s", signal, before, after)
		}
	}
}

// A panic is reported with what repeats it, whatever the command.
func TestPanicIsReported(t *testing.T) {
	var stderr bytes.Buffer
	status := run([]string{"run", "-"}, panicking{}, io.Discard, &stderr)
	if status != exitInternal || !strings.HasPrefix(stderr.String(), "lbsim: internal error, please report it: no input\nrepeat with: lbsim run -\n") {
		t.Errorf("exit status %d\n%s", status, &stderr)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("no input") }
