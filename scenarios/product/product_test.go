package product_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/scenarios"
	"lbsim/scenarios/product"
)

const head = `name: test
duration: 1m
traffic: [{name: web, arrivals: {kind: poisson, rate: 10/s}, demand: 20ms, to: web}]
servers: [{names: "s[1-3]"}]
`

// service is a scenario of one service with a product and some lines of its own.
func service(name string, lines ...string) string {
	text := head + "balancer:\n  product: " + name + "\n  services:\n    - name: web\n      servers: [\"s[1-3]\"]\n"
	for _, l := range lines {
		text += "      " + l + "\n"
	}
	return text
}

func load(t *testing.T, text string) *scenarios.File {
	t.Helper()
	f, err := scenarios.Load(scenarios.Source{Name: "test.yaml", Text: []byte(text)}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// explain returns a scenario's values of the service web by path, those of its
// servers under servers, the balancer's under source, and those of
// hosts without a balancer under nlb.
func explain(t *testing.T, text, variant string) map[string]scenarios.Value {
	t.Helper()
	x, ok := load(t, text).Explain(variant)
	if !ok {
		t.Fatalf("no variant %q", variant)
	}
	values := map[string]scenarios.Value{}
	for _, v := range x.Values {
		if path, ok := strings.CutPrefix(v.Path, "balancer.services.web."); ok {
			values[strings.ReplaceAll(path, "servers.s[1-3]", "servers")] = v
		}
		if path, ok := strings.CutPrefix(v.Path, "balancer.source"); ok {
			values["source"+path] = v
		}
		if strings.HasPrefix(v.Path, "nlb.") {
			values[strings.Replace(v.Path, "rules.web.", "rules.", 1)] = v
		}
	}
	return values
}

// What is known of each product: what holds if nothing is said, and
// what follows from the little that is. Dashes stand for what a product leaves
// to others.
func TestFacts(t *testing.T) {
	const sourceIP = "persistence: {kind: source-ip}"
	for _, c := range []struct {
		product string
		lines   []string
		want    string
	}{
		{"haproxy", nil, "scheduler.kind=random scheduler.choices=2 scheduler.like=haproxy health.kind=tcp health.every=2s health.timeout=2s health.fall=3 health.rise=2 full=queue queue=-1 redispatch=0 retries=3 retry_wait=1s slow_start=none persistence=none servers.weight=1 mode=tcp"},
		{"nginx", nil, "scheduler.kind=round-robin scheduler.like=nginx health.kind=passive health.max_fails=1 health.fail_timeout=10s full=next queue=0 redispatch=-1 slow_start=none persistence=none servers.weight=1"},
		{"envoy", nil, "scheduler.kind=round-robin scheduler.like=envoy full=reject queue=0 panic=50% slow_start=none health.kind=tcp"},
		{"ipvs", nil, "scheduler.kind=least-connections scheduler.like=ipvs full=next queue=0 resume=75% linger=2m slow_start=none persistence=none"},
		{"kemp", nil, "scheduler.kind=round-robin scheduler.like=kemp health.every=9s health.timeout=4s health.fall=2 full=next queue=0 slow_start=none persistence=none servers.weight=1000 servers.max_connections=0"},
		{"f5", nil, "scheduler.kind=round-robin health.every=5s health.fall=1 health.rise=1 full=next queue=0 slow_start.kind=linear slow_start.time=10s slow_start.like=f5 servers.weight=1 persistence=none"},
		{"netscaler", nil, "scheduler.kind=least-connections health.every=5s health.timeout=2s health.fall=3 health.rise=1 slow_start.kind=startup-round-robin slow_start.requests=0"},
		{"alb", nil, "scheduler.kind=round-robin health.every=30s health.timeout=5s health.fall=2 health.rise=5 full=next queue=0 slow_start=none"},
		{"windows-nlb", nil, "nlb.heartbeat=1s nlb.missed=5 nlb.convergence=2.5s nlb.buckets=60 nlb.existing=keep nlb.mode=unicast nlb.rules.mode=multiple nlb.rules.affinity=single nlb.rules.extended_affinity=0s servers.weight=50"},
		{"katran", nil, "scheduler.kind=source-hash scheduler.table=maglev scheduler.like=katran-v2 slow_start=none"},

		// The product's own slow start for a time alone.
		{"haproxy", []string{"slow_start: 60s"}, "slow_start.kind=haproxy slow_start.time=1m"},
		{"nginx", []string{"slow_start: {time: 60s}"}, "slow_start.kind=linear slow_start.time=1m slow_start.like=nginx"},
		{"envoy", []string{"slow_start: 60s"}, "slow_start.kind=envoy slow_start.window=1m slow_start.aggression=1 slow_start.min_weight=10%"},
		{"envoy", []string{"slow_start: {window: 30s, aggression: 2}"}, "slow_start.kind=envoy slow_start.window=30s slow_start.aggression=2"},
		{"kemp", []string{"slow_start: 60s"}, "slow_start.kind=linear slow_start.time=1m slow_start.like=kemp"},
		{"f5", []string{"slow_start: {kind: linear, time: 60s}"}, "slow_start.kind=linear slow_start.time=1m slow_start.like=f5"},
		{"f5", []string{"slow_start: none"}, "slow_start=none"},
		{"alb", []string{"slow_start: 60s"}, "slow_start.kind=linear slow_start.time=1m slow_start.like=alb"},
		{"haproxy", []string{"slow_start: {kind: linear, time: 60s}"}, "slow_start.kind=linear slow_start.like=none"},

		// The product's variant of an algorithm, and what goes with it.
		{"haproxy", []string{"scheduler: round-robin"}, "scheduler.kind=round-robin scheduler.like=haproxy full=next redispatch=0"},
		{"haproxy", []string{"scheduler: least-connections"}, "scheduler.like=haproxy full=next"},
		{"haproxy", []string{"scheduler: first"}, "scheduler=first full=next"},
		{"haproxy", []string{"scheduler: two-choices"}, "scheduler.like=haproxy full=queue"},
		{"haproxy", []string{"scheduler: source-hash"}, "scheduler.table=map scheduler.like=haproxy full=server-queue redispatch=0"},
		{"haproxy", []string{"scheduler: {kind: source-hash, table: ring}"}, "scheduler.table=ring scheduler.like=haproxy"},
		{"haproxy", []string{"scheduler: {kind: source-hash, table: maglev}"}, "scheduler.table=maglev scheduler.like=none"},
		{"nginx", []string{"scheduler: source-hash"}, "scheduler.table=map scheduler.like=nginx"},
		{"nginx", []string{"scheduler: {kind: random, choices: 3}"}, "scheduler.choices=3 scheduler.like=none"},
		{"envoy", []string{"scheduler: source-hash"}, "scheduler.table=ring scheduler.like=envoy"},
		{"envoy", []string{"scheduler: {kind: source-hash, table: maglev}"}, "scheduler.table=maglev scheduler.like=envoy"},
		{"envoy", []string{"scheduler: two-choices"}, "scheduler.replace=true scheduler.like=envoy"},
		{"ipvs", []string{"scheduler: source-hash"}, "scheduler.table=map scheduler.like=ipvs"},
		{"ipvs", []string{"scheduler: {kind: random, choices: 2}"}, "scheduler.like=ipvs"},
		{"ipvs", []string{"scheduler: {kind: source-hash, table: maglev}"}, "scheduler.like=ipvs"},
		{"f5", []string{"scheduler: priority"}, "scheduler.like=f5 scheduler.within.kind=round-robin"},
		{"envoy", []string{"scheduler: {kind: priority, within: least-connections}"}, "scheduler.like=envoy scheduler.within.kind=least-connections scheduler.within.like=envoy"},
		{"nginx", []string{"scheduler: url-hash"}, "scheduler.table=map scheduler.like=nginx"},
		{"envoy", []string{"scheduler: header-hash"}, "scheduler.table=ring scheduler.like=envoy"},
		{"envoy", []string{"scheduler: peak-ewma"}, "scheduler.like=envoy"},
		{"kemp", []string{"scheduler: least-connections"}, "scheduler.like=kemp"},
		{"f5", []string{"scheduler: least-connections"}, "scheduler.like=f5"},

		// How long a client is remembered.
		{"haproxy", []string{sourceIP}, "persistence.timeout=3650d redispatch=0"},
		{"ipvs", []string{sourceIP}, "persistence.timeout=6m"},
		{"kemp", []string{sourceIP}, "persistence.timeout=6m"},
		{"f5", []string{sourceIP}, "persistence.timeout=3m"},
		{"netscaler", []string{"persistence: source-ip"}, "persistence.timeout=2m"},
		{"alb", []string{"persistence: cookie-insert"}, "persistence.timeout=1d"},
		{"f5", []string{"persistence: cookie-insert"}, "persistence.timeout=3650d"},
		{"nginx", []string{"persistence: cookie-server"}, "persistence.timeout=10m persistence.full=reschedule persistence.drained=keep"},
		{"f5", []string{"persistence: ssl-session-id"}, "persistence.timeout=3m"},

		// What becomes of a client whose server is full, drains or is down.
		{"haproxy", []string{sourceIP}, "persistence.full=wait persistence.drained=keep persistence.down=reschedule persistence.touch_down=true persistence.store=taken persistence.evict=oldest"},
		{"haproxy", []string{"persistence: rdp"}, "persistence.timeout=3650d persistence.touch_down=true redispatch=0"},
		{"haproxy", []string{"persistence: cookie-insert"}, "persistence.full=wait persistence.touch_down=false persistence.store=sent"},
		{"ipvs", []string{sourceIP}, "persistence.full=override persistence.drained=keep persistence.hold_while_open=true persistence.prefix=32"},
		{"kemp", []string{sourceIP}, "persistence.full=reschedule persistence.drained=keep persistence.drain_time=5m persistence.round=1m persistence.refresh=use"},
		{"kemp", []string{"persistence: {kind: source-ip, drained: discard}"}, "persistence.drained=discard persistence.drain_time=0s"},
		{"f5", []string{sourceIP}, "persistence.full=reschedule persistence.drained=keep persistence.prefix=32"},
		{"netscaler", []string{"persistence: ssl-session-id"}, "persistence.timeout=2m persistence.drained=discard persistence.size=250000"},
		{"alb", []string{"persistence: cookie-insert"}, "persistence.drained=discard"},

		// What is looked up in mode http, and modes of few products.
		{"kemp", []string{"persistence: cookie-insert"}, "persistence.per=connection persistence.keep_alive=1m"},
		{"kemp", []string{"persistence: {kind: cookie-insert, per: request}"}, "persistence.per=request"},
		{"haproxy", []string{"persistence: cookie-insert"}, "persistence.per=request"},
		{"kemp", []string{"persistence: rdp-token"}, "persistence.timeout=6m persistence.tokens=100% persistence.drain_time=5m"},
		{"f5", []string{"persistence: dest-ip"}, "persistence.timeout=3m"},
		{"netscaler", []string{"persistence: dest-ip"}, "persistence.size=250000"},

		// What servers see of the clients.
		{"haproxy", nil, "source.kind=snat source.ports=28232 source.rest=1m source.addresses=1"},
		{"nginx", nil, "source.kind=snat source.ports=28232"},
		{"envoy", nil, "source.kind=snat source.ports=28232"},
		{"alb", nil, "source.kind=snat source.ports=64512"},
		{"f5", nil, "source.kind=snat"},
		{"netscaler", nil, "source.kind=snat"},
		{"kemp", nil, "source.kind=transparent"},
		{"ipvs", nil, "source.kind=transparent"},
		{"katran", nil, "source.kind=transparent"},

		// What the file says counts.
		{"kemp", []string{"health: {every: 20s, fall: 4}", "queue: 7"}, "health.every=20s health.timeout=4s health.fall=4 queue=7"},
		{"haproxy", []string{"health: {every: 10s}"}, "health.every=10s health.timeout=10s"},
		{"haproxy", []string{"health: none"}, "health.kind=none"},

		// What products do differently about checks.
		{"haproxy", []string{"health: http"}, "health.pace=after health.start=failing health.pause=true"},
		{"haproxy", []string{"health: agent"}, "health.fall=1 health.rise=1"},
		{"haproxy", []string{"mode: http", "health: {observe: {layer: layer7}}"}, "health.observe.layer=layer7 health.observe.error_limit=10 health.observe.on_error=fail-check"},
		{"kemp", nil, "health.pace=retry"},
		{"f5", nil, "health.timeout=16s health.timeout_from=answer"},
		{"alb", nil, "health.kind=http health.start=checking"},
		{"envoy", []string{"health: {kind: http, outlier: {errors: 3}}"}, "health.pace=after health.start=checking health.error_fall=true health.idle_every=1m health.outlier.errors=3 health.outlier.interval=10s health.outlier.base_time=30s health.outlier.max_time=5m health.outlier.max_ejected=10% health.outlier.success_rate_factor=1.9"},
		{"nginx", []string{"health: {every: 10s}"}, "health.kind=tcp health.every=10s health.fall=1 health.rise=1"},
		{"nginx", []string{"scheduler: {kind: round-robin, like: none}"}, "scheduler.like=none"},
		{"haproxy", []string{"product: nginx"}, "scheduler.like=nginx queue=0"},
	} {
		values := explain(t, service(c.product, c.lines...), "")
		for _, pair := range strings.Fields(c.want) {
			path, want, _ := strings.Cut(pair, "=")
			if got, ok := values[path]; !ok || got.Text != want {
				t.Errorf("%s %v: %s is %q, want %q", c.product, c.lines, path, got.Text, want)
			}
		}
	}
}

// A variant of another product has that product's values and not the first's; a
// member that the file describes keeps what it says.
func TestVariants(t *testing.T) {
	text := service("kemp", "queue: 5") + `variants:
  - {name: kemp}
  - {name: nginx, set: {balancer.product: nginx}}
  - {name: heavy, set: {balancer.services.web.servers.s2.weight: 3}}
  - {name: service, set: {balancer.services.web.product: ipvs}}
`
	for variant, want := range map[string]map[string]string{
		"":        {"source.kind": "transparent", "scheduler.like": "kemp", "health.every": "9s", "servers.weight": "1000", "queue": "5"},
		"nginx":   {"source.kind": "snat", "scheduler.like": "nginx", "health.kind": "passive", "servers.weight": "1", "queue": "5", "redispatch": "-1"},
		"heavy":   {"servers.s1.weight": "1000", "servers.s2.weight": "3", "servers.s3.weight": "1000"},
		"service": {"scheduler.kind": "least-connections", "linger": "2m", "product": "ipvs"},
	} {
		values := explain(t, text, variant)
		for path, text := range want {
			if values[path].Text != text {
				t.Errorf("variant %q: %s is %q, want %q", variant, path, values[path].Text, text)
			}
		}
	}
	for path, v := range explain(t, text, "nginx") {
		if v.Origin == scenarios.ByProduct && v.Name != "nginx" {
			t.Errorf("variant nginx: %s comes from %s", path, v.Name)
		}
	}
}

// A flag decides on the product like the file, and counts more than it.
func TestFlag(t *testing.T) {
	f, err := scenarios.Load(scenarios.Source{Name: "test.yaml", Text: []byte(head)}, []scenarios.Setting{
		{Flag: "--set", Path: "balancer.product", Value: "ipvs"}, {Flag: "--set", Path: "traffic.web.to", Value: "all"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := f.Scenario.Balancer.Services[0]
	if s.Name != "all" || s.Resume != 0.75 || len(s.Servers) != 1 || s.Servers[0].Name != "s[1-3]" {
		t.Errorf("%+v", s)
	}
}

// Without a product nothing changes.
func TestNoProduct(t *testing.T) {
	for path, v := range explain(t, strings.Replace(service("kemp"), "  product: kemp\n", "", 1), "") {
		if v.Origin == scenarios.ByProduct {
			t.Errorf("%s comes from a product", path)
		}
	}
}

// Every product documents itself, every value has a source, and what the
// product gives is among what it has.
func TestTable(t *testing.T) {
	for _, p := range product.Table {
		if p.Title == "" || p.Doc == "" || p.Version == "" || strings.Contains(p.Doc, "\n") || product.Find(p.Name) != p {
			t.Errorf("%s: title, one line of documentation and version are expected: %+v", p.Name, p)
		}
		for _, v := range p.Values {
			if v.Path == "" || (v.Text == "") == (v.Same == "") || len(v.Source) < 10 {
				t.Errorf("%s: %+v", p.Name, v)
			}
			if !v.Verified && strings.HasSuffix(v.Source, ".c") {
				t.Errorf("%s: %s: why is it not verified?", p.Name, v.Path)
			}
			for _, path := range []string{v.Path, v.Path + ".kind"} {
				if has, ok := p.Has[path]; ok && !slices.Contains(has, v.Text) {
					t.Errorf("%s: %s %s is not among what it has", p.Name, v.Path, v.Text)
				}
			}
		}
	}
	if product.Find("") != nil || product.Find("aws-nlb") != nil {
		t.Error("products that are none")
	}
}

// Every product goes with every algorithm, every kind of persistence and every
// way to write a slow start, and no value of a preset is left over.
func TestEveryValueIsUsed(t *testing.T) {
	schedulers := []string{"", "scheduler: {kind: random, choices: 2}", "scheduler: {kind: source-hash, table: ring}", "scheduler: {kind: source-hash, table: maglev}"}
	for _, k := range sched.Table {
		schedulers = append(schedulers, "scheduler: "+k.Name)
	}
	others := []string{"", "health: {every: 10s}", "slow_start: 60s", "slow_start: {kind: linear, time: 60s}", "slow_start: none", "health: tcp", "health: agent", "health: none", "health: passive"}
	for _, k := range persist.Table {
		others = append(others, "persistence: "+k.Name)
	}
	for _, p := range product.Table {
		left := map[*product.Value]bool{}
		for i := range p.Values {
			left[&p.Values[i]] = true
		}
		try := func(lines ...string) {
			text := service(p.Name, slices.DeleteFunc(lines, func(l string) bool { return l == "" })...)
			for _, v := range explain(t, text, "") {
				delete(left, v.Preset)
			}
		}
		for _, s := range schedulers {
			try(s, "")
			try(s, "slow_start: 60s")
		}
		for _, o := range others {
			try(o)
		}
		for _, v := range slices.SortedFunc(maps.Keys(left), func(a, b *product.Value) int { return strings.Compare(a.Path, b.Path) }) {
			t.Errorf("%s: nothing uses %s = %s (%s)", p.Name, v.Path, v.Text, v.Source)
		}
	}
}

func ExampleFind() {
	p := product.Find("kemp")
	fmt.Println(p.Title, "-", p.Doc)
	// Output: KEMP LoadMaster - KEMP LoadMaster: round robin, weight 1000, checks every 9 s, no queue
}

// What a user reads of a product speaks of the product, not of our papers.
func TestWords(t *testing.T) {
	for _, p := range product.Table {
		texts := append([]string{p.Doc, p.Version}, p.Notes...)
		for i := range p.Values {
			texts = append(texts, p.Values[i].Source)
		}
		for _, text := range texts {
			for _, word := range []string{"sheet", "facts/", ".md"} {
				if strings.Contains(text, word) {
					t.Errorf("%s: %q", p.Name, text)
				}
			}
		}
	}
}

// Who writes a kind of source, as a word or with an address, has that and what
// the product says of ports.
func TestSourceIsAsTheFileSays(t *testing.T) {
	for _, c := range []struct{ text, kind, addresses, ports string }{
		{"", "snat", "1", "28232"}, {"  source: transparent\n", "transparent", "1", "64512"},
		{"  source: snat\n", "snat", "1", "28232"}, {"  source: {addresses: 3}\n", "snat", "3", "28232"},
		{"  source: {kind: snat, ports: 5000}\n", "snat", "1", "5000"},
	} {
		values := explain(t, strings.Replace(service("haproxy"), "  services:", c.text+"  services:", 1), "")
		kind := values["source.kind"].Text
		if kind == "" {
			kind = values["source"].Text // alone
		}
		if kind != c.kind || values["source.addresses"].Text != c.addresses || values["source.ports"].Text != c.ports {
			t.Errorf("%q: %s, %s addresses, %s ports", c.text, kind, values["source.addresses"].Text, values["source.ports"].Text)
		}
	}
}

// Every value belongs to an area of the table of what is verified.
func TestAreas(t *testing.T) {
	for _, p := range product.Table {
		verified, all := p.Count()
		sum := 0
		for i := range all {
			if sum += all[i]; verified[i] > all[i] {
				t.Errorf("%s: %d of %d", p.Name, verified[i], all[i])
			}
		}
		if sum != len(p.Values) {
			t.Errorf("%s: %d values are in areas, of %d", p.Name, sum, len(p.Values))
		}
	}
}
