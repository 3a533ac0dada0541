package product

var envoy = Product{
	Name: "envoy", Title: "Envoy",
	Doc:     "Envoy: round robin, deadlines when weights differ, panic below half, no queue",
	Version: "main, 2025-26",
	Notes: []string{
		"Envoy has no defaults for health checks: interval, time-out and thresholds must be given. Where the file is silent, lbsim's own hold.",
		"As an HTTP proxy Envoy decides for each request: write mode: http.",
		"Envoy uses its lowest priority first, P0; lbsim the highest number: for P0 and P1 write priority: 1 and priority: 0.",
		"Outlier detection and zones are not part of the preset.",
	},
	RampTime: "window",
	Values: []Value{
		{Path: "scheduler.kind", Text: "round-robin", If: silent, Source: "Envoy: ROUND_ROBIN, general knowledge"},
		{Path: "scheduler.table", Text: "ring", If: on(allHashes...), Source: "Envoy: a hash policy names its table, ring_hash or maglev; neither is the default"},
		{Path: "scheduler.replace", Text: "true", If: on("random", "two-choices"), Source: "Envoy, least_request: draws with replacement", Verified: true},
		{Path: "scheduler.like", Text: "envoy", If: on("round-robin"), Source: "Envoy, edf_scheduler.h, load_balancer_impl.cc", Verified: true},
		{Path: "scheduler.like", Text: "envoy", If: on("random", "two-choices", "least-connections"), Source: "Envoy, least_request, load_balancer_impl.cc", Verified: true},
		{Path: "scheduler.like", Text: "envoy", If: []Is{is("scheduler.kind", allHashes...), is("scheduler.table", "ring", "maglev", "rendezvous")}, Source: "Envoy, ring_hash, maglev, rendezvous_hash, thread_aware_lb_impl.cc", Verified: true},
		{Path: "scheduler.like", Text: "envoy", If: on("peak-ewma"), Source: "Envoy, peak_ewma, an extension", Verified: true},
		{Path: "scheduler.like", Text: "envoy", If: on("priority"), Source: "Envoy, load_balancer_impl.cc: priorities", Verified: true},
		{Path: "slow_start", Text: "none", Source: "Envoy, load_balancer_impl.cc: no slow_start_window", Verified: true},
		{Path: "slow_start.kind", Text: "envoy", Source: "Envoy, load_balancer_impl.cc", Verified: true},
		{Path: "slow_start.aggression", Text: "1", If: ramping("envoy"), Source: "Envoy, load_balancer_impl.cc", Verified: true},
		{Path: "slow_start.min_weight", Text: "10%", If: ramping("envoy"), Source: "Envoy, load_balancer_impl.cc: min_weight_percent", Verified: true},
		{Path: "full", Text: "reject", Source: "Envoy: the circuit breaker answers 503", Verified: true},
		{Path: "queue", Text: "0", Source: "Envoy: the circuit breaker answers 503", Verified: true},
		{Path: "panic", Text: "50%", Source: "Envoy, load_balancer_impl.cc: healthy panic threshold", Verified: true},
		{Path: "source.kind", Text: "snat", Source: "Envoy: servers see its own address without an original source filter, general knowledge"},
		{Path: "source.ports", Text: "28232", If: translating, Source: "Linux, ip_local_port_range 32768 to 60999, general knowledge"},
		{Path: "source.rest", Text: "60s", If: translating, Source: "Linux, include/net/tcp.h: TCP_TIMEWAIT_LEN 60 s", Verified: true},
	},
	Has: map[string][]string{
		"scheduler.kind":  {"round-robin", "random", "two-choices", "least-connections", "peak-ewma", "adaptive", "priority", "source-hash", "url-hash", "header-hash"},
		"scheduler.table": {"ring", "maglev", "rendezvous"},
		"slow_start.kind": {"none", "envoy"},
	},
}
