package product

var alb = Product{
	Name: "alb", Title: "AWS ALB",
	Doc:     "AWS Application Load Balancer: round robin, checks every 30 s, five to return, no queue",
	Version: "target group documentation",
	Notes: []string{
		"ALB decides for each request: write mode: http.",
		"ALB checks with HTTP; lbsim with a connection. Weights belong to target groups, not to targets.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "round-robin", If: silent, Source: "AWS ALB: round_robin, general knowledge"},
		{Path: "persistence", Text: "none", Source: "AWS target group attributes: stickiness is off, general knowledge"},
		{Path: "persistence.timeout", Text: "1d", If: keeping("cookie-insert"), Source: "AWS target group attributes: lb_cookie 86400 s", Verified: true},
		{Path: "persistence.timeout", Text: "1d", If: keeping("cookie-server"), Source: "AWS target group attributes: app_cookie 86400 s, general knowledge"},
		{Path: "persistence.refresh", Text: "use", If: keeping("cookie-insert", "cookie-server"), Source: "AWS target group attributes: each answer renews the cookie, general knowledge"},
		{Path: "persistence.drained", Text: "discard", If: keeping("cookie-insert", "cookie-server"), Source: "AWS target group attributes: a deregistered target is left; one that drains, general knowledge"},
		{Path: "slow_start", Text: "none", Source: "AWS target group attributes: slow_start.duration_seconds 0, 30 to 900", Verified: true},
		{Path: "slow_start.kind", Text: "linear", Source: "AWS target group attributes: the share rises linearly", Verified: true},
		{Path: "slow_start.like", Text: "alb", If: ramping("linear"), Source: "AWS target group attributes; that it is for round robin only is general knowledge"},
		{Path: "health.kind", Text: "tcp", Source: "AWS ALB: HTTP, general knowledge; lbsim opens a connection"},
		{Path: "health.every", Text: "30s", If: []Is{is("health.kind", "tcp")}, Source: "AWS ALB: general knowledge"},
		{Path: "health.timeout", Text: "5s", If: []Is{is("health.kind", "tcp")}, Source: "AWS ALB: general knowledge"},
		{Path: "health.fall", Text: "2", If: []Is{is("health.kind", "tcp")}, Source: "AWS ALB: unhealthy threshold, general knowledge"},
		{Path: "health.rise", Text: "5", If: []Is{is("health.kind", "tcp")}, Source: "AWS ALB: healthy threshold, general knowledge"},
		{Path: "full", Text: "next", Source: "AWS ALB: targets have no connection limit, general knowledge"},
		{Path: "queue", Text: "0", Source: "AWS ALB: no queue is documented"},
		{Path: "source.kind", Text: "snat", Source: "AWS ALB: targets see its addresses, general knowledge"},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "least-connections", "random"},
		"persistence.kind": {"none", "cookie-insert", "cookie-server"},
		"slow_start.kind":  {"none", "linear"},
		"health.kind":      {"tcp", "http"},
	},
}
