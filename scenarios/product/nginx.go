package product

// facts/scheduling.md 3.1, 4, 5, 6, 8; slow-ramp.md 1; health-and-drain.md 3;
// persistence.md 3.
var nginx = Product{
	Name: "nginx", Title: "nginx",
	Doc:     "nginx open source: smooth round robin, passive checks, every server tried once, no queue",
	Version: "1.31.5",
	Notes: []string{
		"nginx as an HTTP proxy decides for each request: write mode: http.",
		"Counts and failures are kept for each worker process unless the upstream has a zone; lbsim keeps them once.",
		"slow_start, active checks and the queue belong to the commercial edition.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "round-robin", If: silent, Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c", Verified: true},
		{Path: "scheduler.table", Text: "map", If: on(allHashes...), Source: "nginx 1.31.5, ngx_http_upstream_hash_module.c: hash without consistent", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: on("round-robin"), Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: []Is{is("scheduler.kind", "random"), is("scheduler.choices", none, "1", "2")}, Source: "nginx 1.31.5, ngx_http_upstream_random_module.c", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: on("two-choices"), Source: "nginx 1.31.5, ngx_http_upstream_random_module.c", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: on("least-connections"), Source: "nginx 1.31.5, ngx_http_upstream_least_conn_module.c", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: []Is{is("scheduler.kind", allHashes...), is("scheduler.table", "map", "ring"), is("scheduler.load_bound", none, "0")}, Source: "nginx 1.31.5, ngx_http_upstream_hash_module.c", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: on("least-response-time"), Source: "nginx 1.31.5, ngx_http_upstream_least_time_module.c", Verified: true},
		{Path: "scheduler.like", Text: "nginx", If: on("priority"), Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c: the backup group", Verified: true},
		{Path: "persistence", Text: "none", Source: "nginx.org, ngx_http_upstream_module: no sticky", Verified: true},
		{Path: "persistence.timeout", Text: forever, If: keeping("cookie-insert"), Source: "nginx.org, ngx_http_upstream_module, sticky cookie: to the end of the browser session", Verified: true},
		{Path: "slow_start", Text: "none", Source: "nginx.org, ngx_http_upstream_module, slow_start: 0, off", Verified: true},
		{Path: "slow_start.kind", Text: "linear", Source: "nginx.org, ngx_http_upstream_module, slow_start (commercial): from 0 to the weight; the curve is unpublished"},
		{Path: "slow_start.like", Text: "nginx", If: ramping("linear"), Source: "nginx.org, ngx_http_upstream_module: not with hash, ip_hash, random, nor for one server", Verified: true},
		{Path: "health.kind", Text: "passive", If: []Is{is("health.every", none), is("health.timeout", none), is("health.fall", none), is("health.rise", none)}, Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c", Verified: true},
		{Path: "health.kind", Text: "tcp", Source: "nginx.org, ngx_http_upstream_hc_module (commercial): what has an interval is an active check", Verified: true},
		{Path: "health.max_fails", Text: "1", If: []Is{is("health.kind", "passive")}, Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c", Verified: true},
		{Path: "health.fail_timeout", Text: "10s", If: []Is{is("health.kind", "passive")}, Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c", Verified: true},
		{Path: "health.every", Text: "5s", If: []Is{is("health.kind", "tcp")}, Source: "nginx.org, ngx_http_upstream_hc_module (commercial): interval", Verified: true},
		{Path: "health.fall", Text: "1", If: []Is{is("health.kind", "tcp")}, Source: "nginx.org, ngx_http_upstream_hc_module (commercial): fails", Verified: true},
		{Path: "health.rise", Text: "1", If: []Is{is("health.kind", "tcp")}, Source: "nginx.org, ngx_http_upstream_hc_module (commercial): passes", Verified: true},
		{Path: "full", Text: "next", Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c: max_conns is passed over", Verified: true},
		{Path: "queue", Text: "0", Source: "nginx 1.31.5: 502 when all are full; the queue is commercial", Verified: true},
		{Path: "redispatch", Text: "-1", Source: "nginx 1.31.5, next-upstream: every server at most once", Verified: true},
		{Path: "servers[].weight", Text: "1", Source: "nginx 1.31.5, src/http/ngx_http_upstream_round_robin.c", Verified: true},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "random", "two-choices", "least-connections", "least-response-time", "priority", "source-hash", "url-hash", "header-hash", "ip-hash"},
		"scheduler.table":  {"map", "ring"},
		"persistence.kind": {"none", "cookie-insert", "cookie-server"},
		"slow_start.kind":  {"none", "linear"},
		"health.kind":      {"none", "passive", "tcp", "http"},
	},
}
