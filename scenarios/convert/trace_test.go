package convert

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

const smallTrace = "t_s,client,src,hold_s,service,demand_s\n" +
	"0,ann,192.0.2.1,1.5,web,0.02\n" +
	"0.000000001,bob,2001:db8::1,0,,\n" +
	"0.000000001,ann,192.0.2.9,3e-3,mail,1E1\n"

func wantSmall() *Trace {
	return &Trace{
		Name: "test.csv", Clients: []string{"ann", "bob"}, Services: []string{"web", "mail"},
		Arrivals: []Arrival{
			{Src: netip.MustParseAddr("192.0.2.1"), Hold: 1500 * time.Millisecond, HasDemand: true, Demand: 20 * time.Millisecond},
			{At: 1, Client: 1, Src: netip.MustParseAddr("2001:db8::1"), Service: -1},
			{At: 1, Src: netip.MustParseAddr("192.0.2.9"), Hold: 3 * time.Millisecond, Service: 1, HasDemand: true, Demand: 10 * time.Second},
		},
	}
}

func TestReadTrace(t *testing.T) {
	tests := map[string]string{
		"plain":            smallTrace,
		"gzip":             string(zipped(t, []byte(smallTrace))),
		"CRLF and BOM":     "\xef\xbb\xbf" + strings.ReplaceAll(smallTrace, "\n", "\r\n"),
		"no last line end": strings.TrimSpace(smallTrace),
		"blank lines":      strings.ReplaceAll(smallTrace, "\n", "\n \n"),
		"spaces":           strings.ReplaceAll(smallTrace, ",", " , "),
		"quotes":           strings.ReplaceAll(smallTrace, "ann", `"ann"`),
		"other order": "x,demand_s,service,hold_s,src,client,t_s\n" +
			"1,0.02,web,1.5,192.0.2.1,ann,0\n,,,0,2001:db8::1,bob,1e-9\n,10,mail,.003,::ffff:192.0.2.9,ann,0.000000001\n",
		"recorded by lbsim": "replication,t_s,conn,client,src,service,server,end_s,outcome,demand_s\n" +
			"0,0,1,ann,192.0.2.1,web,s1,1.5,completed,0.02\n0,1e-9,2,bob,2001:db8::1,,s1,0.000000001,completed,\n" +
			"0,1e-9,3,ann,192.0.2.9,mail,s1,0.003000001,completed,10\n",
		"end_s beside hold_s": "t_s,client,src,end_s,hold_s,service,demand_s\n" +
			"0,ann,192.0.2.1,,1.5,web,0.02\n1e-9,bob,2001:db8::1,,0,,\n1e-9,ann,192.0.2.9,0,0.003,mail,10\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ReadTrace(strings.NewReader(text), "test.csv")
			if err != nil {
				t.Fatal(err)
			}
			if want := wantSmall(); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestTraceErrors(t *testing.T) {
	const head = "t_s,client,src,hold_s,service,demand_s\n"
	tests := map[string]struct{ text, want string }{
		"empty":            {"", "t.csv:1:1: error: the file is empty"},
		"no header":        {"0,ann,192.0.2.1,0\n", "t.csv:1:1: error: the header lacks t_s, client, src, hold_s (or end_s)"},
		"no hold":          {"t_s,client,src\n0,a,192.0.2.1\n", "t.csv:1:1: error: the header lacks hold_s (or end_s)"},
		"column twice":     {"t_s,client,t_s,src,hold_s\n", "t.csv:1:12: error: t_s: the column is there twice"},
		"word for time":    {head + "abc,ann,192.0.2.1,0,,\n", `t.csv:2:1: error: t_s: "abc" is not a time in seconds`},
		"NaN":              {head + "NaN,ann,192.0.2.1,0,,\n", `t_s: "NaN" is not a time in seconds`},
		"infinite":         {head + "0,ann,192.0.2.1,Inf,,\n", `t.csv:2:17: error: hold_s: "Inf" is not a time in seconds`},
		"negative":         {head + "0,ann,192.0.2.1,-1,,\n", `hold_s: "-1" is negative`},
		"unit":             {head + "0,ann,192.0.2.1,5ms,,\n", `hold_s: "5ms" is not a time in seconds`},
		"hexadecimal":      {head + "0,ann,192.0.2.1,0x1p3,,\n", `hold_s: "0x1p3" is not`},
		"too long":         {head + "0,ann,192.0.2.1,3155760001,,\n", `hold_s: "3155760001" is longer than 100 years`},
		"huge exponent":    {head + "0,ann,192.0.2.1,1e999,,\n", `hold_s: "1e999" is longer than 100 years`},
		"empty time":       {head + ",ann,192.0.2.1,0,,\n", `t_s: "" is not a time in seconds`},
		"decreasing":       {head + "1,ann,192.0.2.1,0,,\n0.9,ann,192.0.2.1,0,,\n", "t.csv:3:1: error: t_s: 0.9 is earlier than 1 above it"},
		"no address":       {head + "0,ann,localhost,0,,\n", `t.csv:2:7: error: src: "localhost" is not an IP address`},
		"octet above 255":  {head + "0,ann,192.0.2.256,0,,\n", `src: "192.0.2.256" is not an IP address`},
		"address and zone": {head + "0,ann,fe80::1%eth0,0,,\n", `src: "fe80::1%eth0" is not an IP address`},
		"no client":        {head + "0,,192.0.2.1,0,,\n", `client: "" is not a name`},
		"NUL in client":    {head + "0,a\x00b,192.0.2.1,0,,\n", `client: "a.b" is not a name`},
		"bad service":      {head + "0,a,192.0.2.1,0,\x1b[31m,\n", `service: ".[31m" is not a name`},
		"bad demand":       {head + "0,a,192.0.2.1,0,,x\n", `demand_s: "x" is not a time in seconds`},
		"short row":        {head + "0,ann,192.0.2.1\n", "t.csv:2:1: error: 3 values in a row of 6 columns"},
		"long row":         {head + "0,ann,192.0.2.1,0,,,\n", "7 values in a row of 6 columns"},
		"end before start": {"t_s,client,src,end_s\n2,a,192.0.2.1,1\n", "t.csv:2:15: error: end_s: 1 is before t_s"},
		"several replications": {"replication,t_s,client,src,end_s\n0,2,a,192.0.2.1,3\n1,0,a,192.0.2.1,1\n",
			"keep the rows of one replication"},
		"long line": {head + strings.Repeat("x", 5<<20), "t.csv:2:1: error: longer than 1 MiB"},
		"zeros":     {string(zipped(t, make([]byte, 100<<20))), "t.csv:1:1: error: longer than 1 MiB"},
		"two errors in a row": {head + "x,ann,y,0,,\n",
			"t.csv:2:1: error: t_s: \"x\" is not a time in seconds\n     2 | x,ann,y,0,,\n       | ^\nt.csv:2:7: error: src"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			trace, err := ReadTrace(strings.NewReader(test.text), "t.csv")
			if trace != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v\nwant %s", trace, err, test.want)
			}
			var at *LineError
			if !errors.As(err, &at) {
				t.Errorf("%T has no LineError", err)
			}
		})
	}
}

func TestTraceErrorsAreBounded(t *testing.T) {
	text := "t_s,client,src,hold_s\n" + strings.Repeat("x,a,192.0.2.1,0\n", 1000)
	_, err := ReadTrace(strings.NewReader(text), "t.csv")
	equal(t, "errors", strings.Count(err.Error(), "error:"), maxErrors)
	if !strings.HasSuffix(err.Error(), "more errors follow; only the first 20 are shown") {
		t.Error(err)
	}
	if _, err := ReadTrace(bytes.NewReader(zipped(t, []byte(text))[:40]), "t.csv"); !errors.Is(err, errDamaged) {
		t.Errorf("a trace cut short: got %v", err)
	}
	if _, err := readTrace(strings.NewReader(smallTrace), "t.csv", limits{entries: 2, clientBytes: 1 << 20}); err == nil {
		t.Error("more arrivals than allowed: no error")
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "007": 7e9, ".5": 5e8, "5.": 5e9, "0.1": 1e8, "1e-9": 1, "1E+3": 1e12, "12.5e-1": 125e7,
		"0.0000000005": 1, "0.00000000049999999999": 0, "9e-10": 1, "4e-10": 0, "1e-1000": 0, "0e1000": 0,
		"0.30000000000000004": 3e8, "123456789.123456789": 123456789123456789,
		"3155760000": maxTime, "0.000000003155760000e18": maxTime,
	} {
		got, why := parseSeconds(text)
		equal(t, text, why, "")
		equal(t, text, got, want)
	}
	for _, text := range []string{"", ".", "-", "e5", "1e", "1e1.5", "+1", "1_000", "1,5", "--1", "1.2.3", "0x10", "inf", " 1"} {
		if _, why := parseSeconds(text); why == "" {
			t.Errorf("%q is taken for a time", text)
		}
	}
	if _, why := parseSeconds("3155760000.000000001"); why != "is longer than 100 years" {
		t.Errorf("a nanosecond too long: %q", why)
	}
}

// What is written is read back the same, for random traces with awkward names.
func TestTraceRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		want := &Trace{Name: "round.csv", Clients: []string{"a", ` "x" `, "a,b", `"`, "Jürgen Öz"}, Services: []string{"web", `,`}}
		at := time.Duration(0)
		for i := range 200 {
			at += time.Duration(r.Int64N(1 << uint(1+r.IntN(40))))
			a := Arrival{At: at, Client: int32(i % 5), Src: fictitious(r.IntN(1 << 20)), Hold: time.Duration(r.Int64N(1e15)), Service: int32(i % 2)}
			if i > 5 && r.IntN(3) == 0 {
				a.Service, a.HasDemand, a.Demand = -1, true, time.Duration(r.Int64N(1e9))
			}
			want.Arrivals = append(want.Arrivals, a)
		}
		var b bytes.Buffer
		if err := want.Write(&b); err != nil {
			t.Fatal(err)
		}
		got, err := ReadTrace(bytes.NewReader(b.Bytes()), "round.csv")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatal("the trace read back differs from the one written")
		}
	}
}

func TestWriteRefusesWhatCannotBeRead(t *testing.T) {
	addr := netip.MustParseAddr("192.0.2.1")
	tests := map[string]Arrival{
		"negative":   {Src: addr, Hold: -1},
		"no address": {},
		"zone":       {Src: netip.MustParseAddr("fe80::1%1")},
		"name":       {Src: addr, Client: 1},
		"decreasing": {Src: addr, At: -5},
	}
	for name, a := range tests {
		trace := Trace{Clients: []string{"a", "b\nc"}, Services: []string{"web"}, Arrivals: []Arrival{{Src: addr}, a}}
		if err := trace.Write(new(bytes.Buffer)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func ExampleTrace_Write() {
	trace := Trace{Clients: []string{"c0001"}, Arrivals: []Arrival{
		{At: 0, Src: netip.MustParseAddr("192.0.2.1"), Hold: 90 * time.Second, Service: -1},
		{At: 1_250_000_001, Src: netip.MustParseAddr("192.0.2.1"), Hold: 2500 * time.Microsecond, Service: -1},
	}}
	var b strings.Builder
	trace.Write(&b)
	fmt.Print(b.String())
	// Output:
	// t_s,client,src,hold_s
	// 0,c0001,192.0.2.1,90
	// 1.250000001,c0001,192.0.2.1,0.0025
}
