package convert

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected scenario")

const (
	apacheLog = "testdata/apache-2015.log.gz"
	w3cLog    = "testdata/w3c-sample.log.gz"
	nasaLog   = "../library/nasa-1995-08-01.log.gz"
)

// readFile reads a log that must parse in full.
func readFile(t testing.TB, path string) *Log {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := ReadLog(f, path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Malformed != 0 {
		t.Fatalf("%s: %d malformed lines, first %+v", path, l.Malformed, l.Bad[0])
	}
	return l
}

func readText(t testing.TB, text string) *Log {
	t.Helper()
	l, err := ReadLog(strings.NewReader(text), "test.log")
	if err != nil {
		t.Fatal(err)
	}
	checkLaws(t, l)
	return l
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checkLaws checks what holds for every log, whatever the input.
func checkLaws(t testing.TB, l *Log) {
	t.Helper()
	if l.Lines != len(l.Entries)+l.Skipped+l.Malformed {
		t.Errorf("%d lines, but %d entries, %d skipped, %d malformed", l.Lines, len(l.Entries), l.Skipped, l.Malformed)
	}
	if len(l.Bad) != min(l.Malformed, badLines) {
		t.Errorf("%d malformed lines, %d shown", l.Malformed, len(l.Bad))
	}
	if l.Entries[0].At != 0 {
		t.Errorf("the first entry is at %v", l.Entries[0].At)
	}
	seen := 0
	requests, bytes := make([]int, len(l.Clients)), make([]int64, len(l.Clients))
	for i, e := range l.Entries {
		if i > 0 && e.At < l.Entries[i-1].At {
			t.Fatalf("entry %d at %v, after %v", i, e.At, l.Entries[i-1].At)
		}
		if int(e.Client) > seen {
			t.Fatalf("entry %d: client %d before client %d", i, e.Client, seen)
		}
		if int(e.Client) == seen {
			seen++
		}
		if e.Took < 0 || e.Bytes < 0 || e.Status < 0 || e.Status > 999 {
			t.Fatalf("entry %d: %+v", i, e)
		}
		requests[e.Client]++
		bytes[e.Client] = addBytes(bytes[e.Client], e.Bytes)
	}
	if seen != len(l.Clients) {
		t.Errorf("%d clients, %d with requests", len(l.Clients), seen)
	}
	for i, c := range l.Clients {
		if c.Requests != requests[i] || c.Bytes != bytes[i] {
			t.Errorf("client %d: %d requests, %d bytes; counted %d, %d", i, c.Requests, c.Bytes, requests[i], bytes[i])
		}
		if !c.Addr.IsValid() || c.Addr.Zone() != "" || c.Addr != c.Addr.Unmap() {
			t.Errorf("client %d: address %v", i, c.Addr)
		}
	}
}
