package nginxconf

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/scenarios"
	"lbsim/scenarios/convert"
)

// addresses gives every server of a scenario one.
func addresses(c *models.Config) map[string]string {
	list := map[string]string{}
	for i, s := range c.Servers {
		list[s.Name] = fmt.Sprintf("127.2.%d.%d:8081", i/250, i%250+1)
	}
	return list
}

// imported reads a configuration that was written.
func imported(t testing.TB, text []byte) *models.Config {
	t.Helper()
	b, err := Import(text, "nginx.conf", "again")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return config(t, "again.yaml", string(b.Scenario()))
}

// Whatever the product, what is written for any variant of a bundled scenario is
// accepted by nginx without a warning, for a machine of its own and for the lab, and
// says the same once it was read and written again.
func TestLibrary(t *testing.T) {
	seen, folder := map[string]bool{}, t.TempDir()
	for _, name := range scenarios.LibraryNames() {
		source, _ := scenarios.FromLibrary(name)
		f, err := scenarios.Load(source, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Variants {
			c := &f.Variants[i].Config
			for _, o := range []Options{
				{Addresses: addresses(c)},
				{Addresses: addresses(c), Lab: &LabOptions{ErrorLog: "syslog:server=127.0.0.1:5140", Folder: folder}},
			} {
				text, _, err := Export(c, o)
				if err != nil {
					if c.NLB == nil {
						t.Errorf("%s, %s: %v", name, f.Variants[i].Name, err)
					}
					continue
				}
				if seen[string(text)] {
					continue
				}
				seen[string(text)] = true
				if said := judged(t, text); said != "" {
					t.Errorf("%s, %s: %s\n%s", name, f.Variants[i].Name, said, text)
				}
				again := imported(t, text)
				text2, remarks, err := Export(again, o)
				if err != nil || len(remarks) > 0 {
					t.Errorf("%s, %s: %v, %v", name, f.Variants[i].Name, err, remarks)
				}
				if string(text) != string(text2) {
					t.Errorf("%s, %s: once more it is\n%s\nnot\n%s", name, f.Variants[i].Name, text2, text)
				}
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d configurations", len(seen))
	}
}

// lost returns what of a configuration does not come back as it was, once written and
// read, and is no remark either.
func lost(t *testing.T, c models.Config) (list []string) {
	t.Helper()
	text, remarks, err := Export(&c, Options{Addresses: addresses(&c)})
	if err != nil {
		t.Fatal(err)
	}
	told := func(path string) bool {
		return slices.ContainsFunc(remarks, func(r convert.Remark) bool { return strings.HasPrefix(r.Text, path) })
	}
	again := imported(t, text)
	c.Complete()
	again.Complete()
	if !reflect.DeepEqual(c.Balancer.Pair, again.Balancer.Pair) && !told("balancer.pair") {
		list = append(list, "the pair is lost")
	}
	for _, was := range c.Balancer.Services {
		// What nothing in the scenario makes use of.
		idle := map[string]bool{"product": true, "on_remove": !slices.ContainsFunc(c.Timeline, func(a models.Action) bool { return a.Remove != "" })}
		_, ranked := was.Scheduler.(*sched.Priority)
		idle["scheduler"] = ranked && !slices.ContainsFunc(was.Servers, func(m lb.MemberConfig) bool { return m.Backup })
		idle["spread"] = was.Instances == 1
		was.Servers = slices.DeleteFunc(slices.Clone(was.Servers), func(m lb.MemberConfig) bool { return m.Sorry })
		for _, key := range []string{"queue", "full", "resume"} {
			idle[key] = !slices.ContainsFunc(was.Servers, func(m lb.MemberConfig) bool { return m.MaxConnections > 0 })
		}
		is := again.Balancer.Services[slices.IndexFunc(again.Balancer.Services, func(s lb.Service) bool { return s.Name == was.Name })]
		x, y := reflect.ValueOf(was), reflect.ValueOf(is)
		for n := range x.NumField() {
			key, _, _ := strings.Cut(x.Type().Field(n).Tag.Get("yaml"), ",")
			path := servicePath(&was) + "." + key
			if !idle[key] && !reflect.DeepEqual(x.Field(n).Interface(), y.Field(n).Interface()) && !told(path) {
				list = append(list, fmt.Sprintf("%s was %+v and is %+v", path, x.Field(n), y.Field(n)))
			}
		}
	}
	return list
}

// What does not come back as it was is a remark: of every field of every service of
// the bundled scenarios, whatever their product.
func TestNothingOfTheLibraryIsSilent(t *testing.T) {
	for _, name := range scenarios.LibraryNames() {
		source, _ := scenarios.FromLibrary(name)
		f, err := scenarios.Load(source, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Variants {
			if f.Variants[i].Config.NLB != nil {
				continue
			}
			for _, what := range lost(t, f.Variants[i].Config) {
				t.Errorf("%s, %s: %s", name, f.Variants[i].Name, what)
			}
		}
	}
}

// The same of every policy that a service can have, with and without nginx's defaults.
func TestNoPolicyIsSilent(t *testing.T) {
	values := map[string][]string{
		"scheduler": sched.Table.Names(), "persistence": persist.Table.Names(), "slow_start": {"none", "{kind: linear, time: 60s}", "{kind: haproxy, time: 60s}"},
		"health": {"none", "tcp", "http", "passive", "{kind: passive, give_ups: true}", "{kind: tcp, every: 2s, observe: {layer: layer4}}", "{kind: none, passive: {max_fails: 2, statuses: true}}", "{kind: none, outlier: {}}"},
		"spread": lb.Spreads.Names(), "full": lb.Overflows.Names(), "on_down": lb.Fates.Names(), "on_up": lb.Comebacks.Names(), "on_remove": lb.Removals.Names(),
		"queue": {"0", "9"}, "resume": {"0%", "50%"}, "redispatch": {"0", "3"}, "panic": {"50%"}, "drain": {"{time: 5m, then: cut}"}, "sorry": {"late"},
		"connect_timeout": {"0s", "1ms", "10500us"}, "retries": {"2"}, "linger": {"10s"}, "offload": {"true"}, "instances": {"3"}, "port": {"0"},
	}
	count := 0
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[key] {
			for _, product := range []string{"", "  product: nginx\n"} {
				for _, mode := range []string{"tcp", "http"} {
					tls := ""
					if key == "offload" {
						tls = "  tls: {cores: 2}\n"
					}
					text := "name: x\nduration: 1m\nsites: [{name: all, clients: 9}]\ntraffic: [{name: t, from: [all], to: s, arrivals: {kind: poisson, rate: 1/s}, demand: 1ms, keys: [{name: url, values: 9}, {name: host, values: 9}]}]\n" +
						"balancer:\n" + product + tls + "  services:\n    - name: s\n      mode: " + mode + "\n      " + key + ": " + value + "\n      servers: [{name: a, max_connections: 5}, b]\n" +
						"servers: [{names: a, cores: 1}, {name: b, cores: 1}, {name: late, cores: 1}]\ntimeline: [{at: 5s, remove: b}]\n"
					f, err := scenarios.Load(scenarios.Source{Name: "x.yaml", Text: []byte(text)}, nil)
					if err != nil {
						continue // not in this mode
					}
					count++
					for _, what := range lost(t, f.Variants[0].Config) {
						t.Errorf("%s: %s, mode %s, %q: %s", key, value, mode, product, what)
					}
				}
			}
		}
	}
	if count < 200 {
		t.Errorf("only %d scenarios", count)
	}
}

// nginxService draws a service that nginx can be told of exactly.
func nginxService(t *rapid.T, name string, port int) string {
	one := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	mode := one("mode", "tcp", "http")
	schedulers := []string{"round-robin", "least-connections", "random", "two-choices", "source-hash", "{kind: source-hash, table: ring}"}
	if mode == "http" {
		schedulers = append(schedulers, "ip-hash", "url-hash", "{kind: header-hash, header: x-user, table: ring}")
	}
	scheduler := one("scheduler", schedulers...)
	var b strings.Builder
	fmt.Fprintf(&b, "    - name: %s\n      port: %d\n      mode: %s\n      scheduler: %s\n", name, port, mode, scheduler)
	b.WriteString(one("health", "", "      health: none\n", "      health: {kind: passive, max_fails: 3}\n", "      health: {kind: passive, fail_timeout: 90s}\n"))
	b.WriteString(one("redispatch", "", "      redispatch: 0\n", "      redispatch: 2\n"))
	b.WriteString(one("connect", "", "      connect_timeout: 1500ms\n", "      connect_timeout: 2m\n"))
	hashes := strings.Contains(scheduler, "hash")
	backups := strings.HasPrefix(scheduler, "round") || strings.HasPrefix(scheduler, "least")
	b.WriteString("      servers:\n")
	for i := range rapid.IntRange(1, 4).Draw(t, "servers") {
		// A ring hashes the names, which nginx has only as addresses.
		fmt.Fprintf(&b, "        - {name: \"10.0.0.%d:%d\"", i+1, port)
		least := 0
		if hashes || i == 0 {
			least = 1
		}
		fmt.Fprintf(&b, ", weight: %d, max_connections: %d", rapid.IntRange(least, 9).Draw(t, "weight"), rapid.SampledFrom([]int{0, 0, 100}).Draw(t, "limit"))
		if backups && i > 0 && rapid.Bool().Draw(t, "backup") {
			b.WriteString(", backup: true")
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// What nginx can be told exactly is the same balancer once it was written and read.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var text strings.Builder
		text.WriteString("name: drawn\nduration: 1m\nsites: [{name: all, clients: 10}]\ntraffic:\n")
		services := rapid.IntRange(1, 3).Draw(r, "services")
		for i := range services {
			fmt.Fprintf(&text, "  - {name: t%[1]d, from: [all], to: s%[1]d, arrivals: {kind: poisson, rate: 1/s}, demand: 1ms, keys: [{name: url, values: 9}, {name: x-user, values: 9}]}\n", i)
		}
		fmt.Fprintf(&text, "balancer:\n  product: nginx\n%s  services:\n", rapid.SampledFrom([]string{"", "  source: transparent\n"}).Draw(r, "source"))
		for i := range services {
			text.WriteString(nginxService(r, fmt.Sprintf("s%d", i), 8000+i))
			if n := rapid.SampledFrom([]int{1, 4}).Draw(r, "instances"); n > 1 {
				s := text.String()
				at := strings.LastIndex(s, "      servers:\n")
				text.Reset()
				text.WriteString(s[:at] + fmt.Sprintf("      instances: %d\n", n) + s[at:])
			}
		}
		text.WriteString("servers:\n")
		for i := range services {
			for k := range 4 {
				fmt.Fprintf(&text, "  - {name: \"10.0.0.%d:%d\", cores: 1}\n", k+1, 8000+i)
			}
		}
		f, err := scenarios.Load(scenarios.Source{Name: "drawn.yaml", Text: []byte(text.String())}, nil)
		if err != nil {
			r.Fatalf("%v\n%s", err, text.String())
		}
		c := &f.Variants[0].Config
		out, remarks, err := Export(c, Options{})
		if err != nil || len(remarks) > 0 {
			r.Fatalf("%v, %+v\n%s", err, remarks, out)
		}
		b, err := Import(out, "nginx.conf", "drawn")
		if err != nil || len(b.Remarks) > 0 {
			r.Fatalf("%v, %+v\n%s", err, b, out)
		}
		again, err := scenarios.Load(scenarios.Source{Name: "again.yaml", Text: b.Scenario()}, nil)
		if err != nil {
			r.Fatalf("%v\n%s", err, b.Scenario())
		}
		// Services of http come before those of stream.
		byName := func(c *models.Config) map[string]any {
			all := map[string]any{"source": c.Balancer.Source}
			for _, s := range c.Balancer.Services {
				all[s.Name] = s
			}
			return all
		}
		was, is := byName(c), byName(&again.Variants[0].Config)
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if !reflect.DeepEqual(was[name], is[name]) {
				r.Fatalf("%s\nwas %+v\nis  %+v\n%s", name, was[name], is[name], out)
			}
		}
	})
}

// What an unusual scenario says that nginx cannot be told is a remark.
func TestRemarks(t *testing.T) {
	const scenario = `
name: all
duration: 1m
sites: [{name: clients, clients: 10}]
traffic: [{name: t, from: [clients], to: rpc, arrivals: {kind: poisson, rate: 10/s}, demand: 20ms}]
balancer:
  product: haproxy
  pair: {failover: 3s}
  services:
    - name: rpc
      port: 443
      scheduler: first
      persistence: {kind: source-ip, timeout: 1h}
      slow_start: 60s
      health: {kind: tcp, every: 2s, fall: 3, rise: 2}
      on_down: reset
      sorry: sorry
      servers: [{name: ex1, max_connections: 9}, {name: ex2, weight: 0}, {name: late}]
    - name: web
      port: 443
      mode: http
      scheduler: {kind: source-hash, table: ring}
      servers: ["ex[1-2]"]
servers: [{names: "ex[1-2]", cores: 4}, {name: sorry, cores: 1}, {name: late, cores: 1}]
timeline: [{at: 10s, add: late}]
`
	text, remarks, err := Export(config(t, "all.yaml", scenario), Options{})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, r := range remarks {
		said[r.Text] += r.Why + "\n"
	}
	for path, want := range map[string]string{
		"balancer.pair":                        "keepalived",
		"balancer.services.rpc.scheduler":      "round robin instead",
		"balancer.services.rpc.persistence":    "not kept on their servers",
		"balancer.services.rpc.slow_start":     "nginx has no such ramp",
		"balancer.services.rpc.health":         "passive checks instead, max_fails=1 in 10s",
		"balancer.services.rpc.on_down":        "keeps the connections",
		"balancer.services.rpc.sorry":          "left to you",
		"balancer.services.rpc.servers":        "late is added by the timeline",
		"balancer.services.rpc.queue":          "do not wait",
		"balancer.services.rpc.retries":        "does not try the same server twice",
		"balancer.services.web.port":           "listens at",
		"balancer.services.web.scheduler.like": "has like: haproxy",
	} {
		if !strings.Contains(said[path], want) {
			t.Errorf("%s: %q, not %q", path, said[path], want)
		}
	}
	if said := judged(t, text); said != "" {
		t.Errorf("%s\n%s", said, text)
	}
}
