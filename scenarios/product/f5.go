package product

var f5 = Product{
	Name: "f5", Title: "F5 BIG-IP LTM",
	Doc:     "F5 BIG-IP LTM: round robin, 10 s slow ramp, out after 16 s without an answer, no queue",
	Version: "AS3 schema 3.56, iControl REST v12",
	Notes: []string{
		"How F5 interleaves ratios, breaks ties and biases least connections in a ramp is unpublished.",
		"With OneConnect F5 decides for each HTTP request: write mode: http.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "round-robin", If: silent, Source: "F5 AS3 schema 3.56, pool: loadBalancingMode", Verified: true},
		{Path: "scheduler.like", Text: "f5", If: on("least-connections"), Source: "F5: ties are unpublished; the first listed, as IPVS"},
		{Path: "scheduler.per", Text: "server", If: on("least-connections"), Source: "F5 AS3 schema 3.56: least-connections-member; ratio-least-connections is per: weight", Verified: true},
		{Path: "scheduler.like", Text: "f5", If: on("priority"), Source: "F5 AS3 schema 3.56: priority groups; min-active-members is 1 there, 0 in iControl", Verified: true},
		{Path: "persistence", Text: "none", Source: "F5 AS3 schema 3.56", Verified: true},
		{Path: "persistence.timeout", Text: "180s", If: keeping("source-ip"), Source: "F5 iControl REST v12, AS3: source address persistence", Verified: true},
		{Path: "persistence.timeout", Text: forever, If: keeping("cookie-insert"), Source: "F5 iControl REST v12: cookie insert is a session cookie", Verified: true},
		{Path: "slow_start.time", Text: "10s", If: []Is{is("slow_start", none)}, Source: "F5 AS3 schema 3.56, slowRampTime: 10, 0 to 900", Verified: true},
		{Path: "slow_start.kind", Text: "linear", Source: `F5 "About Pools": about t/T of a full member's share`, Verified: true},
		{Path: "slow_start.like", Text: "f5", If: ramping("linear"), Source: `F5 "About Pools": enabled or marked up; how it biases least connections is unpublished`},
		{Path: "health.kind", Text: "tcp", Source: "F5: the monitor is chosen for the pool, general knowledge"},
		{Path: "health.every", Text: "5s", If: []Is{is("health.kind", "tcp")}, Source: "F5 AS3 schema 3.56, monitor: interval", Verified: true},
		{Path: "health.timeout", Text: "11s", If: []Is{is("health.kind", "tcp")}, Source: "F5 AS3 schema 3.56, monitor: timeout 16 s from the last answer, one interval before the check that fails", Verified: true},
		{Path: "health.fall", Text: "1", If: []Is{is("health.kind", "tcp")}, Source: "F5 iControl REST v12, monitor: a refused check counts at once", Verified: true},
		{Path: "health.rise", Text: "1", If: []Is{is("health.kind", "tcp")}, Source: "F5 AS3 schema 3.56, monitor: timeUntilUp 0", Verified: true},
		{Path: "full", Text: "next", Source: "F5 AS3 schema 3.56: a member at its connection limit is not used", Verified: true},
		{Path: "queue", Text: "0", Source: "F5: queueing is off, general knowledge"},
		{Path: "servers[].weight", Text: "1", Source: "F5 AS3 schema 3.56: ratio 1, 0 to 100", Verified: true},
		{Path: "servers[].max_connections", Text: "0", Source: "F5 AS3 schema 3.56: connectionLimit 0, none", Verified: true},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "least-connections", "least-response-time", "adaptive", "priority", "source-hash"},
		"persistence.kind": {"none", "source-ip", "cookie-insert", "cookie-server", "cookie-hash", "cookie-or-source-ip", "super-http", "ssl-session-id", "url-hash", "host-header", "query-item", "header", "rdp", "sip"},
		"slow_start.kind":  {"none", "linear"},
	},
}
