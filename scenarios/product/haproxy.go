package product

// facts/scheduling.md 3.2, 3.3, 4, 5, 8; slow-ramp.md 2; health-and-drain.md 2;
// persistence.md 3.
var haproxy = Product{
	Name: "haproxy", Title: "HAProxy",
	Doc:     "HAProxy 3.5-dev: two random choices, 16-step slow start, queues per server and per backend",
	Version: "3.5-dev5",
	Notes: []string{
		"Without a balance line 3.5-dev is random(2), older releases are roundrobin: write scheduler: round-robin for those.",
		"A server is checked only if its line says check; lbsim checks all.",
		"In HTTP mode HAProxy decides for each request: write mode: http. Left out, it is TCP mode.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "random", If: silent, Source: "HAProxy 3.5-dev5, src/cfgparse-listen.c; releases before it: roundrobin", Verified: true},
		{Path: "scheduler.choices", Text: "2", If: on("random"), Source: "HAProxy 3.5-dev5, src/cfgparse-listen.c, src/backend.c", Verified: true},
		{Path: "scheduler.replace", Text: "true", If: on("random", "two-choices"), Source: "HAProxy 3.5-dev5, src/lb_chash.c: draws may meet the same server", Verified: true},
		{Path: "scheduler.table", Text: "map", If: on(allHashes...), Source: "HAProxy 3.5-dev5, src/lb_map.c: hash-type map-based", Verified: true},
		{Path: "scheduler.like", Text: "haproxy", If: on("round-robin"), Source: "HAProxy 3.5-dev5, src/lb_fwrr.c", Verified: true},
		{Path: "scheduler.like", Text: "haproxy", If: on("random", "two-choices"), Source: "HAProxy 3.5-dev5, src/backend.c, src/lb_chash.c", Verified: true},
		{Path: "scheduler.like", Text: "haproxy", If: on("least-connections"), Source: "HAProxy 3.5-dev5, src/lb_fwlc.c; the random sub-lists of one key are left out", Verified: true},
		{Path: "scheduler.like", Text: "haproxy", If: []Is{is("scheduler.kind", allHashes...), is("scheduler.table", "map", "ring")}, Source: "HAProxy 3.5-dev5, src/lb_map.c, src/lb_chash.c, src/backend.c", Verified: true},
		{Path: "persistence", Text: "none", Source: "HAProxy 3.5-dev5, doc/configuration.txt: no stick, no cookie", Verified: true},
		{Path: "persistence.timeout", Text: forever, If: keeping("source-ip"), Source: "HAProxy 3.5-dev5, src/stick_table.c: without expire a record never expires", Verified: true},
		{Path: "persistence.timeout", Text: forever, If: keeping("cookie-insert"), Source: "HAProxy 3.5-dev5, src/http_ana.c: a browser-session cookie without maxidle, maxlife", Verified: true},
		{Path: "slow_start", Text: "none", Source: "HAProxy 3.5-dev5, src/server.c: slowstart is off", Verified: true},
		{Path: "slow_start.kind", Text: "haproxy", Source: "HAProxy 3.5-dev5, src/server.c server_recalc_eweight", Verified: true},
		{Path: "health.kind", Text: "tcp", Source: "HAProxy 3.5-dev5, src/check.c: check without option httpchk", Verified: true},
		{Path: "health.every", Text: "2s", If: []Is{is("health.kind", "tcp")}, Source: "HAProxy 3.5-dev5, src/server.c: inter", Verified: true},
		{Path: "health.timeout", Same: "health.every", If: []Is{is("health.kind", "tcp")}, Source: "HAProxy 3.5-dev5, src/check.c: inter, unless timeout check is given", Verified: true},
		{Path: "health.fall", Text: "3", If: []Is{is("health.kind", "tcp")}, Source: "HAProxy 3.5-dev5, src/server.c", Verified: true},
		{Path: "health.rise", Text: "2", If: []Is{is("health.kind", "tcp")}, Source: "HAProxy 3.5-dev5, src/server.c", Verified: true},
		{Path: "full", Text: "queue", If: on("random", "two-choices"), Source: "HAProxy 3.5-dev5, src/backend.c: a full winner means no server", Verified: true},
		{Path: "full", Text: "server-queue", If: on(allHashes...), Source: "HAProxy 3.5-dev5, src/backend.c, src/queue.c; the fact sheet says so of persistence only"},
		{Path: "full", Text: "next", Source: "HAProxy 3.5-dev5, src/lb_fwrr.c, src/lb_fwlc.c, src/lb_fas.c", Verified: true},
		{Path: "queue", Text: "-1", Source: "HAProxy: maxqueue 0, general knowledge; timeout queue is not modelled"},
		{Path: "redispatch", Text: "0", If: on(allHashes...), Source: "HAProxy 3.5-dev5, queues: a hash's retries stay without option redispatch; that it is off is general knowledge"},
		{Path: "redispatch", Text: "0", If: keeping("source-ip", "cookie-insert"), Source: "HAProxy 3.5-dev5, queues: a persistent client's retries stay without option redispatch; that it is off is general knowledge"},
		{Path: "redispatch", Text: "3", Source: "HAProxy 3.5-dev5, src/queue.c, src/backend.c: 3 retries, each may move without persistence or hash", Verified: true},
		{Path: "servers[].weight", Text: "1", Source: "HAProxy 3.5-dev5, src/lb_fwrr.c: 0 to 256", Verified: true},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "static-round-robin", "random", "two-choices", "least-connections", "first", "priority", "source-hash", "url-hash", "header-hash", "adaptive"},
		"scheduler.table":  {"map", "ring"},
		"persistence.kind": {"none", "source-ip", "cookie-insert", "cookie-server", "cookie-hash", "cookie-or-source-ip", "super-http", "ssl-session-id", "url-hash", "host-header", "query-item", "header", "rdp", "sip"},
		"slow_start.kind":  {"none", "haproxy"},
		"health.kind":      {"none", "tcp", "http", "agent", "passive"},
	},
}
