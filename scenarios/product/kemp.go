package product

var kemp = Product{
	Name: "kemp", Title: "KEMP LoadMaster",
	Doc:     "KEMP LoadMaster: round robin, weight 1000, checks every 9 s, no queue",
	Version: "REST interface of June 2022, product pages",
	Notes: []string{
		"How KEMP interleaves weighted servers, breaks ties and throttles a returning server is unpublished; IPVS and a line stand in.",
		"A server without a weight has 1000: give all of them a weight or none.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "round-robin", If: silent, Source: `KEMP "RESTful API" 3.6.1.3: rr`, Verified: true},
		{Path: "scheduler.like", Text: "kemp", If: on("round-robin"), Source: `KEMP "Scheduling Methods": two to A, one to B at 100 and 50; the rest as IPVS`},
		{Path: "scheduler.like", Text: "kemp", If: on("least-connections"), Source: `KEMP "Scheduling Methods": the first server at low load; the rest as IPVS`, Verified: true},
		{Path: "scheduler.per", Text: "server", If: on("least-connections"), Source: `KEMP "RESTful API" 3.6.1.3: lc; weighted least connection (wlc) is per: weight`, Verified: true},
		{Path: "persistence", Text: "none", Source: `KEMP "RESTful API" 3.6.1.3`, Verified: true},
		{Path: "persistence.timeout", Text: "6m", If: keeping("source-ip", "cookie-insert"), Source: "KEMP user interface: 6 minutes, general knowledge"},
		{Path: "slow_start", Text: "none", Source: `KEMP "RESTful API" 3.22.2: 0 to 600 s; that 0 is the default is general knowledge`},
		{Path: "slow_start.kind", Text: "linear", Source: `KEMP "RESTful API" 3.22.2: "throttled"; the curve is unpublished`},
		{Path: "slow_start.like", Text: "kemp", If: ramping("linear"), Source: `KEMP "RESTful API" 3.22.2: for least connection and weighted least connection`, Verified: true},
		{Path: "health.kind", Text: "tcp", Source: "KEMP: depends on the type of the service, general knowledge"},
		{Path: "health.every", Text: "9s", If: []Is{is("health.kind", "tcp")}, Source: `KEMP "RESTful API" 3.22`, Verified: true},
		{Path: "health.timeout", Text: "4s", If: []Is{is("health.kind", "tcp")}, Source: `KEMP "RESTful API" 3.22`, Verified: true},
		{Path: "health.fall", Text: "2", If: []Is{is("health.kind", "tcp")}, Source: `KEMP "RESTful API" 3.22: retries`, Verified: true},
		{Path: "health.rise", Text: "1", If: []Is{is("health.kind", "tcp")}, Source: "KEMP: one good check, not stated in the documents read"},
		{Path: "full", Text: "next", Source: `KEMP "RESTful API" 3.10: limit takes the server out of rotation`, Verified: true},
		{Path: "queue", Text: "0", Source: "KEMP: no queue is documented"},
		{Path: "servers[].weight", Text: "1000", Source: `KEMP "RESTful API" 3.10: 1 to 65535`, Verified: true},
		{Path: "servers[].max_connections", Text: "0", Source: `KEMP "RESTful API" 3.10: limit 0, none`, Verified: true},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "least-connections", "fixed", "weighted-response-time", "adaptive", "source-hash", "url-hash"},
		"persistence.kind": {"none", "source-ip", "cookie-insert", "cookie-server", "cookie-hash", "cookie-or-source-ip", "super-http", "ssl-session-id", "url-hash", "host-header", "query-item", "header", "rdp", "sip"},
		"slow_start.kind":  {"none", "linear"},
	},
}
