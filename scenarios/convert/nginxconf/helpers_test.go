package nginxconf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
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
// refuses it.
func judged(t testing.TB, text []byte) string {
	t.Helper()
	folder := t.TempDir()
	// Debian's files name its modules relative to nginx's own folder.
	if err := os.Symlink("/usr/lib/nginx/modules", filepath.Join(folder, "modules")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(program(t), "-t", "-q", "-p", folder, "-c", file, "-g", "pid "+folder+"/pid;")
	if bytes.Contains(text, []byte("\npid ")) {
		cmd.Args = cmd.Args[:len(cmd.Args)-2]
	}
	cmd.Stderr = &said
	if cmd.Run() == nil {
		return ""
	}
	return strings.ReplaceAll(said.String(), folder+"/", "")
}

// config loads the first variant of a scenario.
func config(t testing.TB, name, text string) *models.Config {
	t.Helper()
	f, err := scenarios.Load(scenarios.Source{Name: name, Text: []byte(text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &f.Variants[0].Config
}
