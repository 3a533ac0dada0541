package dag

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the transcripts expect; look at the diff")

// TestTranscripts runs the vectors in testdata/*.txt, which have the form of those
// of package place: a case begins with a line that starts with #, then come
// commands up to a line of four dashes, and after that what they print, up to an
// empty line. Further commands may follow, which find the group as it is; lines
// that start with ## are remarks among them. rig.command lists the commands.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := transcript(t, string(text), 0)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// What happens at one instant must not depend on the order in which events were
// scheduled.
func TestTranscriptsWithShuffledTies(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for seed := uint64(1); seed <= 20; seed++ {
			if transcript(t, string(text), seed); t.Failed() {
				t.Fatalf("%s, ties shuffled with %d", file, seed)
			}
		}
	}
}

// transcript returns the text with what the commands print now, and reports the
// cases in which that is not what it was.
func transcript(t *testing.T, text string, shuffle uint64) string {
	var out bytes.Buffer
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var r *rig
	heading, inHeading := "", false
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		out.WriteString(line + "\n")
		switch {
		case strings.HasPrefix(line, "##"): // a remark within a case
		case strings.HasPrefix(line, "#"):
			if !inHeading {
				heading, r = line, newRig(shuffle)
			}
		case line == "----":
			from := i + 1
			for i+1 < len(lines) && lines[i+1] != "" {
				i++
			}
			want, got := lines[from:i+1], r.flush()
			if strings.Join(want, "\n") != strings.Join(got, "\n") && !*update {
				t.Errorf("%s\nline %d: got\n\t%s\nwant\n\t%s", heading, from+1,
					strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
			for _, l := range got {
				out.WriteString(l + "\n")
			}
		case line != "":
			if r == nil {
				t.Fatalf("line %d: a command before the first heading", i+1)
			}
			if err := r.command(line); err != nil {
				t.Fatalf("%s\nline %d: %s: %v", heading, i+1, line, err)
			}
		}
		inHeading = strings.HasPrefix(line, "#")
	}
	return out.String()
}
