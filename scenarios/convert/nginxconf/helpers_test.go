package nginxconf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lbsim/models"
	"lbsim/scenarios"
)

// program returns the path of nginx.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		t.Fatal("nginx is not installed (Debian: apt-get install nginx-light libnginx-mod-stream)")
	default:
		t.Skip("nginx is not installed (Debian: apt-get install nginx-light libnginx-mod-stream)")
	}
	return ""
}

// judged has the real nginx judge a configuration, and returns what it says if it
// refuses it or warns.
func judged(t testing.TB, text []byte) string {
	t.Helper()
	path := program(t)
	if os.Getuid() != 0 { // it tries root's folders, and ports that are root's
		if os.Getenv("CI") == "true" {
			t.Fatal("nginx judges configurations for root alone")
		}
		t.Skip("an nginx that judges configurations for this user is not installed: run it as root")
	}
	folder := t.TempDir()
	// Debian's files name its modules relative to nginx's own folder.
	if err := os.Symlink("/usr/lib/nginx/modules", filepath.Join(folder, "modules")); err != nil {
		t.Fatal(err)
	}
	file, pid := filepath.Join(folder, "nginx.conf"), "pid "+folder+"/pid;"
	cmd := exec.Command(path, "-t", "-q", "-p", folder, "-c", file)
	if moved := ownPid.ReplaceAll(text, []byte("${1}"+pid)); !bytes.Equal(moved, text) {
		text = moved
	} else {
		cmd.Args = append(cmd.Args, "-g", pid)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	// How many files may be open is a matter of the machine.
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" || strings.Contains(l, "exceed open file resource limit") })
	if err == nil && len(lines) == 0 {
		return ""
	}
	return fmt.Sprint(err, strings.ReplaceAll(strings.Join(lines, "\n"), folder+"/", ""))
}

// ownPid is where a configuration says where the number of the process is kept.
var ownPid = regexp.MustCompile(`(?m)^(\s*)pid /[^;\s]*;`)

// config loads the first variant of a scenario.
func config(t testing.TB, name, text string) *models.Config {
	t.Helper()
	f, err := scenarios.Load(scenarios.Source{Name: name, Text: []byte(text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &f.Variants[0].Config
}
