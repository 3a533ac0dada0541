package strict

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestSchema(t *testing.T) {
	s := scenario{Seed: 1, Ratio: 0.5, Count: span2{1, 2}}
	raw := Schema(&s, policies, "A small scenario")
	golden := filepath.Join("testdata", "schema.json")
	if *update {
		if err := os.WriteFile(golden, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(raw, want) {
		t.Errorf("%s differs (-update rewrites it): %v", golden, err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("s.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}

	// Decode and the schema agree on these.
	const in = "balancer: {services: [{"
	for _, text := range []string{
		"name: x", "duration: 5m", "duration: 0", "rounds: 5", "rounds: {max: 5}", "count: 2..40", "mode: open", "quiet: true",
		"ratio: 1e3", "level: -128", "memory: 1.5KiB", "most: 35%", "weights: [1, 2]", "labels: {a: {inner: {color: x}}}",
		in + "scheduler: none}]}", in + "scheduler: 5ms}]}", in + "scheduler: {time: 5s}}]}", in + "scheduler: {kind: linear, then: {kind: constant, value: 5s}}}]}",
		in + "servers: [ex1, {name: ex2}]}]}", "variants: [{set: {a: [b]}}]", "backoff: [none, {kind: linear}]", "sites: [{rate: 12/min}]",
	} {
		validate(t, schema, text, true)
	}
	for _, text := range []string{
		"nmae: x", "duration: 5", "duration: 5min", "rounds: many", "count: 5..", "mode: ajar", "quiet: yes", "quiet: 'true'", "ratio: fast",
		"level: 128", "level: 1.5", "port: -1", "memory: 4", "most: 101%", "weights: 5", "weights: [x]", "labels: [a]",
		in + "scheduler: leastconn}]}", in + "scheduler: {kind: none, time: 5s}}]}", in + "scheduler: {kind: [x]}}]}", "- a", "sites: [{rate: 12}]", "labels: {a: {b: c}}",
	} {
		validate(t, schema, text, false)
	}
	example, err := Encode(randomless(), policies)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schema, string(example), true)
}

// randomless returns a scenario in which no text looks like a number.
func randomless() scenario {
	_, s, _ := read(base)
	return s
}

func validate(t *testing.T, schema *jsonschema.Schema, text string, valid bool) {
	t.Helper()
	var value any
	if err := yaml.Load([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(jsonable(value)); (err == nil) != valid {
		t.Errorf("%s: the schema says %v", text, err)
	}
	doc, found := Parse("x", []byte(text))
	if found == nil {
		var s scenario
		found = doc.Decode(&s, policies)
	}
	if (found == nil) != valid {
		t.Errorf("%s: Decode says %v", text, found)
	}
}

// jsonable turns the maps of the YAML library into those of JSON.
func jsonable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = jsonable(v[k])
		}
	case map[any]any:
		m := map[string]any{}
		for k := range v {
			m[strings.TrimSpace(k.(string))] = jsonable(v[k])
		}
		return m
	case []any:
		for i := range v {
			v[i] = jsonable(v[i])
		}
	case int:
		return float64(v)
	}
	return v
}
