package nginxconf

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"lbsim/scenarios"
	"lbsim/scenarios/convert"
)

// samples are the stored configurations.
func samples(t testing.TB) (list []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	return list
}

// Any text is an error or a scenario that loads.
func FuzzImport(f *testing.F) {
	for _, one := range remarked { // short ones, as the fuzzer shortens what it finds
		f.Add([]byte(inHTTPBlock(one.text)))
	}
	f.Add([]byte("stream { upstream \"\" { server a; } server { listen 1; proxy_pass \"\"; } }"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Import(text, "nginx.conf", "fuzz")
		if err != nil {
			return
		}
		out := b.Scenario()
		if _, err := scenarios.Load(scenarios.Source{Name: "fuzz.yaml", Text: out}, nil); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// What nginx accepts is accepted here: configurations in which a piece is missing, or
// is there twice, are given to both.
func TestAgreesWithNginx(t *testing.T) {
	texts := samples(t)
	accepted, refused := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(r, "sample")
		from := rapid.IntRange(0, len(text)-1).Draw(r, "from")
		to := min(len(text), from+rapid.IntRange(1, 12).Draw(r, "length"))
		if rapid.Bool().Draw(r, "twice") {
			text = text[:to] + text[from:]
		} else {
			text = text[:from] + text[to:]
		}
		_, err := Import([]byte(text), "nginx.conf", "x")
		said := judged(t, []byte(text))
		var mistake *convert.LineError
		if said == "" && errors.As(err, &mistake) {
			r.Fatalf("nginx accepts what is refused here: %v\n%s", err, text)
		}
		if said == "" {
			accepted++
		} else if err != nil {
			refused++
		}
	})
	t.Logf("both accept %d and refuse %d", accepted, refused)
}
