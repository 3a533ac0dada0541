package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lbsim/scenarios/product"
)

// The README's tables of policies are those of lbsim list.
func TestREADMETables(t *testing.T) {
	text := read(t, filepath.Join(repository, "README.md"))
	for _, l := range append(lists(), listed{"commands", "lbsim ...", commandRows}) {
		begin, end := "<!-- begin "+l.name+" -->\n", "<!-- end "+l.name+" -->\n"
		before, rest, found := strings.Cut(text, begin)
		if !found {
			continue
		}
		old, after, _ := strings.Cut(rest, end)
		want := markdownTable(l)
		if old != want && !*update {
			t.Errorf("the table of %s is out of date; go test ./cmd/lbsim -run README -update rewrites it\ngot:\n%swant:\n%s", l.name, old, want)
		}
		text = before + begin + want + end + after
	}
	if *update {
		write(t, filepath.Join(repository, "README.md"), text)
	}
}

// The README tells how much of each product is verified.
func TestREADMEProducts(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "| product | %s |\n|%s\n", strings.Join(product.Areas, " | "), strings.Repeat(" --- |", 1+len(product.Areas)))
	for _, p := range product.Table {
		fmt.Fprintf(&b, "| `%s` |", p.Name)
		verified, all := p.Count()
		for i := range all {
			cell := "–"
			if all[i] > 0 {
				cell = fmt.Sprintf("%d of %d", verified[i], all[i])
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	text := read(t, filepath.Join(repository, "README.md"))
	before, rest, found := strings.Cut(text, "<!-- begin verified -->\n")
	old, after, closed := strings.Cut(rest, "<!-- end verified -->\n")
	switch {
	case !found || !closed:
		t.Error("the README does not tell what is verified")
	case *update:
		write(t, filepath.Join(repository, "README.md"), before+"<!-- begin verified -->\n"+b.String()+"<!-- end verified -->\n"+after)
	case old != b.String():
		t.Errorf("the table of what is verified is out of date; go test ./cmd/lbsim -run README -update rewrites it\ngot:\n%swant:\n%s", old, &b)
	}
}

// commandRows lists the commands as lbsim's help knows them.
func commandRows() (rows [][2]string) {
	for _, sub := range (&cli{}).root().Commands() {
		if sub.Name() != "help" {
			rows = append(rows, [2]string{strings.ReplaceAll(sub.Use, "|", " or "), sub.Short})
		}
	}
	return rows
}

func markdownTable(l listed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| `%s` | |\n| --- | --- |\n", strings.Trim(l.title, "`"))
	for _, r := range l.rows() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r[0], r[1])
	}
	return b.String()
}

var (
	block   = regexp.MustCompile("(?ms)^```(console|sh|yaml)\n(.*?)^```$")
	elapsed = regexp.MustCompile(`(?m) +[0-9.]+ (s|ms|µs|min)$`)
)

// The README's commands work, in order and in one folder, and print what it
// shows. Its scenarios are files under their own names.
func TestREADMECommands(t *testing.T) {
	text := read(t, filepath.Join(repository, "README.md"))
	log, err := os.ReadFile(repository + "/scenarios/convert/testdata/apache-2015.log.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write(t, "access.log.gz", string(log))
	changed := block.ReplaceAllStringFunc(text, func(b string) string {
		m := block.FindStringSubmatch(b)
		switch m[1] {
		case "yaml":
			name := regexp.MustCompile(`(?m)^name: (.*)$`).FindStringSubmatch(m[2])
			if name != nil {
				write(t, name[1]+".yaml", m[2])
			}
		case "sh":
			for _, line := range strings.Split(m[2], "\n") {
				if strings.HasPrefix(line, "lbsim ") {
					shell(t, line)
				}
			}
		case "console":
			command, shown, _ := strings.Cut(strings.TrimPrefix(m[2], "$ "), "\n")
			got := shell(t, command)
			if first, rest, _ := strings.Cut(got, "\n"); elapsed.MatchString(first) {
				got = elapsed.ReplaceAllString(first, "") + "\n" + rest
			}
			if got != shown && !*update {
				t.Errorf("%s prints\n%s\nbut the README shows\n%s", command, got, shown)
			}
			return "```console\n$ " + command + "\n" + got + "```"
		}
		return b
	})
	if *update {
		write(t, filepath.Join(repository, "README.md"), changed)
	}
}

// repository is the folder of go.mod, found before any test changes folders.
var repository = func() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}()

// shell runs a command line of the README: lbsim with arguments, perhaps with
// a comment, and its output perhaps into a file. A missed expectation is fine.
func shell(t *testing.T, line string) string {
	t.Helper()
	line, _, _ = strings.Cut(line, " #")
	line, target, redirected := strings.Cut(line, ">")
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != "lbsim" {
		t.Fatalf("the README runs %q", line)
	}
	var stdout, stderr bytes.Buffer
	if status := run(words[1:], strings.NewReader(""), &stdout, &stderr); status != exitDone && status != exitMissed {
		t.Fatalf("%s: exit status %d\n%s", line, status, &stderr)
	}
	if redirected {
		write(t, strings.TrimSpace(target), stdout.String())
	}
	return stdout.String()
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
