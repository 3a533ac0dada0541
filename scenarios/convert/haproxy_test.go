package convert

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

const (
	haproxyHTTP = "testdata/haproxy-http.log"
	haproxyTCP  = "testdata/haproxy-tcp.log"
	nginxLog    = "testdata/nginx.log"
)

func readSample(t *testing.T, path string, o ReadOptions) *Log {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := o.Read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	checkLaws(t, l)
	return l
}

// sources lists the source of each request.
func sources(l *Log) string {
	var list []string
	for _, e := range l.Entries {
		list = append(list, l.Clients[e.Client].Addr.String())
	}
	return strings.Join(list, " ")
}

// behind lists, for each request, the client behind the source.
func behind(l *Log) string {
	var list []string
	for _, e := range l.Entries {
		c := l.Clients[e.Client]
		if c.Behind.IsValid() {
			list = append(list, c.Behind.String())
		} else {
			list = append(list, "-")
		}
	}
	return strings.Join(list, " ")
}

func TestHAProxyHTTP(t *testing.T) {
	l := readSample(t, haproxyHTTP, ReadOptions{})
	equal(t, "format", l.Format, "HAProxy HTTP")
	equal(t, "requests", len(l.Entries), 6)
	equal(t, "over sockets", l.Sockets, 1)
	equal(t, "answered by HAProxy", l.Answered, 2)
	equal(t, "skipped", l.Skipped, 3)
	equal(t, "malformed", l.Malformed, 1)
	equal(t, "first malformed", l.Bad[0].Line, 1)
	equal(t, "sources", sources(l), "198.51.100.7 198.51.100.7 198.51.100.7 2001:db8:5::17 203.0.113.9 203.0.113.9")
	equal(t, "lists", l.Forwarded, 4)
	equal(t, "unused lists", l.Unused, 4)
	equal(t, "t = 0", l.First, time.Date(2025, 11, 14, 9, 0, 1, 655e6, time.UTC))
	for i, want := range []Entry{
		{At: 0, Took: 109 * time.Millisecond, Bytes: 2750, Client: 0, Status: 200},
		{At: 46 * time.Millisecond, Took: 25 * time.Millisecond, Bytes: 512, Client: 0, Status: 200},
		{At: 349 * time.Millisecond, Took: 302 * time.Millisecond, Bytes: 180, Client: 0, Status: 304},
		{At: 595 * time.Millisecond, Took: 9 * time.Millisecond, Bytes: 99, Client: 1, Status: 200},
		{At: 2345 * time.Millisecond, Took: 10 * time.Second, Bytes: 212, Client: 2, Status: 503},
		{At: 13245 * time.Millisecond, Took: 61 * time.Millisecond, Bytes: 4096, Client: 2, Status: 200},
	} {
		equal(t, "entry", l.Entries[i], want)
	}
	equal(t, "warnings", len(l.Warnings), 0) // lines are in order of their ends
}

func TestHAProxyTCP(t *testing.T) {
	l := readSample(t, haproxyTCP, ReadOptions{})
	equal(t, "format", l.Format, "HAProxy TCP")
	equal(t, "over sockets", l.Sockets, 1)
	equal(t, "refused by HAProxy", l.Answered, 1)
	equal(t, "malformed", l.Malformed, 1)
	equal(t, "sources", sources(l), "10.0.1.2 10.0.1.2 10.0.7.9 2001:db8::a")
	for i, want := range []time.Duration{5007 * time.Millisecond, 8 * time.Second, 8 * time.Hour, 30 * time.Millisecond} {
		equal(t, "hold", l.Entries[i].Took, want)
	}
	equal(t, "bytes", l.Entries[2].Bytes, 1234567890123)
	equal(t, "start", l.Entries[1].At, 7*time.Millisecond)
}

func TestNginx(t *testing.T) {
	l := readSample(t, nginxLog, ReadOptions{})
	equal(t, "format", l.Format, "NCSA combined with request times")
	equal(t, "malformed", l.Malformed, 0)
	equal(t, "over sockets", l.Sockets, 1)
	equal(t, "sources", sources(l), "192.0.2.10 192.0.2.10 192.0.2.10 192.0.2.99 2001:db8::77") // by start
	equal(t, "t = 0", l.First, time.Date(2025, 11, 14, 8, 0, 1, 250e6, time.UTC))               // the third, of 2.5 s
	equal(t, "hold", l.Entries[0].Took, 2500*time.Millisecond)
	equal(t, "second", l.Entries[1].At, 1053*time.Millisecond) // 2.412 s - 0.109 s - 1.25 s
	equal(t, "lists", l.Forwarded, 4)
}

// The same three logs, by each use of X-Forwarded-For.
func TestForwarded(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("172.16.0.0/12")}
	tests := []struct {
		name, path      string
		options         ReadOptions
		sources, behind string
		people          int
	}{
		{"HAProxy, clients", haproxyHTTP, ReadOptions{Forwarded: ForwardedClient},
			"198.51.100.7 198.51.100.7 198.51.100.7 2001:db8:5::17 203.0.113.9 203.0.113.9",
			"10.20.0.11 10.20.0.12 10.20.0.11 - - 10.9.9.9", 5},
		{"HAProxy, sources", haproxyHTTP, ReadOptions{Forwarded: ForwardedSource},
			"10.20.0.11 10.20.0.12 10.20.0.11 2001:db8:5::17 203.0.113.9 10.9.9.9", "- - - - - -", 5},
		{"HAProxy, some trusted", haproxyHTTP, ReadOptions{Forwarded: ForwardedClient, Trusted: trusted},
			"198.51.100.7 198.51.100.7 198.51.100.7 2001:db8:5::17 203.0.113.9 203.0.113.9",
			"10.20.0.11 10.20.0.12 10.20.0.11 - - -", 4},
		{"nginx, clients", nginxLog, ReadOptions{Forwarded: ForwardedClient},
			"192.0.2.10 192.0.2.10 192.0.2.10 192.0.2.99 2001:db8::77", "10.20.0.12 10.20.0.11 10.20.0.12 - 203.0.113.77", 4},
		{"nginx, one trusted", nginxLog, ReadOptions{Forwarded: ForwardedClient, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.10/32")}},
			"192.0.2.10 192.0.2.10 192.0.2.10 192.0.2.99 2001:db8::77", "10.20.0.12 10.20.0.11 203.0.113.200 - -", 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := readSample(t, test.path, test.options)
			equal(t, "sources", sources(l), test.sources)
			equal(t, "behind", behind(l), test.behind)
			_, people := l.people()
			equal(t, "people", people, test.people)
			_, trace := FromLog(l, Options{})
			equal(t, "clients of the trace", len(trace.Clients), people)
			checkRoundTrip(t, trace)
		})
	}
}

// A public address behind two proxies is one client, a private one is two.
func TestPeopleBehindSeveralProxies(t *testing.T) {
	line := func(proxy, client string) string {
		return proxy + ` - - [14/Nov/2025:09:00:02 +0100] "GET / HTTP/1.1" 200 612 "-" "a" "` + client + "\"\n"
	}
	text := line("192.0.2.1", "203.0.113.1") + line("192.0.2.2", "203.0.113.1") + line("192.0.2.1", "10.0.0.1") + line("192.0.2.2", "10.0.0.1")
	l, err := ReadOptions{Forwarded: ForwardedClient}.Read(strings.NewReader(text), "test.log")
	if err != nil {
		t.Fatal(err)
	}
	checkLaws(t, l)
	_, people := l.people()
	equal(t, "people", people, 3)
	equal(t, "clients at the first address", l.Addresses()[0].Clients, 2)
	_, trace := FromLog(l, Options{})
	equal(t, "first client", trace.Arrivals[0].Client, trace.Arrivals[1].Client)
	equal(t, "its second address", trace.Arrivals[1].Src.String(), "192.0.2.2")
}

// Which field is X-Forwarded-For is decided over many lines: hosts may be
// named by address.
func TestForwardedIsFoundAmongFields(t *testing.T) {
	const head = `192.0.2.1 - - [14/Nov/2025:09:00:02 +0100] "GET / HTTP/1.1" 200 612 "-" "a" `
	tests := []struct{ name, text, behind string }{
		{"hosts named by address", strings.Repeat(head+`"shop.example" "10.0.0.1"`+"\n", 3) + head + `"192.0.2.80" "-"`, "10.0.0.1 10.0.0.1 10.0.0.1 -"},
		{"upstream servers", head + `"10.0.0.5:8080" 0.100`, "-"},
		{"with its name", head + `rt=0.100 xff="10.0.0.1, 10.0.0.2" up="10.0.0.5:80"`, "10.0.0.1"},
		{"cut list", head + `"10.0.0.1, 10.0"`, "10.0.0.1"},
		{"words", head + `"unknown, _hidden, 10.0.0.1"`, "10.0.0.1"},
		{"only words", head + `"unknown"`, "-"},
		{"in place of the host", strings.Replace(head, "192.0.2.1", "10.0.0.1, 10.0.0.2, 192.0.2.1", 1), "10.0.0.1"},
		{"no closing quote", head + `"10.0.0.1`, "-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, err := ReadOptions{Forwarded: ForwardedClient}.Read(strings.NewReader(test.text), "test.log")
			if err != nil {
				t.Fatal(err)
			}
			checkLaws(t, l)
			equal(t, "malformed", l.Malformed, 0)
			equal(t, "behind", behind(l), test.behind)
			equal(t, "source", l.Clients[0].Addr.String(), "192.0.2.1")
		})
	}
}

func TestNginxTimes(t *testing.T) {
	const head = `192.0.2.1 - - [14/Nov/2025:08:00:10 +0000] "GET / HTTP/1.1" 200 612 "-" "a" `
	tests := []struct {
		extra       string
		start, took time.Duration // start since 08:00:00
	}{
		{``, 10 * time.Second, 0},
		{`0.250`, 9750 * time.Millisecond, 250 * time.Millisecond},
		{`"0.250"`, 9750 * time.Millisecond, 250 * time.Millisecond},
		{`(0.250)`, 9750 * time.Millisecond, 250 * time.Millisecond},
		{`0.240 0.250`, 9750 * time.Millisecond, 250 * time.Millisecond},
		{`0.250 "0.100, 0.140"`, 9750 * time.Millisecond, 250 * time.Millisecond},
		{`urt="0.300" rt=0.250 uct="0.300"`, 9750 * time.Millisecond, 250 * time.Millisecond},
		{`2.71 17 1.1.1`, 10 * time.Second, 0}, // a compression ratio, a count, a version
		{`1763107210.900 0.250`, 10650 * time.Millisecond, 250 * time.Millisecond},
		{`0.250 1763107210.900`, 10650 * time.Millisecond, 250 * time.Millisecond},
		{`863107210.900`, 10 * time.Second, 0}, // 27 years
		{`.250`, 10 * time.Second, 0},
	}
	for _, test := range tests {
		l := readText(t, head+test.extra+"\n")
		equal(t, test.extra, l.First.Sub(time.Date(2025, 11, 14, 8, 0, 0, 0, time.UTC)), test.start)
		equal(t, test.extra, l.Entries[0].Took, test.took)
	}
}

// One change to a good line at a time.
func TestMalformedHAProxyLines(t *testing.T) {
	const good = `haproxy[1]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {a} {} "GET / HTTP/1.1"` + "\n"
	for _, c := range [][2]string{
		{"10.0.1.2:33317", "10.0.1.2:"}, {"10.0.1.2:33317", "10.0.1.2"}, {"10.0.1.2:33317", ":33317"}, {"10.0.1.2:33317", "10.0.1.2:3331799"},
		{"14.655", "14.6x5"}, {"06/Feb", "31/Feb"}, {"2009", "1970"}, {"655]", "655"}, {"static/srv1", "static"},
		{"10/0/30/69/109", "10/0/30/109"}, {"10/0/30/69/109", "10/0/30/69/x"}, {"10/0/30/69/109", "10/0/30/69/-2"}, {"/109", "/99999999999999999999"},
		{"/109", "/31536000001"}, {"/109", "/-"}, {" 200", " 20"}, {"2750", "many"}, {"----", "--"}, {"1/1/1/1/0", "1/1/1/1"}, {"1/1/1/1/0", "1/1/1/1/0/0"}, {"0/0 {", "0 {"},
		{`1/1/1/1/0 0/0 {a} {} "GET / HTTP/1.1"`, ""},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		l := readText(t, good+bad+good)
		if l.Malformed != 1 || l.Bad[0].Why == "" {
			t.Errorf("%q is taken for a request", bad)
		}
	}
	short := strings.TrimSuffix(good, "\n")
	for n := range short {
		readText(t, good+short[:n]+"\n") // none panics
	}
}

func TestFormatIsThatOfMostLines(t *testing.T) {
	haproxy := `10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0` + "\n"
	l := readText(t, common+haproxy+"nonsense\n"+haproxy)
	equal(t, "format", l.Format, "NCSA common and HAProxy TCP")
	l = readText(t, "nonsense\n"+common+haproxy+haproxy)
	equal(t, "first malformed line", l.Bad[0].Why, "expected client:port [02/Jan/2006:15:04:05.000] as HAProxy writes them")

	for _, f := range formats[1:] {
		l, err := ReadOptions{Format: f}.Read(strings.NewReader(common+haproxy+fields+w3c), "test.log")
		if err != nil {
			t.Fatal(err)
		}
		checkLaws(t, l)
		equal(t, "requests of "+f.String(), len(l.Entries), 1)
		equal(t, "malformed beside "+f.String(), l.Malformed, 2)
	}
	_, err := ReadOptions{Format: HAProxy}.Read(strings.NewReader(common), "test.log")
	if err == nil || !strings.Contains(err.Error(), "expected an HTTP or TCP log of HAProxy") {
		t.Error(err)
	}
	_, err = ReadLog(strings.NewReader(strings.Replace(haproxy, "10.0.1.2", "unix", 1)), "test.log")
	if err == nil || !strings.Contains(err.Error(), "left out: 1 over unix sockets, 0 answered") {
		t.Error(err)
	}
}

// What is kept to recognise the format is bounded, and read like the rest.
func TestLongLogsAreReadWhole(t *testing.T) {
	l := readText(t, strings.Repeat(common, 2*sampleLines+1))
	equal(t, "requests", len(l.Entries), 2*sampleLines+1)
	long := strings.Replace(common, "GET /", "GET /"+strings.Repeat("x", sampleBytes*2/3), 1)
	l = readText(t, strings.Repeat(long, 4))
	equal(t, "requests with long lines", len(l.Entries), 4)
}
