package nlb

import (
	"strings"
	"testing"
	"time"
)

func TestDefaultsAreValid(t *testing.T) {
	var c Config
	c.SetDefaults()
	var r Rule
	r.SetDefaults()
	c.Rules = map[string]Rule{"rpc": r}
	if ps := c.Validate(); len(ps) != 0 {
		t.Errorf("the defaults have problems: %v", ps)
	}
	if !c.Keeps("rpc") || !c.Keeps("any other") {
		t.Error("single affinity does not keep clients")
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		path   string
		change func(*Config)
	}{
		{"heartbeat", func(c *Config) { c.Heartbeat = 0 }},
		{"heartbeat", func(c *Config) { c.Heartbeat = time.Hour }},
		{"missed", func(c *Config) { c.Missed = 0 }},
		{"missed", func(c *Config) { c.Missed = 256 }},
		{"convergence", func(c *Config) { c.Convergence = -1 }},
		{"convergence", func(c *Config) { c.Convergence = time.Hour }},
		{"buckets", func(c *Config) { c.Buckets = 0 }},
		{"buckets", func(c *Config) { c.Buckets = 1 << 20 }},
		{"existing", func(c *Config) { c.Existing = "drop" }},
		{"mode", func(c *Config) { c.Mode = "" }},
		{"rules.rpc.mode", func(c *Config) { c.Rules = map[string]Rule{"rpc": {Mode: "all", Affinity: NoAffinity}} }},
		{"rules.rpc.affinity", func(c *Config) { c.Rules = map[string]Rule{"rpc": {Mode: Multiple, Affinity: "class-c"}} }},
		{"rules.rpc.extended_affinity", func(c *Config) {
			c.Rules = map[string]Rule{"rpc": {Mode: Multiple, Affinity: NoAffinity, Extended: time.Minute}}
		}},
		{"rules.rpc.extended_affinity", func(c *Config) {
			c.Rules = map[string]Rule{"rpc": {Mode: Multiple, Affinity: SingleAffinity, Extended: 5 * time.Hour}}
		}},
	} {
		var x Config
		x.SetDefaults()
		c.change(&x)
		ps := x.Validate()
		if len(ps) != 1 || !strings.HasPrefix(ps[0].Path, c.path) {
			t.Errorf("%s: found %v", c.path, ps)
		}
	}
}
