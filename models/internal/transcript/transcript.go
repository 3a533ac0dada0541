// Package transcript runs tests that are texts: what is done to a model, and
// what comes of it. Only tests use it.
//
// A case begins with a line that starts with #. Then come commands up to a line
// of four dashes, and after that what they print, up to an empty line. Further
// commands may follow, which find the model as it is; lines that start with ## are
// remarks among them.
package transcript

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the transcripts expect; look at the diff")

// Rig is a model in the hands of a case.
type Rig interface {
	// Command carries out one line.
	Command(line string) error
	// Flush returns the lines that were printed since it was called last.
	Flush() []string
}

// Run runs the cases of all files testdata/*.txt, each on a Rig of its own. With
// -update it writes what comes of them into the files instead.
func Run(t *testing.T, newRig func() Rig) {
	for _, file := range files(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			got := play(t, file, newRig)
			if !*update {
				return
			}
			if err := os.WriteFile(file, got, 0o666); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// shuffles is in how many orders of simultaneous events Shuffled runs the cases.
const shuffles = 20

// Shuffled runs the cases of the files with the given names, or of all, under
// several orders of what happens at the same instant: nothing may depend on it.
func Shuffled(t *testing.T, newRig func(seed uint64) Rig, names ...string) {
	list := names
	if len(names) == 0 {
		list = files(t)
	}
	for _, file := range list {
		for seed := uint64(1); seed <= shuffles; seed++ {
			if play(t, file, func() Rig { return newRig(seed) }); t.Failed() {
				t.Fatalf("%s, ties shuffled with %d", file, seed)
			}
		}
	}
}

func files(t *testing.T) []string {
	list, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(list) == 0 {
		t.Fatal("no transcripts", err)
	}
	return list
}

// play returns the text of a file with what the commands print now, and reports
// the cases in which that is not what it was.
func play(t *testing.T, file string, newRig func() Rig) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	var r Rig
	heading, inHeading := "", false
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		out.WriteString(line + "\n")
		switch {
		case strings.HasPrefix(line, "##"): // a remark within a case
		case strings.HasPrefix(line, "#"):
			if !inHeading {
				heading, r = line, newRig()
			}
		case line != "" && r == nil:
			t.Fatalf("line %d: a command before the first heading", i+1)
		case line == "----":
			from := i + 1
			for i+1 < len(lines) && lines[i+1] != "" {
				i++
			}
			want, got := lines[from:i+1], r.Flush()
			if strings.Join(want, "\n") != strings.Join(got, "\n") && !*update {
				t.Errorf("%s\nline %d: got\n\t%s\nwant\n\t%s", heading, from+1,
					strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
			for _, l := range got {
				out.WriteString(l + "\n")
			}
		case line != "":
			if err := r.Command(line); err != nil {
				t.Fatalf("%s\nline %d: %s: %v", heading, i+1, line, err)
			}
		}
		inHeading = strings.HasPrefix(line, "#")
	}
	return out.Bytes()
}
