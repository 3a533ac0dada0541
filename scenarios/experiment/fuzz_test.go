package experiment_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"lbsim/models/traffic"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// tiny are scenarios of a few seconds with everything that a scenario can
// have, for FuzzRun to change.
var tiny = []string{
	`name: open
duration: 30s
traffic: [{name: web, arrivals: {kind: poisson, rate: 20/s}, demand: {kind: lognormal, mean: 100ms, cv: 2}}]
servers: [{names: "s[1-3]", slots: 4, queue: 2}, {name: s4, cores: 2, discipline: ps}]
timeline: [{at: 5s, fail: s1}, {at: 9s, recover: s1}]
`,
	`name: held
duration: 60s
warmup: 10s
replications: 2
sites: [{name: a, clients: 20, nat: {addresses: 3, sizes: {kind: zipf}}}, {names: "b[1-2]", clients: 5, nat: {pooling: arbitrary, addresses: 2}}]
traffic:
  - {name: x, from: [a], to: www, connections: {per_client: 2, lifetime: {kind: exponential, mean: 10s}}, requests: {rate: 1/s, demand: 20ms}, setup: {demand: 50ms}, retry: {backoff: {kind: uniform, first: 1s, max: 3s}}}
  - {name: y, from: ["b[1-2]"], to: mail, connections: {lifetime: {kind: weibull, mean: 5s, cv: 2}}, requests: {think: {kind: gamma, mean: 1s, cv: 0.5}, demand: {kind: pareto, mean: 5ms, alpha: 1.5}}}
balancer:
  services:
    - {name: www, scheduler: least-connections, persistence: {kind: source-ip, timeout: 5s}, slow_start: {kind: linear, time: 10s}, servers: [{name: s1, max_connections: 15}, {name: s2, weight: 2}, s3]}
    - {name: mail, scheduler: two-choices, persistence: {kind: cookie-insert, timeout: 20s}, queue: 3, health: {every: 1s, fall: 1, rise: 1}, servers: [s2, {name: s3, max_connections: 2}]}
servers: [{names: "s[1-2]", cores: 2}, {name: s3, discipline: ps, slots: 3, queue: 0}]
timeline: [{at: 20s, fail: s2}, {at: 25s, fail: s3}, {at: 30s, recover: s2}, {at: 40s, recover: s3}]
variants: [{name: p}, {name: q, set: {balancer.services.www.scheduler: source-hash, servers.s1.discipline: ps}}]
expect: [{metric: storm.peak_factor, below: 3}, {metric: response_time.p99, below: 1s, between: [20s, 50s]}]
`,
	`name: replay
duration: 60s
sites: [{name: log, log: access.log, nat: {prefix: 24}}]
traffic:
  - {name: l, from: [log], arrivals: trace, demand: {kind: hyperexponential, mean: 1s, cv: 3}}
  - {name: t, trace: arrivals.csv, retry: {attempts: 3, backoff: {kind: exponential, first: 2s, max: 9s}}}
balancer: {services: [{name: www, scheduler: random, health: none, servers: ["s[1-2]"]}]}
servers: [{names: "s[1-2]", queue: 1}]
timeline: [{at: 1s, fail: s1}, {at: 2s, fail: s2}, {at: 6s, recover: s2}]
`,
	`name: hosted
duration: 5m
traffic: [{name: web, arrivals: {kind: poisson, rate: 20/s}, demand: {kind: exponential, mean: 50ms}, mailboxes: {while_dismounted: wait, relay: 5%}}]
servers: [{names: "s[1-3]", cores: 2, vm: same}]
cluster:
  platform: wsfc
  hosts: [{names: "h[1-3]", cores: 2, memory: 64GB, rack: r1, datastore: d1}]
  vms: [{names: "s[1-3]", cores: 2, memory: 20GB, on: "h[1-3]", classes: [A], boot: 10s}, {name: fs, memory: 1GB, on: h1, datastore: d2}]
  maintenance: {every: 2m, takes: 10s, patience: 20s}
  failures: {host: {mtbf: 4m, mttr: 20s}, vm: {mtbf: 3m, mttr: 5s}, rack: {mtbf: 10m, mttr: 10s}, burst: {}}
dag:
  members: ["s[1-3]"]
  witness: fs
  databases: [{names: "db[1-4]", copies: ["s[1-3]"], rotate: true}]
failures: {server: {mtbf: 2m, mttr: 5s}, service: {mtbf: 2m, mttr: 5s}, balancer: {mtbf: 5m, mttr: 5s}}
timeline: [{at: 20s, fail: h1}, {at: 50s, recover: h1}, {at: 60s, migrate: s2, to: h3}, {at: 70s, fail: d2}, {at: 80s, recover: d2}, {at: 90s, split: [[s1], [s2, witness]]}, {at: 100s, recover: network}, {at: 2m, classes: {of: s1, clear: true}}, {at: 130s, drain: h2}, {at: 140s, stop: "vm:s3"}, {at: 150s, start: s3}, {at: 160s, switchover: db1}, {at: 170s, fail: h3, how: unreachable}, {at: 200s, recover: h3}, {at: 210s, fail: witness}]
variants: [{name: p}, {name: q, set: {cluster.platform: vsphere}}, {name: r, set: {cluster.platform: proxmox}}]
`,
	`name: wired
duration: 60s
sites: [{name: near, clients: 10}, {name: far, clients: 10, rtt: 300ms, nat: {addresses: 1, ports: 30}}]
traffic:
  - {name: web, from: [near, far], to: www, arrivals: {kind: poisson, rate: 10/s}, demand: 20ms, exchange: {client_writes: [100, 200], server_writes: [500]}, retry: {timeout: 2s, attempts: 2}}
  - {name: mail, from: [near], to: rpc, connections: {lifetime: {kind: exponential, mean: 20s}}, requests: {think: 1s, demand: 5ms}, setup: {demand: 10ms, resumed: {demand: 1ms}}, exchange: {turns: [{client_writes: [300], server_writes: [1860]}, {client_writes: [50], server_writes: [50], think: 1ms}], count: 3}}
network: {rtt: 20ms, loss: 2%, client: {stack: windows}, server: {stack: linux}, inner: {rtt: 1ms, pooled: false, balancer: {stack: bsd}}, tls: 1.2, authentication: ntlm, introspection: {kind: split}}
balancer:
  pair: {}
  services: [{name: www, mode: http, servers: ["s[1-2]"]}, {name: rpc, on_down: hold, servers: ["s[1-2]"]}]
servers: [{names: "s[1-2]", cores: 2, queue: 5}]
timeline: [{at: 10s, fail: s1}, {at: 15s, recover: s1}, {at: 20s, fail: balancer}, {at: 25s, fail: far}, {at: 30s, recover: far}, {at: 35s, fail: s2, how: silent}, {at: 45s, recover: s2}]
failures: {server: {mtbf: 20s, mttr: 1s}}
variants: [{name: p}, {name: q, set: {network.loss: 0%, network.tls: none, network.server.stack: windows-2019}}]
`,
	`name: placed
duration: 100h
cluster:
  platform: kubernetes
  hosts: [{names: "h[1-4]", cores: 8, memory: 32GB}]
  vms: [{names: "v[1-12]", cores: 2, memory: 4GB, classes: [A]}]
  failures: {host: {mtbf: 20h, mttr: 2h, crews: 1}, common: [{name: patch, hosts: ["h[1-2]"], mtbf: 50h, mttr: 1h}]}
`,
}

var recorded = fstest.MapFS{
	"access.log": {Data: []byte(`10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 2326
10.0.0.2 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 2326
10.0.1.2 - - [10/Oct/2025:13:55:40 +0000] "GET / HTTP/1.1" 200 2326
`)},
	"arrivals.csv": {Data: []byte("t_s,client,src,hold_s,service,demand_s\n0,a,10.0.0.1,3,,0.5\n2.5,b,10.0.0.2,0,www,\n3,a,10.0.0.1,1e9,www,9\n")},
}

// Every scenario that is not refused, here with one value changed, runs to its
// end and obeys the laws, or ends because the servers cannot keep up.
func FuzzRun(f *testing.F) {
	for _, text := range tiny {
		f.Add([]byte(text), "seed", "2")
	}
	for _, set := range [][2]string{
		{"traffic.x.requests.think", "0s"}, {"traffic.x.connections.lifetime", "0s"}, {"servers.s1.queue", "-1"},
		{"balancer.services.www.scheduler", "{kind: round-robin}"}, {"sites.a.nat.sizes", "{kind: listed, of: [3, 2, 1]}"},
		{"balancer.services.www.servers.s2.weight", "0"}, {"traffic.y.retry.backoff", "none"}, {"storm.window", "1s"},
		{"traffic.x.connections.per_client", "10"}, {"duration", "61s"}, {"balancer.services.mail.health.timeout", "3s"},
	} {
		f.Add([]byte(tiny[1]), set[0], set[1])
	}
	f.Fuzz(func(t *testing.T, text []byte, path, value string) {
		src := scenarios.Source{Name: "fuzz.yaml", Text: text, Folder: recorded}
		file, err := scenarios.Load(src, []scenarios.Setting{{Flag: "--set", Path: path, Value: value}})
		if err != nil || file.Events > 1e5 || len(file.Variants)*file.Scenario.Replications.Most() > 50 {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err = experiment.Run(ctx, file, experiment.Options{Parallel: 2, Assignments: true})
		switch {
		case err == nil, errors.As(err, new(traffic.Overload)), errors.As(err, new(experiment.TooLargeError)):
		case errors.Is(err, context.DeadlineExceeded): // retries may be many more than expected
		default:
			t.Errorf("%v\n%s\n%s=%s", err, text, path, value)
		}
	})
}
