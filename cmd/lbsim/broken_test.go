package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// The cases in testdata/broken are inputs that lbsim must refuse: with exit
// status 2, messages on standard error as kept in the case, and nothing else
// written anywhere. Read the messages as a user would when you change one.
//
// A case is a txtar archive. Its comment says what is wrong, then what to
// prepare (make FILE: one of strangeFiles; mkdir FOLDER; pipe NAME), and last the command
// line. Its files are put into an empty folder; stdin is standard input.
type brokenCase struct {
	path    string
	archive *txtar.Archive
	prepare [][]string
	args    []string
}

const (
	// slowest is how long a refusal may take: a second, and more on a machine
	// that is busy with something else.
	slowest = 5 * time.Second
	// largest is how much memory a refusal may take, in bytes.
	largest = 200 << 20
)

func brokenCases(t *testing.T) (cases []brokenCase) {
	paths, err := filepath.Glob(filepath.Join(repository, "cmd/lbsim/testdata/broken/*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := brokenCase{path: path, archive: archive}
		for line := range strings.Lines(string(archive.Comment)) {
			line = strings.TrimSuffix(line, "\n")
			if args, ok := strings.CutPrefix(line, "lbsim "); ok {
				c.args = shellWords(args)
			} else if !strings.HasPrefix(line, "#") {
				c.prepare = append(c.prepare, strings.Fields(line))
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// name is the file's name without its ending.
func (c *brokenCase) name() string { return strings.TrimSuffix(filepath.Base(c.path), ".txtar") }

// file returns a file of the archive, "" if there is none.
func (c *brokenCase) file(name string) string {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// set writes a file of the archive back.
func (c *brokenCase) set(t *testing.T, name, text string) {
	i := slices.IndexFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		i = len(c.archive.Files)
		c.archive.Files = append(c.archive.Files, txtar.File{Name: name})
	}
	c.archive.Files[i].Data = []byte(text)
	write(t, c.path, string(txtar.Format(c.archive)))
}

// lay puts the case's files into a folder.
func (c *brokenCase) lay(t *testing.T, folder string) {
	for _, f := range c.archive.Files {
		if f.Name != "stderr" && f.Name != "stdin" {
			path := filepath.Join(folder, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			write(t, path, string(f.Data))
		}
	}
	for _, words := range c.prepare {
		path := filepath.Join(folder, words[1])
		switch content := strangeFiles[words[1]]; {
		case words[0] == "mkdir":
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Fatal(err)
			}
		case words[0] == "pipe":
			if err := syscall.Mkfifo(path, 0o666); err != nil {
				t.Fatal(err)
			}
		case words[0] == "make" && content != nil:
			write(t, path, content())
		default:
			t.Fatalf("%s: cannot prepare %q", c.path, words)
		}
	}
}

// listing names everything in and below a folder with its size.
func listing(t *testing.T, folder string) string {
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			fmt.Fprintf(&b, "%s %d\n", path, info.Size())
		} else if err == nil {
			fmt.Fprintf(&b, "%s/\n", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBroken(t *testing.T) {
	for _, c := range brokenCases(t) {
		t.Run(c.name(), func(t *testing.T) {
			t.Chdir(t.TempDir())
			c.lay(t, ".")
			before := listing(t, ".")
			var stdout, stderr bytes.Buffer
			start := time.Now()
			status := run(c.args, strings.NewReader(c.file("stdin")), &stdout, &stderr)
			took := time.Since(start)
			if status != exitInput {
				t.Errorf("exit status %d, want %d", status, exitInput)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output is not empty:\n%s", &stdout)
			}
			if after := listing(t, "."); after != before {
				t.Errorf("files before:\n%safter:\n%s", before, after)
			}
			if took > slowest {
				t.Errorf("took %v", took)
			}
			if got := stderr.String(); got != c.file("stderr") {
				if *update {
					c.set(t, "stderr", got)
					return
				}
				t.Errorf("standard error:\n%swant:\n%s", got, c.file("stderr"))
			}
		})
	}
}

// Refusing an input takes little memory, measured in a process for each case.
func TestBrokenMemory(t *testing.T) {
	most, worst := int64(0), ""
	for _, c := range brokenCases(t) {
		folder := t.TempDir()
		c.lay(t, folder)
		cmd := lbsimProcess(t, c.args...)
		cmd.Dir = folder
		cmd.Stdin = strings.NewReader(c.file("stdin"))
		err := cmd.Run()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if status := cmd.ProcessState.ExitCode(); status != exitInput {
			t.Errorf("%s: exit status %d, want %d", c.name(), status, exitInput)
		}
		used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10 // kilobytes on Linux
		if used > largest {
			t.Errorf("%s: %d MB", c.name(), used>>20)
		}
		if used > most {
			most, worst = used, c.name()
		}
	}
	t.Logf("at most %d MB (%s)", most>>20, worst)
}

// lbsimProcess returns lbsim as a process of its own, not started yet. It is
// ended should it not end by itself.
func lbsimProcess(t *testing.T, args ...string) *exec.Cmd {
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, executable, args...)
	cmd.Args[0] = "lbsim" // see TestMain
	return cmd
}

// shellWords splits a command line at spaces that are not between single
// quotes.
func shellWords(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
