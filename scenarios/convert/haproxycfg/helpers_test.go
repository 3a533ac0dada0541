package haproxycfg

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lbsim/scenarios"
)

var update = flag.Bool("update", false, "rewrite the scenarios in testdata")

// program returns the path of HAProxy.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("haproxy")
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		t.Fatal("haproxy is not installed (Debian: apt-get install haproxy)")
	default:
		t.Skip("haproxy is not installed (Debian: apt-get install haproxy)")
	}
	return ""
}

// check has the real HAProxy judge a configuration, and returns what it says if it
// refuses it, or has warnings.
func check(t testing.TB, text []byte) (refused bool, said string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command(program(t), "-c", "-f", file)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	said = strings.ReplaceAll(out.String(), file, "haproxy.cfg")
	return err != nil, strings.TrimSuffix(said, "Configuration file is valid\n")
}

// load reads a scenario with HAProxy as its product.
func load(t testing.TB, source scenarios.Source) *scenarios.File {
	t.Helper()
	f, err := scenarios.Load(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
