package dag

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios/strict"
)

const twoMembers = `
members: [ex1, {name: ex2, dial: lossless, max_active: 20, blocked: true}]
witness: fs1
heartbeat: 2s
copy_rate: 5/s
databases:
  - {name: db1, copies: [ex1, {on: ex2, lag: 168h, blocked: true, index: crawling}]}
`

// A scenario's text becomes what it says, and the rest has defaults.
func TestConfigFromText(t *testing.T) {
	var c Config
	c.SetDefaults()
	doc, found := strict.Parse("dag", []byte(twoMembers))
	if doc != nil {
		found = doc.Decode(&c, nil)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	if ps := append(flow.Check(&c), c.CheckNames()...); len(ps) != 0 {
		t.Error(ps)
	}
	ex1 := Member{Name: "ex1", Dial: GoodAvailability}
	ex2 := Member{Name: "ex2", Dial: Lossless, MaxActive: 20, Blocked: true}
	if !slices.Equal(c.Members, []Member{ex1, ex2}) {
		t.Errorf("members are %+v", c.Members)
	}
	want := []Copy{{On: "ex1", Index: IndexHealthy}, {On: "ex2", Lag: 168 * time.Hour, Blocked: true, Index: IndexCrawling}}
	if b := c.Databases[0]; !slices.Equal(b.Copies, want) || b.Logs != 1 {
		t.Errorf("the database is %+v", b)
	}
	if c.Witness != "fs1" || c.Detect() != 20*time.Second || c.CopyRate != 5 || c.Quorum != Dynamic {
		t.Errorf("the group is %+v", c)
	}
}

// What the documents say, and the sum of 30 s.
func TestDefaults(t *testing.T) {
	var c Config
	c.SetDefaults()
	if sum := c.Detect() + c.Decide + c.Mount; sum != 30*time.Second {
		t.Errorf("a crash takes %v", sum)
	}
	for dial, logs := range map[Dial]int{Lossless: 0, GoodAvailability: 6, BestAvailability: 12} {
		if dial.Logs() != logs {
			t.Errorf("%s loses up to %d", dial, dial.Logs())
		}
	}
}

func TestProblems(t *testing.T) {
	valid := func() Config {
		c := group(3)
		c.add(0, 1, 2)
		c.add(1, 2)
		return c
	}
	c := valid()
	if ps := append(flow.Check(&c), c.CheckNames()...); len(ps) != 0 {
		t.Fatal(ps)
	}
	for _, x := range []struct {
		path   string
		change func(*Config)
	}{
		{"members", func(c *Config) { c.Members, c.Databases = nil, nil }},
		{"members", func(c *Config) { c.Members = group(17).Members }},
		{"members[0].name", func(c *Config) { c.Members[0].Name, c.Databases = "", nil }},
		{"members[1].name", func(c *Config) { c.Members[1].Name = "ex1"; c.Databases = nil }},
		{"members[2].dial", func(c *Config) { c.Members[2].Dial = "best" }},
		{"members[2].max_active", func(c *Config) { c.Members[2].MaxActive = -1 }},
		{"witness", func(c *Config) { c.Witness = "" }},
		{"quorum", func(c *Config) { c.Quorum = "" }},
		{"witness_vote", func(c *Config) { c.WitnessVote = "sometimes" }},
		{"heartbeat", func(c *Config) { c.Heartbeat = 0 }},
		{"missed", func(c *Config) { c.Missed = 0 }},
		{"decide", func(c *Config) { c.Decide = -1 }},
		{"mount", func(c *Config) { c.Mount = 1000 * time.Hour }},
		{"remount", func(c *Config) { c.Remount = -1 }},
		{"parallel", func(c *Config) { c.Parallel = -1 }},
		{"pam_move", func(c *Config) { c.PAMMove = -1 }},
		{"switchover", func(c *Config) { c.Switchover = -1 }},
		{"preference_move", func(c *Config) { c.PreferenceMove = time.Millisecond }},
		{"copy_rate", func(c *Config) { c.CopyRate = 0 }},
		{"replay_rate", func(c *Config) { c.ReplayRate = -1 }},
		{"databases[1].name", func(c *Config) { c.Databases[1].Name = "db1" }},
		{"databases[0]", func(c *Config) { c.Databases[0].Name = "" }},
		{"databases[0]", func(c *Config) { c.Databases[0].Names = "db[1-2]" }},
		{"databases[0].rotate", func(c *Config) { c.Databases[0].Rotate = true }},
		{"databases[0].each", func(c *Config) { c.Databases[0].Each = 1 }},
		{"databases[0].logs", func(c *Config) { c.Databases[0].Logs = -1 }},
		{"databases[0].copies", func(c *Config) { c.Databases[0].Copies = nil }},
		{"databases[0].copies[0].on", func(c *Config) { c.Databases[0].Copies[0].On = "ex9" }},
		{"databases[0].copies[0].on", func(c *Config) { c.Databases[0].Copies[0].On = "" }},
		{"databases[0].copies[1].on", func(c *Config) { c.Databases[0].Copies[1].On = "ex1" }},
		{"databases[0].copies[2].preference", func(c *Config) { c.Databases[0].Copies[2].Preference = 1 }},
		{"databases[0].copies[0].preference", func(c *Config) { c.Databases[0].Copies[0].Preference = -1 }},
		{"databases[1].copies[1].preference", func(c *Config) {
			c.Databases[1].Copies[0].Preference, c.Databases[1].Copies[1].Preference = 1, 1
		}},
		{"databases[1].copies[0].preference", func(c *Config) {
			c.Databases[1].Copies[0].Preference, c.Databases[1].Copies[1].Preference = 3, 1
		}},
		{"databases[0].copies[0].preference", func(c *Config) {
			b := &c.Databases[0]
			b.Name, b.Names, b.Rotate = "", "db[1-2]", true
			for j := range b.Copies {
				b.Copies[j].Preference = j + 1
			}
		}},
		{"databases[0].copies[0].lag", func(c *Config) { c.Databases[0].Copies[0].Lag = 15 * 24 * time.Hour }},
		{"databases[0].copies[0].copy_queue", func(c *Config) { c.Databases[0].Copies[0].CopyQueue = -1 }},
		{"databases[0].copies[0].replay_queue", func(c *Config) { c.Databases[0].Copies[0].ReplayQueue = 1e7 }},
		{"databases[0].copies[0].index", func(c *Config) { c.Databases[0].Copies[0].Index = "" }},
	} {
		c := valid()
		x.change(&c)
		ps := append(flow.Check(&c), c.CheckNames()...)
		if !slices.ContainsFunc(ps, func(p flow.Problem) bool { return p.Path == x.path }) {
			t.Errorf("%s: found %v", x.path, ps)
		}
		if len(ps) > 3 || slices.ContainsFunc(ps, func(p flow.Problem) bool { return p.Text == "" || strings.HasSuffix(p.Text, ".") }) {
			t.Errorf("%s: found %v", x.path, ps)
		}
	}
}

// Twelve databases with rotating copies on four members: each is preferred by
// three, and its three go one to each of the others when it is gone.
func TestRotatedCopies(t *testing.T) {
	d := Database{Copies: []Copy{{On: "a"}, {On: "b"}, {On: "c"}, {On: "d"}}}
	var got []string
	for i := range 12 {
		order := ""
		for _, c := range d.Rotated(i) {
			order += c.On
		}
		got = append(got, order)
	}
	want := []string{"abcd", "bcda", "cdab", "dabc", "acdb", "bdac", "cabd", "dbca", "adbc", "bacd", "cbda", "dcab"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if d.Each = 2; len(d.Rotated(7)) != 2 || d.Rotated(7)[1].On != "b" {
		t.Errorf("two each: %v", d.Rotated(7))
	}
}
