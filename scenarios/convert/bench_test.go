package convert

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// lines/s of the samples, repeated so that tables of clients are warm, as in
// a large log, and decompressed beforehand.
func BenchmarkReadLog(b *testing.B) {
	for _, sample := range []struct{ name, path string }{{"common", nasaLog}, {"combined", apacheLog}, {"w3c", w3cLog}} {
		b.Run(sample.name, func(b *testing.B) {
			packed, err := os.ReadFile(sample.path)
			if err != nil {
				b.Fatal(err)
			}
			z, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				b.Fatal(err)
			}
			once, err := io.ReadAll(z)
			if err != nil {
				b.Fatal(err)
			}
			text := bytes.Repeat(once, 10)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			lines := 0
			for b.Loop() {
				l, err := ReadLog(bytes.NewReader(text), sample.name)
				if err != nil || l.Malformed > 0 || len(l.Entries) < 10*2000 {
					b.Fatal(l, err)
				}
				lines += l.Lines
			}
			b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

func BenchmarkReadTrace(b *testing.B) {
	_, trace := FromLog(readFile(b, nasaLog), Options{})
	var text bytes.Buffer
	if err := trace.Write(&text); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		t, err := ReadTrace(bytes.NewReader(text.Bytes()), "bench.csv")
		if err != nil || len(t.Arrivals) != len(trace.Arrivals) {
			b.Fatal(err)
		}
		rows += len(t.Arrivals)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
