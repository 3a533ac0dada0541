package product

var netscaler = Product{
	Name: "netscaler", Title: "NetScaler",
	Doc:     "Citrix NetScaler: least connections after a phase of round robin, checks every 5 s",
	Version: "product documentation",
	Notes: []string{
		"Most defaults of NetScaler are general knowledge here: check them against yours.",
		"With HTTP NetScaler decides for each request: write mode: http.",
		"To disable a service with a delay is to drain it: write drain: {time: 60s, then: cut}.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "least-connections", If: silent, Source: "NetScaler: LEASTCONNECTION, general knowledge"},
		{Path: "scheduler.like", Text: "netscaler", If: on("least-response-time"), Source: "NetScaler documentation, least response time method; the average is unpublished"},
		{Path: "persistence", Text: "none", Source: "NetScaler: NONE, general knowledge"},
		{Path: "persistence.timeout", Text: "2m", If: keeping(keepers...), Source: "NetScaler: 2 minutes, general knowledge"},
		{Path: "persistence.drained", Text: "discard", If: keeping(keepers...), Source: "NetScaler documentation, persistence: out of service, no new requests or connections", Verified: true},
		{Path: "persistence.full", Text: "reschedule", If: keeping(keepers...), Source: "NetScaler: spillover rules, general knowledge"},
		{Path: "persistence.size", Text: "250000", If: keeping(but(tables, "cookie-server")...), Source: "NetScaler documentation, persistence: 250,000 records for source and destination IP, SSL session and rule", Verified: true},
		{Path: "persistence.evict", Text: "none", If: keeping(but(tables, "cookie-server")...), Source: "NetScaler: what happens to more is not documented"},
		{Path: "slow_start.kind", Text: "startup-round-robin", If: []Is{is("slow_start", none)}, Source: "NetScaler documentation, startup round robin factor", Verified: true},
		{Path: "slow_start.requests", Text: "0", If: ramping("startup-round-robin"), Source: "NetScaler documentation: unset, 100 requests, then the request rate for each service", Verified: true},
		{Path: "health.kind", Text: "tcp", Source: "NetScaler: tcp-default, general knowledge"},
		{Path: "health.every", Text: "5s", If: probing, Source: "NetScaler: monitor interval, general knowledge"},
		{Path: "health.timeout", Text: "2s", If: probing, Source: "NetScaler: response time-out, general knowledge"},
		{Path: "health.fall", Text: "3", If: probing, Source: "NetScaler: retries, general knowledge"},
		{Path: "health.rise", Text: "1", If: probing, Source: "NetScaler: success retries, general knowledge"},
		{Path: "servers[].weight", Text: "1", Source: "NetScaler: 1 to 100, general knowledge"},
		{Path: "source.kind", Text: "snat", Source: "NetScaler: servers see a subnet IP unless USIP is on, general knowledge"},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "least-connections", "least-response-time", "adaptive", "priority", "source-hash", "url-hash"},
		"persistence.kind": {"none", "source-ip", "cookie-insert", "cookie-server", "cookie-hash", "cookie-or-source-ip", "super-http", "ssl-session-id", "url-hash", "host-header", "query-item", "header", "rdp", "rdp-token", "dest-ip", "sip"},
		"slow_start.kind":  {"none", "startup-round-robin", "request-rate"},
	},
}
