package nginxconf

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"lbsim/scenarios"
	"lbsim/scenarios/convert"
)

// Real configurations become scenarios that load, as they are stored beside them.
// nginx accepts each of them.
func TestImport(t *testing.T) {
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(file), ".conf")
			b, err := Import(text, filepath.Base(file), name)
			if err != nil {
				t.Fatal(err)
			}
			stored, out := strings.TrimSuffix(file, ".conf")+".yaml", b.Scenario()
			if *update {
				if err := os.WriteFile(stored, out, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(stored)
			if err != nil || string(want) != string(out) {
				t.Errorf("not as in %s (%v):\n%s", stored, err, out)
			}
			if _, err := scenarios.Load(scenarios.Source{Name: name + ".yaml", Text: out}, nil); err != nil {
				t.Errorf("the scenario is not right:\n%v", err)
			}
			if said := judged(t, text); said != "" && !strings.HasPrefix(name, "commercial") {
				t.Errorf("nginx refuses it: %s", said)
			}
		})
	}
}

// What was imported is the same once it was exported and imported again, but for
// ports that several services had.
func TestImportedAgain(t *testing.T) {
	texts := samples(t)
	for _, one := range remarked {
		texts = append(texts, inHTTPBlock(one.text))
	}
	for i, text := range texts {
		first, err := Import([]byte(text), "nginx.conf", "x")
		if err != nil {
			t.Fatal(err)
		}
		out, _, err := Export(config(t, "x.yaml", string(first.Scenario())), Options{Commercial: true})
		if err != nil {
			t.Fatal(err)
		}
		second, err := Import(out, "nginx.conf", "x")
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, b := range []*convert.Balancer{first, second} {
			for i := range b.Services {
				b.Services[i].Settings = b.Services[i].Settings[1:] // without the port
				for k := range b.Services[i].Servers {
					b.Services[i].Servers[k].Address = ""
				}
			}
		}
		if !reflect.DeepEqual(first.Services, second.Services) || !reflect.DeepEqual(first.Timeline, second.Timeline) {
			t.Errorf("%d:\n%+v\n%+v\n%s", i, first.Services, second.Services, out)
		}
	}
}

func inHTTPBlock(text string) string { return "events {}\nhttp {\n" + text + "\n}\n" }

// What nginx refuses is an error with its place. The real one refuses it as well, but
// for what is of this program alone.
func TestRefused(t *testing.T) {
	const one = "server { location / { proxy_pass http://u; } }\n"
	for _, test := range []struct {
		name, text string
		line, col  int
		want, hint string
		ours       bool // nginx has no objection
	}{
		{name: "unknown", text: inHTTPBlock("upstraem u { server 10.0.0.1; }\n" + one), line: 3, col: 1, want: `unknown directive "upstraem"`, hint: "did you mean upstream?"},
		{name: "place", text: inHTTPBlock("least_conn;\n"), line: 3, col: 1, want: `"least_conn" may not stand in http, only in upstream of stream or upstream of http`},
		{name: "fragment", text: "upstream u { server 10.0.0.1; }\n", line: 1, col: 1, want: "may not stand in the main part", hint: "--include"},
		{name: "count", text: inHTTPBlock("upstream u { server; }\n"), line: 3, col: 14, want: `"server" has at least 1, not 0`},
		{name: "flag", text: inHTTPBlock("gzip maybe;\n"), line: 3, col: 1, want: `"gzip" is "maybe", not on or off`},
		{name: "block", text: inHTTPBlock("upstream u;\n"), line: 3, col: 1, want: `"upstream" has a block in { }`},
		{name: "no block", text: inHTTPBlock("gzip on { }\n"), line: 3, col: 1, want: `"gzip" has no block`},
		{name: "parameter", text: inHTTPBlock("upstream u { server 10.0.0.1 wieght=2; }\n"), line: 3, col: 14, want: `"wieght=2" is no parameter of a server`, hint: "did you mean weight=?"},
		{name: "weight", text: inHTTPBlock("upstream u { server 10.0.0.1 weight=0; }\n"), line: 3, col: 14, want: `weight "0" is not a number of at least 1`},
		{name: "time", text: inHTTPBlock("upstream u { server 10.0.0.1 fail_timeout=10ms; }\n"), line: 3, col: 14, want: `fail_timeout "10ms" is not a time`},
		{name: "backup", text: inHTTPBlock("upstream u { ip_hash; server 10.0.0.1; server 10.0.0.2 backup; }\n"), line: 3, col: 40, want: "ip_hash knows no backup servers"},
		{name: "empty", text: inHTTPBlock("upstream u { }\n"), line: 3, col: 1, want: "no servers are inside"},
		{name: "twice", text: inHTTPBlock("upstream u { server 10.0.0.1; }\nupstream U { server 10.0.0.1; }\n"), line: 4, col: 1, want: "there are two upstreams"},
		{name: "port", text: inHTTPBlock("upstream u { server 10.0.0.1; }\nserver { location / { proxy_pass http://u:8080; } }\n"), line: 4, col: 23, want: `upstream "u" has no port`},
		{name: "scheme", text: inHTTPBlock("upstream u { server 10.0.0.1; }\nserver { location / { proxy_pass u; } }\n"), line: 4, col: 23, want: `"u" is not a URL`, hint: "write http:// before it"},
		{name: "next", text: inHTTPBlock("upstream u { server 10.0.0.1; }\nproxy_next_upstream http_418;\n" + one), line: 4, col: 1, want: `"http_418" is no reason`},
		{name: "listen", text: inHTTPBlock("upstream u { server 10.0.0.1; }\nserver { listen 70000; location / { proxy_pass http://u; } }\n"), line: 4, col: 10, want: `"70000" is not a port`},
		{name: "method", text: inHTTPBlock("upstream u { hash $host consistet; server 10.0.0.1; }\n"), line: 3, col: 14, want: `hash does not know "consistet"`, hint: "did you mean consistent?"},
		{name: "server port", text: inHTTPBlock("upstream u { server 10.0.0.1:99999; }\n"), line: 3, col: 14, want: `"99999" is not a port`},
		{name: "no port", text: "events {}\nstream { upstream u { server 10.0.0.1; } }\n", line: 2, col: 23, want: `the server "10.0.0.1" has no port`},
		{name: "no host", text: inHTTPBlock("upstream u { server :80; }\n"), line: 3, col: 14, want: `the server ":80" has no host`},
		{name: "again", text: inHTTPBlock("upstream u { server 10.0.0.1; }\nserver { location / { proxy_pass http://u;\nproxy_pass http://u; } }\n"), line: 5, col: 1, want: `"proxy_pass" stands on line 4 already`},
		{name: "listens", text: inHTTPBlock("server { listen 80 reuseporrt; }\n"), line: 3, col: 10, want: `"reuseporrt" is no parameter of listen`, hint: "did you mean reuseport?"},
		{name: "no name", text: inHTTPBlock("10.0.0.1 10.0.0.2;\n"), line: 3, col: 1, want: `unknown directive "10.0.0.1"`},
		{name: "open", text: "events {}\nhttp {\nupstream u { server 10.0.0.1; }\n", line: 2, col: 6, want: "the block that begins here does not end"},
		{name: "braces", text: inHTTPBlock("server { location ~ ^/[0-9]{4}/ { return 204; } }"), line: 3, col: 28, want: "does not end", hint: "needs quotes"},
		{name: "zero", text: "events {}\n#\x00\n", line: 2, col: 2, want: "this is no text", ours: true},
		{name: "haproxy", text: "# a comment\nglobal\n daemon\n", line: 2, col: 1, want: `"global" is no directive`, hint: "lbsim import haproxy"},
		{name: "closed", text: "events {}\n}\n", line: 2, col: 1, want: `unexpected '}'`},
		{name: "semicolon", text: inHTTPBlock("upstream u { server 10.0.0.1 }\n"), line: 3, col: 14, want: `"server" does not end`, hint: "write ; behind it"},
		{name: "end", text: "worker_processes 4", line: 1, col: 1, want: "the file ends within the directive"},
		{name: "quote", text: "error_log 'x;\n", line: 1, col: 11, want: "the quote ' that begins here does not end"},
		{name: "behind", text: "error_log 'x'y;\n", line: 1, col: 14, want: `unexpected 'y'`},
		{name: "mark", text: "\ufeffevents {}\n", line: 1, col: 1, want: "byte order mark"},
		{name: "long", text: "user " + strings.Repeat("x", 5000) + ";\n", line: 1, col: 6, want: "longer than 4096 bytes"},
		{name: "deep", text: strings.Repeat("map a b {\n", 100), line: 65, col: 9, want: "more than 64 deep"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Import([]byte(test.text), "nginx.conf", "x")
			var at *convert.LineError
			if !errors.As(err, &at) {
				t.Fatalf("%v", err)
			}
			if at.Line != test.line || at.Col != test.col || !strings.Contains(at.Text, test.want) || !strings.Contains(at.Hint, test.hint) {
				t.Errorf("%d:%d %q, hint %q\nwant %d:%d %q, hint %q", at.Line, at.Col, at.Text, at.Hint, test.line, test.col, test.want, test.hint)
			}
			if accepted := judged(t, []byte(test.text)) == ""; accepted != test.ours {
				t.Errorf("nginx accepts it: %t", accepted)
			}
		})
	}
}

// A file that is all includes needs --include.
func TestOnlyIncludes(t *testing.T) {
	_, err := Import([]byte(inHTTPBlock("include sites-enabled/*;")), "nginx.conf", "x")
	if err == nil || !strings.Contains(err.Error(), "--include reads it") {
		t.Error(err)
	}
}

// Without anything to balance there is no scenario.
func TestNothingToImport(t *testing.T) {
	for _, text := range []string{"events {}\n", inHTTPBlock("server { listen 80; return 204; }")} {
		if b, err := Import([]byte(text), "nginx.conf", "x"); err == nil || !strings.Contains(err.Error(), "nothing here passes") {
			t.Errorf("%q: %v, %v", text, b, err)
		}
	}
}
