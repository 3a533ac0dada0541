package haproxycfg

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Real configurations become scenarios that load, as they are stored beside them, with
// the services that were read. HAProxy accepts each of them, and each as it is
// exported again, which says what was not lost on the way in.
func TestImport(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(file), ".cfg")
			b, err := Import(text, filepath.Base(file), name)
			if err != nil {
				t.Fatal(err)
			}
			stored, out := strings.TrimSuffix(file, ".cfg")+".yaml", b.Scenario()
			if *update {
				if err := os.WriteFile(stored, out, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(stored)
			if err != nil || !bytes.Equal(want, out) {
				t.Errorf("not as in %s (%v):\n%s", stored, err, out)
			}
			f, _ := loaded(t, text)
			if refused, said := check(t, text); refused {
				t.Errorf("HAProxy refuses it: %s", said)
			}
			again, remarks, err := Export(&f.Variants[0].Config, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if refused, said := check(t, again); refused || said != "" {
				t.Errorf("HAProxy says of what is exported again: %s\n%s", said, again)
			}
			for _, r := range remarks {
				t.Errorf("exported again: %s %s", r.Text, r.Why)
			}
			third, _ := loaded(t, again)
			for i := range third.Variants[0].Config.Balancer.Services {
				same(t, &third.Variants[0].Config.Balancer.Services[i], &f.Variants[0].Config.Balancer.Services[i])
			}
		})
	}
}

// A table that keeps nobody, as it counts what clients do, is told with what is not
// read.
func TestTableThatCounts(t *testing.T) {
	b, err := Import([]byte(`listen web
 bind :80
 timeout connect 5s
 stick-table type ip size 1m store http_req_rate(10s)
 server a 10.0.0.1:80
`), "haproxy.cfg", "x")
	if err != nil || len(b.Remarks) == 0 {
		t.Fatal(b, err)
	}
	if last := b.Remarks[len(b.Remarks)-1].Why; !strings.HasSuffix(last, ": line 4") {
		t.Error(last)
	}
}
