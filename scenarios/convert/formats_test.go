package convert

import (
	"strings"
	"testing"
	"time"
)

// Requests, referers and agents come from strangers.
func TestNCSAQuirks(t *testing.T) {
	const stamp = " - - [01/Aug/1995:02:00:00 -0400] "
	tests := []struct{ name, line, addr, agent string }{
		{"quotes in the request", `192.0.2.1` + stamp + `"GET /a"b"c HTTP/1.0" 200 5`, "192.0.2.1", ""},
		{"escaped quotes", `192.0.2.1` + stamp + `"GET /\" 200 7 \"" 404 5 "-" "a \"b\" c"`, "192.0.2.1", `a \"b\" c`},
		{"backslash before the quote", `192.0.2.1` + stamp + `"GET /\" 404 5`, "192.0.2.1", ""},
		{"no request", `192.0.2.1` + stamp + `"-" 408 - "-" "-"`, "192.0.2.1", ""},
		{"empty request", `192.0.2.1` + stamp + `"" 400 0`, "192.0.2.1", ""},
		{"user with spaces", `192.0.2.1 - John Q Smith [01/Aug/1995:02:00:00 -0400] "GET /" 200 5`, "192.0.2.1", ""},
		{"virtual host", `www.example.com:443 192.0.2.1` + stamp + `"GET /" 200 5 "-" "b"`, "192.0.2.1", "b"},
		{"address as virtual host", `198.51.100.7:80 192.0.2.1` + stamp + `"GET /" 200 5`, "192.0.2.1", ""},
		{"IPv6", `2001:DB8::0:1` + stamp + `"GET /" 200 5`, "2001:db8::1", ""},
		{"IPv6 with zone", `fe80::1%eth0` + stamp + `"GET /" 200 5`, "fe80::1", ""},
		{"IPv4 in IPv6", `::ffff:192.0.2.1` + stamp + `"GET /" 200 5`, "192.0.2.1", ""},
		{"more fields", `192.0.2.1` + stamp + `"GET /" 200 5 "-" "b" "203.0.113.1" rt=0.01`, "192.0.2.1", "b"},
		{"more fields without agent", `192.0.2.1` + stamp + `"GET /" 200 5 0.012`, "192.0.2.1", ""},
		{"referer only", `192.0.2.1` + stamp + `"GET /" 200 5 "http://example.com/"`, "192.0.2.1", ""},
		{"host name", `piweba3y.example.com` + stamp + `"GET /" 200 5`, "198.18.0.0", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := readText(t, test.line+"\n")
			equal(t, "malformed", l.Malformed, 0)
			equal(t, "address", l.Clients[0].Addr.String(), test.addr)
			equal(t, "agent", l.Clients[0].Agent, test.agent)
		})
	}
}

func TestStamps(t *testing.T) {
	for text, want := range map[string]string{
		"29/Feb/2000:23:59:59 +0000": "2000-02-29T23:59:59Z",
		"01/Jan/1990:00:00:00 +0100": "1989-12-31T23:00:00Z",
		"31/Dec/2087:00:00:00 -2359": "2087-12-31T23:59:00Z",
	} {
		ns, ok := parseNCSAStamp([]byte(text))
		equal(t, text, ok, true)
		equal(t, text, time.Unix(0, ns).UTC().Format(time.RFC3339), want)
	}
	for text, want := range map[string]int64{"00:00:00": 0, "01:02:03.5": 3723.5e9, "23:59:59.123456789": 86399123456789} {
		ns, ok := parseClock([]byte(text))
		equal(t, text, ok, true)
		equal(t, text, ns, want)
	}
}

// Every day that may be in a log, and days that never were, against the
// standard library.
func TestDatesAgreeWithTimePackage(t *testing.T) {
	for year := firstYear; year <= lastYear; year++ {
		for month := 1; month <= 12; month++ {
			for day := 0; day <= 32; day++ {
				text := []byte("0000-00-00")
				for i, digit := range []int{year / 1000, year / 100 % 10, year / 10 % 10, year % 10, -1, month / 10, month % 10, -1, day / 10, day % 10} {
					if digit >= 0 {
						text[i] = byte('0' + digit)
					}
				}
				want, err := time.Parse("2006-01-02", string(text))
				got, ok := parseDate(text)
				if ok != (err == nil) || ok && got != want.UnixNano() {
					t.Fatalf("%s: got %d, %v; want %v, %v", text, got, ok, want, err)
				}
			}
		}
	}
}

func TestHostNamesGetStableAddresses(t *testing.T) {
	line := strings.TrimPrefix(common, "192.0.2.1")
	l := readText(t, "b.example"+line+"a.example"+line+"192.0.2.1"+line+"b.example"+line)
	equal(t, "clients", len(l.Clients), 3)
	equal(t, "addresses", len(l.Addresses()), 3)
	for i, want := range []Client{{Name: "b.example"}, {Name: "a.example"}, {}} {
		equal(t, "name", l.Clients[i].Name, want.Name)
		equal(t, "address", l.Clients[i].Addr.String(), []string{"198.18.0.0", "198.18.0.1", "192.0.2.1"}[i])
	}
	equal(t, "last of the first range", fictitious(1<<17-1).String(), "198.19.255.255")
	equal(t, "first of the second range", fictitious(1<<17).String(), "240.2.0.0")
}

func TestClientIsAddressAndAgent(t *testing.T) {
	l := readText(t, combined+strings.Replace(combined, "X11", "PPC", 1)+combined)
	equal(t, "clients", len(l.Clients), 2)
	equal(t, "requests of the first", l.Clients[0].Requests, 2)
	equal(t, "addresses", l.Addresses()[0], Address{Addr: l.Clients[0].Addr, Clients: 2, Requests: 3})
}

func TestW3C(t *testing.T) {
	l := readText(t, "#Version: 1.0\n"+
		fields+"2020-02-29 23:59:59 192.0.2.3 Mozilla/4.0+(X11) 200 55 1500\n"+
		"#Fields: time cs(X-Forwarded-For) c-ip date\n"+ // changes in mid-file
		"00:00:01 203.0.113.9,+10.0.0.1 10.0.0.2 2020-03-01\n"+
		"00:00:02 - 10.0.0.2 2020-03-01\n"+
		"00:00:03 unknown 10.0.0.2 2020-03-01\n"+
		"00:00:04 203.0.113.9:4711 10.0.0.2 2020-03-01\n"+
		"00:00:05 [2001:db8::1]:4711 10.0.0.2 2020-03-01\n"+
		"#Date: 2020-03-01 12:00:00\n"+
		"#fields:\ttime\tc-ip\tOriginalIP\tcs(User-Agent)\ttime-taken\n"+
		"12:00:00.25\t10.0.0.2\t203.0.113.9\t\"Opera 9\"\t0.25\n")
	equal(t, "malformed", l.Malformed, 0)
	first := l.Clients[0]
	equal(t, "agent", first.Agent, "Mozilla/4.0 (X11)")
	equal(t, "bytes", first.Bytes, 55)
	equal(t, "t = 0", l.First, time.Date(2020, 2, 29, 23, 59, 57, 5e8, time.UTC)) // the end minus 1500 ms
	equal(t, "took", l.Entries[0].Took, 1500*time.Millisecond)
	want := []string{"192.0.2.3", "203.0.113.9", "10.0.0.2", "10.0.0.2", "203.0.113.9", "2001:db8::1", "203.0.113.9"}
	for i, e := range l.Entries {
		equal(t, "client", l.Clients[e.Client].Addr.String(), want[i])
	}
	last := l.Entries[6]
	equal(t, "seconds with decimals", last.Took, 250*time.Millisecond)
	equal(t, "start", l.First.Add(last.At), time.Date(2020, 3, 1, 12, 0, 0, 0, time.UTC))
	equal(t, "quoted agent", l.Clients[last.Client].Agent, "Opera 9")
	equal(t, "times", l.HasTimes(), true)
}

func TestSumsOfBytesDoNotOverflow(t *testing.T) {
	line := strings.Replace(common, "1713", strings.Repeat("9", 18), 1)
	l := readText(t, strings.Repeat(line, 12))
	equal(t, "bytes", l.Clients[0].Bytes, 1<<63-1)
	equal(t, "bytes of the address", l.Addresses()[0].Bytes, 1<<63-1)
}
