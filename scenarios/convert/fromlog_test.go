package convert

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The scenario made of the Apache sample is text for people: look at a change
// of testdata/apache-2015.yaml before committing it.
func TestScenarioOfApacheLog(t *testing.T) {
	const path = "testdata/apache-2015.yaml"
	got, trace := FromLog(readFile(t, apacheLog), Options{})
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "scenario", string(got), string(want))
	equal(t, "arrivals", len(trace.Arrivals), 10000)
	equal(t, "first client", trace.Clients[0], "c0001")
	equal(t, "trace", trace.Name, "apache-2015.csv")
}

// The traces of all samples survive writing and reading.
func TestTraceOfLogRoundTrip(t *testing.T) {
	for _, path := range []string{apacheLog, nasaLog, w3cLog} {
		_, want := FromLog(readFile(t, path), Options{Trace: "other.csv"})
		var b bytes.Buffer
		if err := want.Write(&b); err != nil {
			t.Fatal(err)
		}
		got, err := ReadTrace(&b, "other.csv")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the trace read back differs", path)
		}
	}
}

// With time-taken the trace holds connections, and nothing is assumed.
func TestScenarioOfLogWithTimes(t *testing.T) {
	l := readText(t, fields+w3c)
	l.Name = `C:\logs\U_EX 95.log`
	l.Malformed, l.Warnings = 3, []string{"something odd"}
	text, trace := FromLog(l, Options{})
	equal(t, "hold", trace.Arrivals[0].Hold, l.Entries[0].Took)
	for _, want := range []string{"\nname: u-ex-95\n", "\n    trace: u-ex-95.csv\n", "\n    # demand:", "\nduration: 1m\n",
		"# Not read: 3 malformed lines.\n", "# Beware: something odd.\n", "from U_EX 95.log"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "\n    demand:") {
		t.Error("the scenario assumes a demand")
	}
}

// The assumed CPU time leaves half of the cores idle in the busiest minute.
func TestAssumedDemand(t *testing.T) {
	equal(t, "few requests", assumedDemand(136, 4), 20*time.Millisecond)
	equal(t, "as many as fit", assumedDemand(24000, 4), 20*time.Millisecond)
	equal(t, "more", assumedDemand(24001, 4), 10*time.Millisecond)
	equal(t, "very many", assumedDemand(1_000_000_000, 1), time.Microsecond)
}

// Each mode on each number of servers; a single number needs no suffix.
func TestVariants(t *testing.T) {
	var names []string
	for _, v := range append(variants([]int{4, 16}), variants([]int{1})...) {
		names = append(names, v.Name)
	}
	equal(t, "variants", strings.Join(names, ", "), "round robin 4, source-ip 4, source-hash 4, cookie 4, "+
		"round robin 16, source-ip 16, source-hash 16, cookie 16, round robin, source-ip, source-hash, cookie")
	text, _ := FromLog(readText(t, common), Options{Servers: []int{3, 2}})
	for _, want := range []string{`servers: ["web[1-3]"]`, `- {names: "web[1-3]", cores: 4}`, `set: {balancer.services.web.servers: ["web[1-2]"]}`, "whole seconds"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestNames(t *testing.T) {
	for file, want := range map[string]string{
		"access.log.gz": "access", "Access Log (1).txt": "access-log-1", "..": "log", "日本.log": "log", "": "log",
		strings.Repeat("a", 59) + "-b": strings.Repeat("a", 59),
	} {
		equal(t, file, ScenarioName(file), want)
	}
	for text, want := range map[string]string{
		"web": "web", "null": `"null"`, "2015": `"2015"`, "a b.csv": `"a b.csv"`, `"`: `"\""`, "": `""`,
	} {
		equal(t, text, yamlText(text), want)
	}
	equal(t, "path", baseName("/var/log/a.log"), "a.log")
}

func TestMeasure(t *testing.T) {
	equal(t, "nothing", Measure(nil), Concentration{})
	equal(t, "zeros", Measure([]int64{0, 0}), Concentration{N: 2})
	c := Measure([]int64{5, 5, 5, 5})
	equal(t, "Gini of equals", c.Gini, 0)
	equal(t, "effective size of equals", c.EffectiveSize, 4)
	c = Measure([]int64{0, 0, 0, 8})
	equal(t, "Gini of one", c.Gini, 0.75)
	equal(t, "spread of one over 5", c.SpreadOverServers(5), 2)
}
