package scenarios

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"lbsim/scenarios/strict"
)

// data are the files that fuzzed scenarios may name.
var data = fstest.MapFS{
	"access.log": {Data: []byte(`10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 2326
10.0.0.2 - - [10/Oct/2025:13:56:36 +0000] "GET / HTTP/1.1" 200 2326
`)},
	"arrivals.csv": {Data: []byte("t_s,client,src,hold_s,service,demand_s\n0,a,10.0.0.1,1,,0.5\n2.5,b,10.0.0.2,0,www,\n")},
}

// seeds are the bundled scenarios, drafts of them, and what is refused.
func seeds(t testing.TB) (texts [][]byte) {
	for _, folder := range []fs.FS{Library(), os.DirFS("testdata/drafts")} {
		paths, err := fs.Glob(folder, "*.yaml")
		if err != nil || len(paths) == 0 {
			t.Fatal("no seeds", err)
		}
		for _, p := range paths {
			text, err := fs.ReadFile(folder, p)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
	}
	cases, err := filepath.Glob("../cmd/lbsim/testdata/broken/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no broken cases", err)
	}
	for _, c := range cases {
		archive, err := txtar.ParseFile(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".yaml") {
				texts = append(texts, f.Data)
			}
		}
	}
	return append(texts, Starter())
}

// Any text is either a scenario, which can be shown and read again, or an
// error at a place; soon, and never a panic.
func FuzzLoad(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		start := time.Now()
		file, err := Load(Source{Name: "fuzz.yaml", Text: text, Folder: data}, nil)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		if err != nil {
			found, ok := err.(strict.Diagnostics)
			if !ok || len(found) == 0 {
				t.Fatalf("error %T: %v", err, err)
			}
			for _, d := range found {
				if d.Text == "" || d.File == "" {
					t.Errorf("a finding without text or file: %+v", d)
				}
			}
			return
		}
		names := file.VariantNames()
		for _, variant := range append(names[:min(20, len(names))], "") {
			x, ok := file.Explain(variant)
			if !ok || len(x.Values) == 0 {
				t.Fatalf("variant %q is not explained", variant)
			}
		}
		shown, err := file.Show()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(Source{Name: "shown.yaml", Text: shown, Folder: data}, nil)
		if err != nil {
			t.Fatalf("what is shown is refused: %v\n%s", err, shown)
		}
		twice, err := again.Show()
		if err != nil {
			t.Fatal(err)
		}
		if string(twice) != string(shown) {
			t.Errorf("shown once:\n%s\nshown twice:\n%s", shown, twice)
		}
	})
}
