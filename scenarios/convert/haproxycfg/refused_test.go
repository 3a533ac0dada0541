package haproxycfg

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lbsim/scenarios/convert"
)

// What HAProxy refuses is an error with its place. The real one refuses it as well,
// but for what is of this program alone.
func TestRefused(t *testing.T) {
	const times, one = "defaults\n timeout connect 5s\n timeout client 1m\n timeout server 1m\n", "listen web\n bind :80\n server a 10.0.0.1:80\n"
	for _, test := range []struct {
		name, text string
		line, col  int
		want, hint string
		ours       bool // HAProxy has no objection
	}{
		{name: "section", text: times + "lisen web\n", line: 5, col: 1, want: `"lisen" is not a keyword of defaults`},
		{name: "first", text: "lisen web\n" + times, line: 1, col: 1, want: `"lisen" is not a section`, hint: "did you mean listen?"},
		{name: "nginx", text: "user www-data;\nevents {}\n", line: 1, col: 1, want: `"user" is not a section`, hint: "lbsim import nginx"},
		{name: "keyword", text: times + one + " balanse leastconn\n", line: 8, col: 2, want: `"balanse" is not a keyword of listen`, hint: "did you mean balance?"},
		{name: "algorithm", text: times + one + " balance leastcon\n", line: 8, col: 10, want: `"leastcon" is not an algorithm`, hint: "did you mean leastconn?"},
		{name: "random", text: times + one + " balance random(x)\n", line: 8, col: 10, want: `random: "x" is not a number`},
		{name: "header", text: times + one + " balance hdr()\n", line: 8, col: 15, want: "hdr of what?"},
		{name: "method", text: times + one + " hash-type ring\n", line: 8, col: 12, want: `"ring" is not one of map-based, consistent`},
		{name: "function", text: times + one + " hash-type consistent md5\n", line: 8, col: 23, want: `"md5" is not a hash function`},
		{name: "factor", text: times + one + " hash-balance-factor 50\n", line: 8, col: 22, want: `"50" is not more than 100`},
		{name: "option", text: times + one + " option redispach\n", line: 8, col: 9, want: `"redispach" is not an option`, hint: "did you mean redispatch?"},
		{name: "mode", text: times + one + " mode htttp\n", line: 8, col: 7, want: `"htttp" is not a mode`, hint: "did you mean http?"},
		{name: "server keyword", text: times + one + " server b 10.0.0.2:80 wieght 3\n", line: 8, col: 23, want: `"wieght" is not a keyword of servers`, hint: "did you mean weight?"},
		{name: "weight", text: times + one + " server b 10.0.0.2:80 weight 300\n", line: 8, col: 30, want: `weight: "300" is not between 0 and 256`},
		{name: "time", text: times + one + " server b 10.0.0.2:80 inter 5sec\n", line: 8, col: 29, want: `inter: "5sec" has a unit that is not one of us, ms, s, m, h, d`, ours: true}, // 2.6 warns, later releases refuse
		{name: "long time", text: times + " timeout queue 25d\n" + one, line: 5, col: 16, want: `"25d" is longer than HAProxy can count`},
		{name: "time-out", text: times + " timeout conect 5s\n" + one, line: 5, col: 10, want: `"conect" is not a time-out`, hint: "did you mean connect?"},
		{name: "no value", text: times + one + " server b 10.0.0.2:80 check inter\n", line: 8, col: 34, want: "inter: a value is expected"},
		{name: "no address", text: times + one + " server b\n", line: 8, col: 10, want: "server: expected a name and an address"},
		{name: "name", text: times + one + " server b+c 10.0.0.2:80\n", line: 8, col: 9, want: `"b+c" is not a name`},
		{name: "observe", text: times + one + " server b 10.0.0.2:80 check observe layer5\n", line: 8, col: 37, want: `"layer5" is not one of layer4, layer7`},
		{name: "bind", text: times + one + " bind 10.0.0.3\n", line: 8, col: 7, want: `"10.0.0.3" has no port`},
		{name: "backend", text: times + "frontend f\n bind :81\n default_backend wep\nbackend web\n server a 10.0.0.1:80\n", line: 7, col: 18, want: `"wep" is not the name of a backend`, hint: "did you mean web?"},
		{name: "twice", text: times + one + one, line: 8, col: 8, want: "listen web exists already, in line 5"},
		{name: "defaults", text: times + "backend b from x\n server a 10.0.0.1:80\n", line: 5, col: 16, want: `there are no defaults "x" above`},
		{name: "quote", text: times + one + " server b \"10.0.0.2:80\n", line: 8, col: 11, want: `the quote " is not closed`},
		{name: "hexadecimal", text: times + one + " server b 10.0.0.2:80 # fine \\x\n description \\xg0\n", line: 9, col: 14, want: `\x is not followed by two hexadecimal digits`},
		{name: "stick", text: times + one + " stick-table type ip size 1m\n stick onto src\n", line: 9, col: 8, want: `"onto" is not one of on, match`},
		{name: "table type", text: times + one + " stick-table type ipv4 size 1m\n stick on src\n", line: 8, col: 19, want: `"ipv4" is not one of ip, ipv6`, hint: "did you mean ip"},
		{name: "table size", text: times + one + " stick-table type ip size 1x\n stick on src\n", line: 8, col: 27, want: `size: "1x" is not a number`},
		{name: "no table", text: times + one + " stick on src\n", line: 8, col: 2, want: "the section has no stick-table"},
		{name: "other table", text: times + one + " stick on src table x\n", line: 8, col: 22, want: `there is no table "x"`},
		{name: "spread", text: "global\n spread-checks 60\n" + times + one, line: 2, col: 16, want: `spread-checks: "60" is not between 0 and 50`},
		{name: "endif", text: times + ".endif\n" + one, line: 5, col: 1, want: ".endif without .if"},
		{name: "no endif", text: ".if 1\n" + times + one, line: 8, col: 1, want: ".endif is missing for line 1"},
		{name: "deep", text: strings.Repeat(".if 1\n", 11) + times + one, line: 11, col: 1, want: ".if inside of 10 others"},
		{name: "words", text: times + one + " description" + strings.Repeat(" a", 70) + "\n", line: 8, col: 140, want: "more than 64 words"},
		{name: "binary", text: "\x7fELF\x00\x01", line: 1, col: 5, want: "this is no text"},
		{name: "same server", text: times + one + " server a 10.0.0.2:80\n", line: 8, col: 9, want: "server a exists already, in line 7"},
		{name: "in defaults", text: times + " bind :80\n" + one, line: 5, col: 2, want: "bind may not stand in defaults"},
		{name: "many services", text: times + manySections(1001), line: 3005, col: 1, want: "more than 1000 services", ours: true},
		{name: "many sticks", text: times + one + " stick-table type ip size 1m\n" + strings.Repeat(" stick on src\n", 101), line: 109, col: 2, want: "more than 100 lines stick", ours: true},
		{name: "many servers", text: times + one + " server-template b 1-20000 10.0.0.2:80\n", line: 8, col: 20, want: "more than 10000 servers", ours: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Import([]byte(test.text), "haproxy.cfg", "x")
			var e *convert.LineError
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if e.Line != test.line || e.Col != test.col || !strings.Contains(e.Text, test.want) || !strings.Contains(e.Hint, test.hint) {
				t.Errorf("%d:%d: %s (%s), want %d:%d: %s (%s)", e.Line, e.Col, e.Text, e.Hint, test.line, test.col, test.want, test.hint)
			}
			if refused, said := check(t, []byte(test.text)); refused == test.ours {
				t.Errorf("HAProxy refuses it: %t\n%s", refused, said)
			}
		})
	}
}

// Without a server there is nothing to simulate.
func TestNoServers(t *testing.T) {
	for _, text := range []string{"", "global\n", "# nothing\n", "frontend f\n bind :80\n", "backend b\n"} {
		if _, err := Import([]byte(text), "haproxy.cfg", "x"); err == nil || !strings.Contains(err.Error(), "no listen or backend has a server") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// manySections are so many sections of three lines.
func manySections(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "listen s%d\n bind :80\n server a 10.0.0.1:80\n", i)
	}
	return b.String()
}

// Texts as long as the command line lets in are read to their end, or to the tenth
// mistake, whatever they have most of. There is no bound to wait for: this would take
// hours if anything went through all lines for each line.
func TestLarge(t *testing.T) {
	const times = "defaults\n mode http\n timeout connect 5s\n"
	many := func(line string, n int) string { return strings.Repeat(line, n) }
	for name, text := range map[string]string{
		"remarks":   times + "listen a\n server a :80\n" + many(" http-request deny\n", 400_000),
		"blocks":    times + many(".if 1\n.else\n.endif\n", 400_000) + "listen a\n server a :80\n",
		"routes":    times + "backend b\n server a :80\nfrontend f\n bind :80\n" + many(" use_backend b if x\n", 400_000),
		"frontends": times + "backend b\n server a :80\ndefaults\n default_backend b\n" + many("frontend f\n bind :80\n", 10),
		"words":     times + "listen a\n server a :80\n description " + many("a", 8_000_000) + "\n",
		"services":  times + manySections(1000),
		"servers":   times + "listen a\n bind :80\n server-template s 1-10000 10.0.0.1:80 disabled cookie x\n cookie x insert\n",
		"binds":     times + "listen a\n server a :80\n" + many(" bind :80,:81,:82,:83\n", 400_000),
		"sections":  times + many("resolvers x\n", 400_000) + "listen a\n server a :80\n",
	} {
		if len(text) > 16<<20 {
			t.Fatalf("%s: %d bytes", name, len(text))
		}
		b, err := Import([]byte(text), "haproxy.cfg", "x")
		if err != nil && name != "frontends" {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && len(b.Remarks) > mostRemarks+2 {
			t.Errorf("%s: %d remarks", name, len(b.Remarks))
		}
	}
}
