package product

var windowsNLB = Product{
	Name: "windows-nlb", Title: "Windows NLB",
	Doc:     "Windows Network Load Balancing: no balancer, every host filters; 60 buckets, single affinity",
	Version: "Windows Server 2008 R2 and later, documentation and knowledge base",
	Notes: []string{
		"The bucket table and the hash of addresses are lbsim's reference model, not Windows's: Microsoft publishes neither.",
		"Of balancer only services and their servers count: a service is a port rule (nlb.rules), weight a load weight, priority a host's number or, in mode single, its handling priority.",
		"Hosts notice the death of a host and not that of a service.",
		"Multicast and unicast mode give the same results here; in unicast mode switches send every packet to every port.",
	},
	Values: []Value{
		{Path: "nlb.heartbeat", Text: "1s", Source: "Microsoft, KB Q232997: AliveMsgPeriod", Verified: true},
		{Path: "nlb.missed", Text: "5", Source: "Microsoft, KB Q232997: AliveMsgTolerance", Verified: true},
		{Path: "nlb.convergence", Text: "2.5s", Source: `Microsoft "NLB for High Availability": 2.5 s to 3 s; other texts say 3 s, or within ten`},
		{Path: "nlb.buckets", Text: "60", Source: "quoted often, unpublished; lbsim's reference model"},
		{Path: "nlb.existing", Text: "keep", Source: `Microsoft "NLB Technical Overview": sessions go on; Exchange guidance has clients reconnect`},
		{Path: "nlb.mode", Text: "unicast", Source: "Microsoft: the default of NLB Manager, general knowledge"},
		{Path: "nlb.rules[].mode", Text: "multiple", Source: "Microsoft, Add-NlbClusterPortRule", Verified: true},
		{Path: "nlb.rules[].affinity", Text: "single", Source: "Microsoft, Add-NlbClusterPortRule", Verified: true},
		{Path: "nlb.rules[].extended_affinity", Text: "0s", Source: "Microsoft, Add-NlbClusterPortRule: 0 to 240 minutes; another text says seconds", Verified: true},
		{Path: "servers[].weight", Text: "50", Source: "Microsoft: load weight 0 to 100; that 50 is the default is general knowledge"},
	},
}
