package product

var ipvs = Product{
	Name: "ipvs", Title: "IPVS",
	Doc:     "Linux IPVS: weighted least connections, no checks and no retries of its own, no queue",
	Version: "Linux kernel, several ages",
	Notes: []string{
		"IPVS does not check servers: a daemon such as keepalived does. Where the file is silent, lbsim's own intervals hold.",
		"Packets for a server that is gone are dropped in silence; in lbsim they are refused.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "least-connections", If: silent, Source: "ipvsadm: wlc, general knowledge; the kernel has no default"},
		{Path: "scheduler.table", Text: "map", If: on("source-hash"), Source: "Linux, net/netfilter/ipvs/ip_vs_sh.c", Verified: true},
		{Path: "scheduler.like", Text: "ipvs", If: on("round-robin"), Source: "Linux, net/netfilter/ipvs/ip_vs_rr.c, ip_vs_wrr.c", Verified: true},
		{Path: "scheduler.like", Text: "ipvs", If: on("least-connections"), Source: "Linux, net/netfilter/ipvs/ip_vs_lc.c, ip_vs_wlc.c", Verified: true},
		{Path: "scheduler.like", Text: "ipvs", If: on("two-choices"), Source: "Linux, net/netfilter/ipvs/ip_vs_twos.c", Verified: true},
		{Path: "scheduler.like", Text: "ipvs", If: []Is{is("scheduler.kind", "random"), is("scheduler.choices", "2")}, Source: "Linux, net/netfilter/ipvs/ip_vs_twos.c", Verified: true},
		{Path: "scheduler.like", Text: "ipvs", If: []Is{is("scheduler.kind", "source-hash"), is("scheduler.table", "map")}, Source: "Linux, net/netfilter/ipvs/ip_vs_sh.c", Verified: true},
		{Path: "scheduler.like", Text: "ipvs", If: []Is{is("scheduler.kind", "source-hash"), is("scheduler.table", "maglev"), is("scheduler.size", none), is("scheduler.load_bound", none, "0")}, Source: "Linux, net/netfilter/ipvs/ip_vs_mh.c", Verified: true},
		{Path: "persistence", Text: "none", Source: "Linux, net/netfilter/ipvs/ip_vs_core.c: a service is not persistent unless told", Verified: true},
		{Path: "persistence.timeout", Text: "6m", If: keeping("source-ip"), Source: "libipvs headers: 360 s; the manual is quoted with 300 s: set it explicitly"},
		{Path: "persistence.hold_while_open", Text: "true", If: keeping("source-ip"), Source: "Linux, net/netfilter/ipvs/ip_vs_conn.c: a template that controls connections retries after 60 s", Verified: true},
		{Path: "persistence.drained", Text: "keep", If: keeping("source-ip"), Source: "Linux, net/netfilter/ipvs/ip_vs_conn.c: expire_quiescent_template is 0", Verified: true},
		{Path: "persistence.full", Text: "override", If: keeping("source-ip"), Source: "Linux, net/netfilter/ipvs: the overloaded flag is not checked for templates, general knowledge"},
		{Path: "persistence.prefix", Text: "32", If: keeping("source-ip"), Source: "ipvsadm: netmask 255.255.255.255, general knowledge"},
		{Path: "slow_start", Text: "none", Source: "Linux, net/netfilter/ipvs: there is none", Verified: true},
		{Path: "full", Text: "next", Source: "Linux, net/netfilter/ipvs/ip_vs_conn.c: overloaded above u_threshold", Verified: true},
		{Path: "resume", Text: "75%", Source: "Linux, net/netfilter/ipvs/ip_vs_conn.c: 3/4 of u_threshold without l_threshold", Verified: true},
		{Path: "queue", Text: "0", Source: "Linux, net/netfilter/ipvs/ip_vs_core.c: no destination, port unreachable or drop", Verified: true},
		{Path: "linger", Text: "2m", Source: "Linux, net/netfilter/ipvs/ip_vs_proto_tcp.c: FIN_WAIT, TIME_WAIT 120 s", Verified: true},
		{Path: "servers[].weight", Text: "1", Source: "ipvsadm: general knowledge"},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"round-robin", "least-connections", "shortest-expected-delay", "never-queue", "random", "two-choices", "fixed", "source-hash"},
		"scheduler.table":  {"map", "maglev"},
		"persistence.kind": {"none", "source-ip"},
		"slow_start.kind":  {"none"},
	},
}
