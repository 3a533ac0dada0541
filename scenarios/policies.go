package scenarios

import (
	"strings"

	"lbsim/models"
	"lbsim/models/cluster/place"
	"lbsim/models/dag"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/nlb"
	"lbsim/models/snat"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// Policies are the tables from which the kinds in a scenario come, with the
// names that products use as hints.
var Policies = strict.NewPolicies(
	strict.PolicyOf(sched.Table, strict.PolicyOptions{Hints: map[string]string{
		"leastconn":                  "HAProxy calls it leastconn; here it is least-connections",
		"least_conn":                 "nginx calls it least_conn; here it is least-connections",
		"LEAST_REQUEST":              "Envoy calls it LEAST_REQUEST; here it is two-choices or least-connections",
		"LEASTCONNECTION":            "NetScaler calls it LEASTCONNECTION; here it is least-connections",
		"least-connections-member":   "F5 calls it least-connections-member; here it is least-connections",
		"least_outstanding_requests": "ALB calls it least_outstanding_requests; here it is least-connections",
		"lc":                         "IPVS and KEMP call it lc; here it is least-connections",
		"roundrobin":                 "HAProxy calls it roundrobin; here it is round-robin",
		"rr":                         "IPVS and KEMP call it rr; here it is round-robin",
		"weighted-round-robin":       "round-robin obeys the servers' weights",
		"p2c":                        "the power of two choices is two-choices",
		"source":                     "HAProxy calls it source; here it is source-hash",
		"ip_hash":                    "nginx calls it ip_hash; here it is ip-hash",
		"sh":                         "IPVS calls it sh; write {kind: source-hash, like: ipvs}",
		"static-rr":                  "HAProxy calls it static-rr; here it is static-round-robin",
		"ROUND_ROBIN":                "Envoy calls it ROUND_ROBIN; here it is round-robin",
		"RING_HASH":                  "Envoy calls it RING_HASH; write {kind: source-hash, table: ring, like: envoy}",
		"MAGLEV":                     "Envoy calls it MAGLEV; write {kind: source-hash, table: maglev, like: envoy}",
		"ring":                       "write {kind: source-hash, table: ring}",
		"maglev":                     "write {kind: source-hash, table: maglev}",
		"rendezvous":                 "write {kind: source-hash, table: rendezvous}",
		"wrr":                        "IPVS and KEMP call it wrr; write {kind: round-robin, like: ipvs}",
		"wlc":                        "IPVS and KEMP call it wlc; write {kind: least-connections, like: ipvs}",
		"sed":                        "IPVS calls it sed; here it is shortest-expected-delay",
		"nq":                         "IPVS calls it nq; here it is never-queue",
		"twos":                       "IPVS calls it twos; write {kind: two-choices, like: ipvs}",
		"ROUNDROBIN":                 "NetScaler calls it ROUNDROBIN; here it is round-robin",
		"SOURCEIPHASH":               "NetScaler calls it SOURCEIPHASH; here it is source-hash",
	}}),
	strict.PolicyOf(persist.Table, strict.PolicyOptions{Hints: map[string]string{
		"src":             "KEMP calls it src; here it is source-ip",
		"source-addr":     "F5 calls it source-addr; here it is source-ip",
		"SOURCEIP":        "NetScaler calls it SOURCEIP; here it is source-ip",
		"sticky":          "write source-ip, cookie-insert (nginx's sticky cookie) or cookie-server (sticky learn)",
		"cookie":          "write cookie-insert; KEMP's cookie is cookie-server",
		"active-cookie":   "KEMP calls it active-cookie; here it is cookie-insert",
		"COOKIEINSERT":    "NetScaler calls it COOKIEINSERT; here it is cookie-insert",
		"lb_cookie":       "ALB calls it lb_cookie; here it is cookie-insert",
		"app_cookie":      "ALB calls it app_cookie; here it is cookie-server",
		"cookie-src":      "KEMP calls it cookie-src; write {kind: cookie-server, fallback: source-ip}",
		"active-cook-src": "KEMP calls it active-cook-src; here it is cookie-or-source-ip",
		"cookie-hash-src": "KEMP calls it cookie-hash-src; write {kind: cookie-hash, fallback: source-ip}",
		"super":           "KEMP calls it super; here it is super-http",
		"super-src":       "KEMP calls it super-src; write {kind: super-http, fallback: source-ip}",
		"ssl":             "KEMP and F5 call it ssl; here it is ssl-session-id",
		"SSLSESSION":      "NetScaler calls it SSLSESSION; here it is ssl-session-id",
		"url":             "KEMP calls it url; here it is url-hash",
		"host":            "KEMP calls it host; here it is host-header",
		"query-hash":      "KEMP calls it query-hash; here it is query-item",
		"url_param":       "HAProxy calls it url_param; here it is query-item",
		"udpsip":          "KEMP calls it udpsip; here it is sip",
		"CALLID":          "NetScaler calls it CALLID; here it is sip",
		"rdp-src":         "KEMP calls it rdp-src; here it is rdp, whose fallback is the source address",
		"rdp-cookie":      "HAProxy calls it rdp-cookie; here it is rdp",
		"msrdp":           "F5 calls it msrdp; here it is rdp",
		"rdp-sb":          "KEMP calls it rdp-sb; here it is rdp-token",
		"rdp-sb-src":      "KEMP calls it rdp-sb-src; write {kind: rdp-token, fallback: source-ip}",
		"dest-addr":       "F5 calls it dest-addr; here it is dest-ip",
		"DESTIP":          "NetScaler calls it DESTIP; here it is dest-ip",
		"SRCIPDESTIP":     "both addresses together are not modelled; write source-ip or dest-ip",
		"stick-on-dst":    "HAProxy calls it stick on dst; here it is dest-ip",
		"source_ip":       "NLB calls it source_ip; here it is source-ip",
		"sticky-learn":    "nginx calls it sticky learn; here it is cookie-server",
		"stick-on-src":    "HAProxy calls it stick on src; here it is source-ip",
		"source-address":  "here it is source-ip",
	}}),
	strict.PolicyOf(ramp.Table, strict.PolicyOptions{Default: "linear", Scalar: rampTime, Pattern: strict.DurationPattern}),
	strict.PolicyOf(dist.Table, strict.PolicyOptions{
		Scalar: constant, Pattern: strict.DurationPattern,
		Hints: map[string]string{
			"deterministic": "a fixed value is constant",
			"fixed":         "a fixed value is constant",
			"normal":        "it would be negative at times; lognormal is not",
			"exp":           "write exponential",
		},
	}),
	strict.PolicyOf(traffic.ArrivalsTable, strict.PolicyOptions{Hints: map[string]string{
		"constant":    "arrivals at equal intervals are deterministic",
		"exponential": "exponential times between arrivals are poisson",
		"on-off":      "write {kind: bursts, rate: 0.1/s, factor: 1000, mean: 10s, every: 1m}",
		"daily":       "write {kind: profile, repeat: 24h, points: [...]}",
	}}),
	strict.PolicyOf(traffic.ProfileShapes, strict.PolicyOptions{}),
	strict.PolicyOf(traffic.Scopes, strict.PolicyOptions{}),
	strict.PolicyOf(traffic.BackoffTable, strict.PolicyOptions{Default: "exponential"}),
	strict.PolicyOf(lb.HealthKinds, strict.PolicyOptions{Hints: map[string]string{
		"off":     "write none",
		"icmp":    "KEMP calls it icmp; here it is ping",
		"httpchk": "HAProxy calls it option httpchk; here it is http",
		"https":   "write http",
		"outlier": "write {kind: none, outlier: {}}, or another kind with outlier",
	}}),
	strict.PolicyOf(models.Failures, strict.PolicyOptions{Hints: map[string]string{
		"down": "write crash (its port is closed) or silent (nothing answers)", "power": "a power cut is silent",
		"reset": "write crash", "dead": "write crash (its port is closed) or silent (nothing answers)",
		"slow": "a server is slow while cold: see recover and cold",
	}}),
	strict.PolicyOf(place.Table, strict.PolicyOptions{Hints: map[string]string{
		"hyper-v": "a Windows failover cluster is wsfc", "failover-cluster": "a Windows failover cluster is wsfc",
		"vmware": "VMware vSphere HA and DRS is vsphere", "esx": "VMware vSphere HA and DRS is vsphere", "drs": "write vsphere",
		"openstack": "OpenStack's is nova", "k8s": "Kubernetes is kubernetes", "pve": "Proxmox VE is proxmox",
	}}),
	strict.PolicyOf(models.Movings, strict.PolicyOptions{Hints: map[string]string{"vmotion": "write live", "save": "write quick"}}),
	strict.PolicyOf(dag.Dials, strict.PolicyOptions{}),
	strict.PolicyOf(dag.IndexStates, strict.PolicyOptions{}),
	strict.PolicyOf(dag.QuorumModes, strict.PolicyOptions{}),
	strict.PolicyOf(dag.WitnessVotes, strict.PolicyOptions{}),
	strict.PolicyOf(lb.Comebacks, strict.PolicyOptions{}),
	strict.PolicyOf(lb.Synceds, strict.PolicyOptions{Hints: map[string]string{
		"sessions": "write connections, persistence or both", "mirroring": "F5's connection mirroring is connections",
		"stick-tables": "HAProxy's peers tell each other persistence",
	}}),
	strict.PolicyOf(lb.Paces, strict.PolicyOptions{}),
	strict.PolicyOf(lb.TimeoutsFrom, strict.PolicyOptions{}),
	strict.PolicyOf(lb.Starts, strict.PolicyOptions{}),
	strict.PolicyOf(lb.SourceKinds, strict.PolicyOptions{Hints: map[string]string{
		"two-arm": "servers see the clients: write transparent",
		"one-arm": "servers see the balancer: write snat",
		"automap": "F5 calls it automap; here it is snat",
	}}),
	strict.PolicyOf(lb.Modes, strict.PolicyOptions{Hints: map[string]string{
		"l4": "layer 4 is tcp", "l7": "layer 7 is http",
	}}),
	strict.PolicyOf(lb.Spreads, strict.PolicyOptions{Hints: map[string]string{
		"ecmp": "write connection", "dns": "write client",
	}}),
	strict.PolicyOf(lb.Overflows, strict.PolicyOptions{}),
	strict.PolicyOf(Products, strict.PolicyOptions{Hints: map[string]string{
		"nlb":        "Windows NLB is windows-nlb; AWS NLB is not modelled, katran is a hash of flows, too",
		"wlbs":       "Windows NLB is windows-nlb",
		"lvs":        "LVS is ipvs",
		"kube-proxy": "kube-proxy in its IPVS mode is ipvs",
		"loadmaster": "KEMP LoadMaster is kemp",
		"progress":   "Progress Kemp LoadMaster is kemp",
		"bigip":      "F5 BIG-IP is f5",
		"ltm":        "F5 BIG-IP LTM is f5",
		"citrix":     "Citrix NetScaler is netscaler",
		"adc":        "Citrix ADC is netscaler",
		"aws":        "AWS Application Load Balancer is alb",
		"elb":        "AWS Application Load Balancer is alb",
		"istio":      "Istio and Contour are envoy",
		"ingress":    "write nginx, haproxy or envoy",
	}}),
	strict.PolicyOf(traffic.KeyScopes, strict.PolicyOptions{}),
	strict.PolicyOf(traffic.DismountedWays, strict.PolicyOptions{Hints: map[string]string{
		"error": "write reject", "queue": "write wait", "stall": "write wait",
	}}),
	strict.PolicyOf(tcp.StackNames, strict.PolicyOptions{Hints: map[string]string{
		"windows-2012": "up to Windows Server 2012 R2 it is windows", "win": "write windows, windows-2019 or windows-datacenter",
		"freebsd": "FreeBSD of today is nearest to macos; bsd has ticks", "darwin": "write macos",
	}}),
	strict.PolicyOf(tcp.Nagles, strict.PolicyOptions{Hints: map[string]string{"none": "write off", "on": "write classic, or minshall as Linux has it"}}),
	strict.PolicyOf(tcp.Timers, strict.PolicyOptions{}),
	strict.PolicyOf(tcp.Counts, strict.PolicyOptions{}),
	strict.PolicyOf(tcp.Growths, strict.PolicyOptions{}),
	strict.PolicyOf(tcp.TLSKinds, strict.PolicyOptions{Hints: map[string]string{"off": "write none"}}),
	strict.PolicyOf(tcp.Authentications, strict.PolicyOptions{Hints: map[string]string{"negotiate": "write kerberos or ntlm", "basic": "each request carries it: write none"}}),
	strict.PolicyOf(tcp.IntrospectionKinds, strict.PolicyOptions{Hints: map[string]string{"none": "write off", "nodelay_lost": "write nodelay-lost"}}),
	strict.PolicyOf(tcp.IntrospectedSides, strict.PolicyOptions{}),
	strict.PolicyOf(nlb.Modes, strict.PolicyOptions{}),
	strict.PolicyOf(nlb.Existings, strict.PolicyOptions{}),
	strict.PolicyOf(nlb.Filterings, strict.PolicyOptions{}),
	strict.PolicyOf(nlb.Affinities, strict.PolicyOptions{Hints: map[string]string{
		"class-c": "class C affinity is network", "source-ip": "write single",
	}}),
	strict.PolicyOf(snat.AllocationTable, strict.PolicyOptions{Hints: map[string]string{
		"random":     "which port it is decides nothing: write per-flow",
		"sequential": "which port it is decides nothing: write per-flow",
		"port-block": "write block",
	}}),
	strict.PolicyOf(snat.SizesTable, strict.PolicyOptions{Hints: map[string]string{
		"list":       "write {kind: listed, of: [60, 20, 10, 10]}",
		"carrier":    "leave sizes out and write nat: {sharing: 64}",
		"households": "write residential",
		"mobile":     "write activesync",
	}}),
)

// Products lists the load balancers whose defaults are known.
var Products = products()

func products() (t flow.Table[lb.Product]) {
	for _, p := range product.Table {
		t = append(t, flow.Kind[lb.Product]{Name: p.Name, Doc: p.Doc, New: func() lb.Product { return lb.Product(p.Name) }})
	}
	return t
}

// rampTime lets a duration alone stand for a linear ramp.
func rampTime(text string) (value any, ok bool, err error) {
	if !startsNumber(text) {
		return nil, false, nil
	}
	d, err := strict.ParseDuration(text)
	p, _ := ramp.Table.Lookup("linear")
	p.(*ramp.Linear).Time = d
	return p, true, err
}

func startsNumber(text string) bool {
	return text != "" && strings.ContainsRune("-+.0123456789", rune(text[0]))
}

// constant lets a duration alone stand for a distribution with one value.
func constant(text string) (value any, ok bool, err error) {
	if !startsNumber(text) {
		return nil, false, nil
	}
	d, err := strict.ParseDuration(text)
	return &dist.Constant{Mean: d}, true, err
}
