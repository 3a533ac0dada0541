package convert

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	common   = `192.0.2.1 - - [01/Aug/1995:02:00:00 -0400] "GET / HTTP/1.0" 200 1713` + "\n"
	combined = `192.0.2.2 - joe [01/Aug/1995:02:00:01 -0400] "GET / HTTP/1.0" 404 - "-" "Mozilla/4.0 (X11)"` + "\n"
	fields   = "#Fields: date time c-ip cs(User-Agent) sc-status sc-bytes time-taken\n"
	w3c      = "1995-08-01 06:00:02 192.0.2.3 Mozilla/4.0+(X11) 200 55 1500\n"
)

func TestFormats(t *testing.T) {
	tests := []struct{ name, text, format string }{
		{"common", common, "NCSA common"},
		{"combined", combined, "NCSA combined"},
		{"W3C", fields + w3c, "W3C extended"},
		{"CRLF", strings.ReplaceAll(fields+w3c, "\n", "\r\n"), "W3C extended"},
		{"byte order mark", "\xef\xbb\xbf" + fields + w3c, "W3C extended"},
		{"no line end", strings.TrimSpace(common), "NCSA common"},
		{"joined", common + fields + w3c + combined + w3c, "NCSA common and W3C extended and NCSA combined"},
		{"blank lines", "\n  \n\r\n" + common, "NCSA common"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := readText(t, test.text)
			equal(t, "format", l.Format, test.format)
			equal(t, "malformed", l.Malformed, 0)
			equal(t, "lines", l.Lines, len(strings.Split(strings.TrimSuffix(test.text, "\n"), "\n")))
			zip := zipped(t, []byte(test.text+"\n"))
			for _, data := range [][]byte{zip, append(bytes.Clone(zip), zip...)} {
				z, err := ReadLog(bytes.NewReader(data), "test.log.gz")
				if err != nil {
					t.Fatal(err)
				}
				checkLaws(t, z)
				equal(t, "requests in gzip", len(z.Entries)%len(l.Entries), 0)
			}
		})
	}
}

func TestMalformedLinesAreCountedAndShown(t *testing.T) {
	tests := map[string]string{
		"no time":          `192.0.2.1 - - "GET / HTTP/1.0" 200 1`,
		"bad month":        strings.Replace(common, "Aug", "Agu", 1),
		"31 June":          strings.Replace(common, "01/Aug", "31/Jun", 1),
		"29 February 1995": strings.Replace(common, "01/Aug", "29/Feb", 1),
		"hour 24":          strings.Replace(common, ":02:00", ":24:00", 1),
		"second 60":        strings.Replace(common, ":02:00:00", ":02:00:60", 1),
		"no zone":          strings.Replace(common, " -0400", "", 1),
		"zone of letters":  strings.Replace(common, "-0400", "-04a0", 1),
		"clock not set":    strings.Replace(common, "1995", "1970", 1),
		"no request":       strings.Replace(common, `"GET / HTTP/1.0" `, "", 1),
		"open request":     strings.Replace(common, `0" 200`, `0 200`, 1),
		"no status":        strings.Replace(common, " 200", "", 1),
		"status 20":        strings.Replace(common, " 200", " 20", 1),
		"negative bytes":   strings.Replace(common, " 1713", " -5", 1),
		"huge bytes":       strings.Replace(common, "1713", "17130000000000000000000", 1),
		"no client":        strings.Replace(common, "192.0.2.1", "-", 1),
		"control in name":  strings.Replace(common, "192.0.2.1", "\x1b[31mred", 1),
		"no identity":      strings.Replace(common, " - -", " -", 1),
		"open agent":       strings.Replace(combined, `X11)"`, "X11)", 1),
		"open referer":     strings.Replace(combined, `"-" "Mozilla/4.0 (X11)"`, `"http://`, 1),
		"W3C early":        w3c,
		"NUL bytes":        "\x00\x00\x00\x00",
		"long line":        strings.Repeat("x", 5<<20),
		"binary":           "\x7fELF\x02\x01\x01\x00 [\xff\xfe\" 200 1",
	}
	for name, bad := range tests {
		t.Run(name, func(t *testing.T) {
			l := readText(t, common+strings.TrimRight(bad, "\n")+"\n"+combined)
			equal(t, "requests", len(l.Entries), 2)
			equal(t, "malformed", l.Malformed, 1)
			equal(t, "line", l.Bad[0].Line, 2)
			if l.Bad[0].Why == "" || strings.ContainsAny(l.Bad[0].Text, "\x00\x1b\n") || len(l.Bad[0].Text) > 4*shownText {
				t.Errorf("%+v", l.Bad[0])
			}
		})
	}
}

func TestMalformedW3CLines(t *testing.T) {
	tests := map[string]string{
		"too few values":    strings.Replace(w3c, " 55", "", 1),
		"too many values":   strings.Replace(w3c, " 55", " 55 56", 1),
		"bad date":          strings.Replace(w3c, "08-01", "13-01", 1),
		"bad time":          strings.Replace(w3c, "06:00", "06.00", 1),
		"empty decimals":    strings.Replace(w3c, "06:00:02", "06:00:02.", 1),
		"no client":         strings.Replace(w3c, "192.0.2.3", "-", 1),
		"bad status":        strings.Replace(w3c, "200", "OK", 1),
		"bad bytes":         strings.Replace(w3c, "55", "5.5", 1),
		"bad time-taken":    strings.Replace(w3c, "1500", "1,5", 1),
		"huge time-taken":   strings.Replace(w3c, "1500", "150000000000000000", 1),
		"no client column":  "#Fields: date time sc-status\n1995-08-01 06:00:02 200",
		"no time column":    "#Fields: date c-ip sc-status\n1995-08-01 192.0.2.1 200",
		"no date":           "#Fields: time c-ip sc-status\n06:00:02 192.0.2.1 200",
		"unreadable #Date":  "#Date: yesterday!\n#Fields: time c-ip\n06:00:02 192.0.2.1",
		"zero columns":      "#Fields:\n06:00:02 192.0.2.1",
		"header after text": strings.Replace(fields, "#", "", 1),
	}
	for name, bad := range tests {
		t.Run(name, func(t *testing.T) {
			l := readText(t, fields+w3c+strings.TrimRight(bad, "\n")+"\n"+fields+w3c)
			equal(t, "requests", len(l.Entries), 2)
			equal(t, "malformed", l.Malformed, 1)
		})
	}
}

func TestOnlyTenBadLinesAreShown(t *testing.T) {
	l := readText(t, common+strings.Repeat("nonsense\n", 25))
	equal(t, "malformed", l.Malformed, 25)
	equal(t, "shown", len(l.Bad), 10)
}

func TestNotALog(t *testing.T) {
	zeros := zipped(t, make([]byte, 100<<20)) // 100 MB, no line end
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"test.log:1:1", "empty"}},
		{"empty gzip", string(zipped(t, nil)), []string{"test.log:1:1", "empty"}},
		{"blank", "\n\n", []string{"test.log:1:1"}},
		{"binary", "\x00\x01\x02\xff\xfe\n\x00", []string{"test.log:1:1", "....."}},
		{"prose", "Dear Sir,\nplease\n", []string{"test.log:1:1", "Dear Sir,"}},
		{"W3C without fields", "#Version: 1.0\n" + w3c, []string{"test.log:2:1"}},
		{"directives only", fields, []string{"test.log:1:1"}},
		{"zeros", string(zeros), []string{"test.log:1:1", "1 MiB"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, err := ReadLog(strings.NewReader(test.text), "test.log")
			var at *LineError
			if l != nil || !errors.As(err, &at) {
				t.Fatalf("got %v, %v", l, err)
			}
			for _, part := range append(test.want, "expected a log of Apache, nginx, HAProxy (HTTP or TCP) or IIS (W3C extended with a #Fields line)") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is missing in:\n%v", part, err)
				}
			}
		})
	}
}

func TestUTF16IsNamed(t *testing.T) {
	_, err := ReadLog(strings.NewReader("\xff\xfe#\x00F\x00"), "test.log")
	if err == nil || !strings.Contains(err.Error(), "test.log: UTF-16") {
		t.Errorf("got %v", err)
	}
}

func TestDamagedGzip(t *testing.T) {
	text := strings.Repeat(common+combined, 5000)
	whole := zipped(t, []byte(text))
	l, err := ReadLog(bytes.NewReader(whole[:len(whole)/2]), "cut.gz")
	if err != nil {
		t.Fatal(err)
	}
	checkLaws(t, l)
	equal(t, "malformed", l.Malformed, 0) // the cut line does not count
	if len(l.Entries) == 0 || len(l.Entries) >= 10000 {
		t.Errorf("%d requests of the first half", len(l.Entries))
	}
	if len(l.Warnings) == 0 || !strings.Contains(l.Warnings[0], "reading stopped after line") {
		t.Errorf("warnings: %q", l.Warnings)
	}
	for name, data := range map[string][]byte{
		"before any request": whole[:12],
		"header only":        whole[:5],
		"not gzip":           {0x1f, 0x8b, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, err := ReadLog(bytes.NewReader(data), "cut.gz"); err == nil || !errors.Is(err, errDamaged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if l, err := ReadLog(bytes.NewReader(append(whole, "garbage"...)), "tail.gz"); err != nil || len(l.Warnings) == 0 {
		t.Errorf("garbage after the end: got %v", err)
	}
}

func TestReadErrorsAreReturned(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, start := range []string{"", common, string(zipped(t, []byte(common)))[:20]} {
		r := io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken))
		if _, err := ReadLog(r, "test.log"); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: got %v", len(start), err)
		}
		r = io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken))
		if _, err := ReadTrace(r, "test.csv"); !errors.Is(err, broken) && start != common {
			t.Errorf("trace, after %d bytes: got %v", len(start), err)
		}
	}
}

func TestLimits(t *testing.T) {
	text := common + combined
	for _, limit := range []limits{{entries: 1, clientBytes: 1 << 20}, {entries: 100, clientBytes: 300}} {
		if _, err := (ReadOptions{}).read(strings.NewReader(text), "test.log", limit); err == nil || !strings.Contains(err.Error(), "line 2: more than") {
			t.Errorf("%+v: got %v", limit, err)
		}
	}
}

// Sorting is stable, t = 0 is the earliest request, and clients are numbered
// as they appear after sorting.
func TestOutOfOrder(t *testing.T) {
	l := readText(t, combined+common+strings.Replace(common, "200", "304", 1))
	equal(t, "first", l.First, time.Date(1995, 8, 1, 6, 0, 0, 0, time.UTC))
	equal(t, "client", l.Clients[0].Addr.String(), "192.0.2.1")
	for i, want := range []int16{200, 304, 404} {
		equal(t, "status", l.Entries[i].Status, want)
	}
	equal(t, "last", l.Span(), time.Second)
	equal(t, "warnings", len(l.Warnings), 1)
}
