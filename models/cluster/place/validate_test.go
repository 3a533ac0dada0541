package place

import (
	"slices"
	"testing"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Each mistake is found where it is.
func TestValidate(t *testing.T) {
	for _, c := range []struct{ kind, path, value, problem string }{
		{"wsfc", "preferred_empty", "most", "preferred_empty"},
		{"wsfc", "memory", "see", "memory"},
		{"wsfc", "retry", "0s", "retry"},
		{"wsfc", "failover_threshold", "-2", "failover_threshold"},
		{"wsfc", "failover_period", "1194h", "failover_period"},
		{"wsfc", "heartbeat", "0s", "heartbeat"},
		{"wsfc", "missed", "0", "missed"},
		{"wsfc", "isolated", "31d", "isolated"},
		{"wsfc", "start_fail", "2h", "start_fail"},
		{"wsfc", "migrations", "-1", "migrations"},
		{"wsfc", "failback.window_start", "24", "failback.window_start"},
		{"wsfc", "failback.window_end", "3", "failback"},
		{"wsfc", "failback.by", "cold", "failback.by"},
		{"wsfc", "balance.when", "often", "balance.when"},
		{"wsfc", "balance.every", "0s", "balance.every"},
		{"wsfc", "balance.above", "101%", "balance.above"},
		{"wsfc", "quarantine.failures", "-1", "quarantine.failures"},
		{"wsfc", "quarantine.within", "0s", "quarantine.within"},
		{"wsfc", "quarantine.for", "0s", "quarantine.for"},
		{"wsfc", "quarantine.at_most", "NaN", "quarantine.at_most"},
		{"vsphere", "detect_primary", "2h", "detect_primary"},
		{"vsphere", "isolation_response", "shutdown", "isolation_response"},
		{"vsphere", "starts", "-1", "starts"},
		{"vsphere", "retries", "2m,2m", "retries[1]"},
		{"vsphere", "retries", "0s", "retries[0]"},
		{"vsphere", "drs.every", "0s", "drs.every"},
		{"vsphere", "drs.migrations", "-1", "drs.migrations"},
		{"vsphere", "admission.policy", "all", "admission.policy"},
		{"vsphere", "admission.policy", "dedicated", "admission.hosts"},
		{"vsphere", "admission.host_failures", "-1", "admission.host_failures"},
		{"vsphere", "admission.default_cpu", "NaN", "admission.default_cpu"},
		{"vsphere", "admission.slot_cpu", "-1", "admission.slot_cpu"},
		{"vsphere", "admission.cpu", "-1%", "admission.cpu"},
		{"vsphere", "admission.memory", "101%", "admission.memory"},
		{"nova", "policy", "soft", "policy"},
		{"nova", "max_server_per_host", "0", "max_server_per_host"},
		{"nova", "cpu_allocation_ratio", "NaN", "cpu_allocation_ratio"},
		{"nova", "host_subset_size", "0", "host_subset_size"},
		{"nova", "weights.ram", "Inf", "weights.ram"},
		{"nova", "weights.cpu", "NaN", "weights.cpu"},
		{"nova", "weights.soft_anti_affinity", "-1", "weights.soft_anti_affinity"},
		{"nova", "weights.soft_affinity", "-1", "weights.soft_affinity"},
		{"nova", "detect", "31d", "detect"},
		{"nova", "retry", "1ms", "retry"},
		{"kubernetes", "anti_affinity.rule", "soft", "anti_affinity.rule"},
		{"kubernetes", "anti_affinity.topology_key", "node", "anti_affinity.topology_key"},
		{"kubernetes", "anti_affinity.weight", "101", "anti_affinity.weight"},
		{"kubernetes", "topology_spread.when_unsatisfiable", "never", "topology_spread.when_unsatisfiable"},
		{"kubernetes", "topology_spread.topology_key", "zone", "topology_spread.topology_key"},
		{"kubernetes", "topology_spread.max_skew", "0", "topology_spread.max_skew"},
		{"kubernetes", "topology_spread.min_domains", "0", "topology_spread.min_domains"},
		{"kubernetes", "topology_spread.node_taints", "keep", "topology_spread.node_taints"},
		{"kubernetes", "weights.node_affinity", "-1", "weights.node_affinity"},
		{"kubernetes", "weights.topology_spread", "101", "weights.topology_spread"},
		{"kubernetes", "weights.pod_affinity", "-1", "weights.pod_affinity"},
		{"kubernetes", "weights.resources", "-1", "weights.resources"},
		{"kubernetes", "weights.balance", "-1", "weights.balance"},
		{"kubernetes", "ties", "last", "ties"},
		{"kubernetes", "grace_period", "25h", "grace_period"},
		{"kubernetes", "toleration", "31d", "toleration"},
		{"nomad", "scheduler_algorithm", "pack", "scheduler_algorithm"},
		{"nomad", "spread.attribute", "node", "spread.attribute"},
		{"nomad", "heartbeat_ttl", "0s", "heartbeat_ttl"},
		{"nomad", "heartbeat_grace", "25h", "heartbeat_grace"},
		{"nomad", "restart_attempts", "-1", "restart_attempts"},
		{"nomad", "restart_interval", "0s", "restart_interval"},
		{"proxmox", "max_restart", "-1", "max_restart"},
		{"proxmox", "max_relocate", "-1", "max_relocate"},
		{"proxmox", "max_workers", "-1", "max_workers"},
		{"proxmox", "detect", "31d", "detect"},
		{"random", "detect", "31d", "detect"},
		{"first-fit", "anti_affinity", "always", "anti_affinity"},
	} {
		p, _ := Table.Lookup(c.kind)
		if err := setParameter(p, c.path, c.value); err != nil {
			t.Errorf("%s %s=%s: %v", c.kind, c.path, c.value, err)
			continue
		}
		problems := flow.Check(p)
		if len(problems) != 1 || problems[0].Path != c.problem {
			t.Errorf("%s %s=%s: %v", c.kind, c.path, c.value, problems)
		}
	}
	p := newVSphere()
	p.Admission.SlotMemory = -1
	if problems := flow.Check(p); len(problems) != 1 || problems[0].Path != "admission.slot_memory" {
		t.Errorf("a negative slot_memory: %v", problems)
	}
	n := newNomad()
	n.Spread.Targets = []NomadTarget{{"r1", 0.6}}
	if problems := flow.Check(n); len(problems) != 1 || problems[0].Path != "spread.attribute" {
		t.Errorf("targets of nothing: %v", problems)
	}
	n.Spread = NomadSpread{Attribute: "rack", Targets: []NomadTarget{{"r1", 0.6}, {"r2", 0.6}}}
	if problems := flow.Check(n); len(problems) != 1 || problems[0].Path != "spread.targets" {
		t.Errorf("targets of 120 %%: %v", problems)
	}
	n.Spread.Targets = []NomadTarget{{"r1", 0.6}, {"r2", -0.1}}
	if problems := flow.Check(n); len(problems) != 1 || problems[0].Path != "spread.targets[1].percent" {
		t.Errorf("a negative target: %v", problems)
	}
}

// The names of hosts that are kept for failures are told with their paths.
func TestHostNames(t *testing.T) {
	p := newVSphere()
	p.Admission.Hosts = []string{"hv3", "hv4"}
	names, paths := cluster.HostNamer(p).HostNames()
	if len(names) != 2 || names[1] != "hv4" || paths[1] != "admission.hosts[1]" {
		t.Errorf("%v at %v", names, paths)
	}
	n := newNomad()
	n.Spread = NomadSpread{Attribute: "host", Targets: []NomadTarget{{"hv1", 0.5}, {"hv2", 0.5}}}
	names, paths = cluster.HostNamer(n).HostNames()
	if len(names) != 2 || names[1] != "hv2" || paths[1] != "spread.targets[1].value" {
		t.Errorf("%v at %v", names, paths)
	}
	twice := func(_, name string) []string { return []string{name + "a", name + "b"} }
	p = p.WithHosts(twice).(*VSphere)
	if got := p.Admission.Hosts; !slices.Equal(got, []string{"hv3a", "hv3b", "hv4a", "hv4b"}) {
		t.Errorf("hosts are %v", got)
	}
	n = n.WithHosts(twice).(*Nomad)
	if got := n.Spread.Targets; len(got) != 4 || got[1] != (NomadTarget{"hv1b", 0.5}) {
		t.Errorf("targets are %v", got)
	}
}
