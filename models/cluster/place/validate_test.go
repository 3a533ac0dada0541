package place

import (
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
}

// The names of hosts that are kept for failures are told with their paths.
func TestHostNames(t *testing.T) {
	p := newVSphere()
	p.Admission.Hosts = []string{"hv3", "hv4"}
	names, paths := cluster.HostNamer(p).HostNames()
	if len(names) != 2 || names[1] != "hv4" || paths[1] != "admission.hosts[1]" {
		t.Errorf("%v at %v", names, paths)
	}
}
