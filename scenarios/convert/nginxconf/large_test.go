package nginxconf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lbsim/scenarios/convert"
)

// many repeats a line with a number in it.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, strings.ReplaceAll(format, "~", "%[1]d"), i)
	}
	return b.String()
}

// Files that are far larger than any that people write take time in proportion to
// their length, or are refused.
func TestLarge(t *testing.T) {
	const one = "upstream u { server 10.0.0.1; }\n"
	for _, test := range []struct {
		name, text, refused string
	}{
		{name: "upstreams", text: many(20_000, "upstream u~ { server 10.0.0.1; }\n") + "server {\n" + many(20_000, "location /~ { proxy_pass http://u~; }\n") + "}\n"},
		{name: "servers", text: "upstream u {\n" + many(30_000, "server s~:80 down;\n") + "hash $host consistent; }\nserver { location / { proxy_pass http://u; } }\n"},
		{name: "same name", text: "upstream u {\n" + many(30_000, "server s~:80; # name: x\n") + "}\nserver { location / { proxy_pass http://u; } }\n"},
		{name: "remarks", text: one + "server {\n" + many(30_000, "location /~ { proxy_pass http://u; limit_rate ~; }\n") + "}\n"},
		{name: "listens", text: one + "server {\n" + many(20_000, "listen ~1:80;\n") + many(30_000, "location /~ { proxy_pass http://u; }\n") + "}\n"},
		{name: "long block", text: one + "server {\n" + many(30_000, "set $v~ 1;\n") + many(30_000, "location /~ { proxy_pass http://u; }\n") + "}\n"},
		{name: "unknown", text: many(5000, "zzzzz~ 1;\n"), refused: "as more than 1000 others"},
		{name: "directives", text: strings.Repeat("gzip on;", 600_000), refused: "more than 500000 directives"},
		{name: "map", text: one + "map $a $b {\n" + many(1000, "~ 10.0.0.1:~1;\n") + "}\nserver {\n" + many(1000, "location /~ { proxy_pass http://$b; }\n") + "}\n", refused: "in more than 500000 ways"},
		{name: "one line", text: strings.ReplaceAll("server {\n"+many(30_000, "gzip_types t~;\n")+"location / { proxy_pass http://10.0.0.1; } }", "\n", " ")},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, err := Import([]byte(inHTTPBlock(test.text)), "nginx.conf", "x")
			var refused *convert.LineError
			switch {
			case test.refused != "" && (!errors.As(err, &refused) || !strings.Contains(refused.Text, test.refused)):
				t.Errorf("%v", err)
			case test.refused == "" && err != nil:
				t.Error(err)
			case test.refused == "" && len(b.Scenario()) == 0:
				t.Error("no scenario")
			}
		})
	}
}
