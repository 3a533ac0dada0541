package haproxycfg

import (
	"os"
	"path/filepath"
	"testing"

	"lbsim/models/flow"
	"lbsim/scenarios"
)

// Any text is an error or a scenario that loads, whose balancer can be written and
// read again.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		"listen a\nserver a :1\nserver-template a 1-3 b:1\n", "backend a\nserver \"\" 1\n",
		"listen true\nbind :1\nserver 1 1 weight 0 disabled\nlisten no\nserver 1 1\nserver no 2 cookie x\nmode http\ncookie x insert\n",
		"listen a\nmode http\nstick-table type ip size 1\nstick on hdr(x-y),lower\nbalance hash req.hdr(\\\"x)\nserver a 1 backup\n",
		"defaults x\nretries 9999999\nlisten a from x\nserver a 1 inter 1us slowstart 1us rise 99999 fall 99999 check\n",
		"listen a\nserver a 1 check fastinter 20d downinter 24d inter 24d\ntimeout check 24d\ntimeout connect 2h\noption httpchk\n",
		"listen a\nbalance random(2147483647)\nserver a 1 agent-check agent-inter 24d\noption redispatch -3\n",
		"listen a\nserver a 1 maxconn 2147483647 observe layer7 error-limit 99999 check\n",
		"listen a\nmode http\nbalance hdr(\x80\x01)\nserver a 1\n",
		"frontend f\nbind :1\ndefault_backend %[src]\nbackend f\nserver f 1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {

		if len(text) > 5000 {
			return
		}
		b, err := Import(text, "fuzz.cfg", "fuzz")
		if err != nil {
			return
		}
		services := len(b.Services)
		file, err := scenarios.Load(scenarios.Source{Name: "fuzz.yaml", Text: b.Scenario()}, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Scenario())
		}
		config := &file.Variants[0].Config
		if problems := flow.Check(&config.Balancer); len(problems) > 0 || len(config.Balancer.Services) != services {
			t.Fatal(problems)
		}
		if _, _, err := Export(config, Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
