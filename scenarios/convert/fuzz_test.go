package convert

import (
	"bytes"
	"net/netip"
	"os"
	"reflect"
	"testing"
)

// Whatever the input: an error, or a log that keeps the laws and whose trace
// can be written and read back.
func FuzzReadLog(f *testing.F) {
	for _, text := range []string{common, combined, fields + w3c, common + fields + w3c, "#Date: 2020-01-01\n#Fields: time c-ip\n10:00:00 ::1\n"} {
		f.Add([]byte(text))
	}
	f.Add(zipped(f, []byte(common+combined)))
	if sample, err := os.ReadFile(w3cLog); err == nil {
		f.Add(sample[:2000])
	}
	for _, path := range []string{haproxyHTTP, haproxyTCP, nginxLog} {
		sample, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sample)
		for line := range bytes.Lines(sample) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, o := range []ReadOptions{{}, {Forwarded: ForwardedClient}, {Forwarded: ForwardedSource, Trusted: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/1")}}, {Format: HAProxy}} {
			l, err := o.Read(bytes.NewReader(data), "fuzz.log")
			if err != nil {
				continue
			}
			checkLaws(t, l)
			l.Report(SessionGap, []int{2, 8}).Text()
			_, trace := FromLog(l, Options{})
			checkRoundTrip(t, trace)
		}
	})
}

// Whatever the input: an error, or a trace that can be written and read back.
func FuzzReadTrace(f *testing.F) {
	f.Add([]byte(smallTrace))
	f.Add([]byte("t_s,client,src,end_s,x\n1e-3,\"a \"\"b\",192.0.2.1,2,\n"))
	f.Add(zipped(f, []byte(smallTrace)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if trace, err := ReadTrace(bytes.NewReader(data), "fuzz.csv"); err == nil {
			checkRoundTrip(t, trace)
		}
	})
}

func checkRoundTrip(t *testing.T, want *Trace) {
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTrace(&b, want.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("wrote %+v, read %+v", want, got)
	}
}
