package cluster_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the transcripts expect; look at the diff")

// TestTranscripts runs the vectors in testdata/*.txt. A case begins with a line
// that starts with #; then come the configuration as in a scenario, commands up to
// a line of four dashes, and after that what happens, up to an empty line. Further
// commands may follow, which find the cluster as it is; lines that start with ##
// are remarks among them. rig.command lists the commands.
func TestTranscripts(t *testing.T) {
	for _, file := range transcripts(t) {
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

func transcripts(t *testing.T) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	return files
}

// transcript returns the text with what happens now, and reports the cases in which
// that is not what it was.
func transcript(t *testing.T, text string, shuffle uint64) string {
	var out bytes.Buffer
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var r *rig
	heading, inHeading := "", false
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		out.WriteString(line + "\n")
		verb, _, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "##"): // a remark within a case
		case strings.HasPrefix(line, "#"):
			if !inHeading {
				heading, r = line, &rig{shuffle: shuffle}
			}
		case line == "----":
			from := i + 1
			for i+1 < len(lines) && lines[i+1] != "" {
				i++
			}
			want, got := lines[from:i+1], r.out
			r.out = nil
			if strings.Join(want, "\n") != strings.Join(got, "\n") && !*update {
				t.Errorf("%s\nline %d: got\n\t%s\nwant\n\t%s", heading, from+1,
					strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
			for _, l := range got {
				out.WriteString(l + "\n")
			}
		case verb == "at" || verb == "run" || verb == "show":
			err := r.build()
			if err == nil {
				err = r.command(line)
			}
			if err != nil {
				t.Fatalf("%s\nline %d: %s: %v", heading, i+1, line, err)
			}
		case line != "":
			r.text.WriteString(line + "\n")
		}
		inHeading = strings.HasPrefix(line, "#")
	}
	return out.String()
}

// What happens at one instant must not depend on the order in which events were
// scheduled, where it is not the order of events of the timeline.
func TestTranscriptsWithShuffledTies(t *testing.T) {
	text, err := os.ReadFile("testdata/platforms.txt")
	if err != nil {
		t.Fatal(err)
	}
	for seed := uint64(1); seed <= 20 && !t.Failed(); seed++ {
		transcript(t, string(text), seed)
	}
}
