package nginxconf

import (
	"strings"
	"testing"
)

const all = "server { listen 80; location / { proxy_pass http://u; } }\n"

// remarked are configurations with something that is told, on a line, in such words.
var remarked = []struct {
	text string
	line int
	why  string
}{
	{"upstream u { server app1:80; }\n" + all, 3, "if app1 has several addresses"},
	{"upstream u { hash $uri consistent; server [::1]:80; server 10.0.0.1:80; }\n" + all, 3, "nginx hashes the address [::1]:80, and the simulation the name ::1:80"},
	{"upstream u { hash $binary_remote_addr; server 10.0.0.1:80; }\n" + all, 3, "hashes the address as text"},
	{"upstream u { hash $cookie_sid; server 10.0.0.1:80; }\n" + all, 3, "a key of this name"},
	{"upstream u { server 10.0.0.1:80; server 10.0.0.2:80 max_fails=5; }\n" + all, 3, "failures count as with the first server"},
	{"upstream u { server 10.0.0.1:80; server 10.0.0.1:80; }\n" + all, 3, "listed again"},
	{"upstream u { server 10.0.0.1:80 fail_timeout=0; }\n" + all, 3, "max_fails=1 fail_timeout=1s"},
	{"upstream u { server 10.0.0.1:80 weight=99999; }\n" + all, 3, "the weight is 65535"},
	{"upstream u { fair; server 10.0.0.1:80; }\n" + all, 3, "no directive of nginx 1.22.1"},
	{"upstream u { sticky route $cookie_r; server 10.0.0.1:80; }\n" + all, 3, "not kept on their servers by this"},
	{"upstream u { server 10.0.0.1:80; }\ninclude conf.d/*.conf;\n" + all, 4, "with --include"},
	{"upstream u { server 10.0.0.1:80; }\nproxy_connect_timeout 2h;\n" + all, 4, "between 1ms and 1h"},
	{"upstream u { server 10.0.0.1:80; }\nproxy_next_upstream http_404;\n" + all, 4, "without error"},
	{"upstream u { server 10.0.0.1:80; }\nproxy_bind 10.9.9.9;\n" + all, 4, "one address of the balancer"},
	{"upstream u { server 10.0.0.1:80; }\nserver { listen 80; listen 443 ssl; location / { proxy_pass http://u; } }\n", 4, "a service has one port: 80"},
	{"upstream u { server 10.0.0.1:80; }\nserver { location / { proxy_pass http://u; }\nlocation /b { proxy_connect_timeout 1s;\nproxy_pass http://u; } }\n", 6, "with the settings on line 4"},
	{"server { location / { proxy_pass http://$host; }\nlocation /a { proxy_pass http://10.0.0.1; } }\n", 3, "only when a request comes"},
	{"split_clients $remote_addr $up { 50% a; * b; }\nupstream a { server 10.0.0.1:80; }\nupstream b { server 10.0.0.2:80; }\nserver { location / { proxy_pass http://$up; } }\n", 6, "each is a service"},
	{"server { location / { if ($arg_x) { proxy_pass http://10.0.0.1; } } }\n", 3, "the condition does not matter"},
}

// What a scenario cannot say, or not as exactly, is told with its line.
func TestImportRemarks(t *testing.T) {
	for _, test := range remarked {
		b, err := Import([]byte(inHTTPBlock(test.text)), "nginx.conf", "x")
		if err != nil {
			t.Errorf("%s%v", test.text, err)
			continue
		}
		found := false
		for _, r := range b.Remarks {
			found = found || r.Line == test.line && strings.Contains(r.Why, test.why)
		}
		if !found {
			t.Errorf("%sline %d: %q is not among %+v", test.text, test.line, test.why, b.Remarks)
		}
		config(t, "x.yaml", string(b.Scenario()))
	}
}

// Processes count by themselves where an upstream has no zone.
func TestProcesses(t *testing.T) {
	for _, test := range []struct{ workers, zone, want string }{
		{"1", "", ""}, {"4", "", "4"}, {"4", "zone u 64k;", ""}, {"auto", "", ""}, {"auto", "zone u 64k;", ""}, {"9999", "", "255"},
	} {
		b, err := Import([]byte("worker_processes "+test.workers+";\n"+inHTTPBlock("upstream u { "+test.zone+" server 10.0.0.1:80; }\nserver { location / { proxy_pass http://u; } }")), "nginx.conf", "x")
		if err != nil {
			t.Fatal(err)
		}
		is := ""
		for _, s := range b.Services[0].Settings {
			if s.Key == "instances" {
				is = s.Value
			}
		}
		told := len(b.Remarks) > 0
		if is != test.want || told != (test.workers == "auto" && test.zone == "" || test.workers == "9999") {
			t.Errorf("%+v: instances %q, %+v", test, is, b.Remarks)
		}
	}
}

// Times are what ngx_parse_time makes of them.
func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"90": "90s", "1m30s": "90s", "1h": "1h", "500ms": "500ms", "1s500ms": "1500ms", "1d": "24h", "2w": "336h", "1M": "720h", "1y": "8760h", "1m 30s": "90s", "0": "0s", "1ms1": "1001ms", "1s500": "501s",
		"": "", "1s1m": "", "1x": "", "ms": "", "s": "", "-1": "", "1.5s": "", "99999999999999999999": "", "300000y": "",
	} {
		d, ok := parseTime(text, true)
		if is := duration(d); ok != (want != "") || ok && is != want {
			t.Errorf("%q: %s %v, not %q", text, is, ok, want)
		}
	}
	if d, ok := parseTime("1ms", false); ok {
		t.Errorf("milliseconds where seconds are counted: %v", d)
	}
}

// Words are cut as nginx cuts them.
func TestWords(t *testing.T) {
	count := 0
	list, err := parse("x.conf", []byte("a b#c 'd e'\t\"f\\\"g\\\\\" h\\;i ${j}k l}m \\ n;# one\r\no { # two\n  # three\n}\r\np \"\" '\\t';"), &count)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"a", "b#c", "d e", "f\"g\\", "h\\;i", "${j}k", "l}m", "\\ n"}, {"o"}, {"p", "", "\t"}}
	for i, d := range list {
		if got := append([]string{d.name}, d.args...); strings.Join(got, "|") != strings.Join(want[i], "|") {
			t.Errorf("%q, not %q", got, want[i])
		}
	}
	if list[0].comment != "one" || list[1].comment != "two" || !list[1].blocked || list[2].comment != "" {
		t.Errorf("comments are %q, %q and %q", list[0].comment, list[1].comment, list[2].comment)
	}
}

// What is told of an included file has its name, and stands behind what is told of
// the one that includes it.
func TestRemarksOfIncludedFiles(t *testing.T) {
	read := func(string) ([]IncludedFile, error) {
		return []IncludedFile{{"conf.d/u.conf", []byte("upstream u {\nserver app1:80; }\n")}}, nil
	}
	b, err := ImportWith(read, []byte(inHTTPBlock("include conf.d/*;\n"+all+"limit_rate 1k;\n")), "nginx.conf", "x")
	if err != nil || len(b.Remarks) != 2 {
		t.Fatal(b, err)
	}
	if own, other := b.Remarks[0], b.Remarks[1]; own.File != "" || own.Line != 5 || other.File != "conf.d/u.conf" || other.Line != 2 {
		t.Errorf("%+v", b.Remarks)
	}
	if text := string(b.Scenario()); !strings.Contains(text, "#   conf.d/u.conf, line 2, server app1:80: if app1 has") {
		t.Error(text)
	}
}
