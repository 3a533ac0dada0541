package cluster_test

import (
	"strings"
	"testing"
)

// What is wrong with a configuration is said with its path.
func TestProblems(t *testing.T) {
	const good = "platform: wsfc\nhosts: [{names: \"h[1-2]\", cores: 4, memory: 8GB}]\nvms: [{name: a, on: h1, memory: 4GB}]\n"
	if _, err := configOf(good); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ old, new, want string }{
		{"platform: wsfc\n", "", "platform: must be given"},
		{"cores: 4", "cores: 0", "hosts[0].cores: 0 is not between 1 and 100000"},
		{"memory: 8GB", "memory: 8GB, reserve: 9GB", "hosts[0].reserve: is not between 0 and the host's memory"},
		{"memory: 8GB", "memory: 80000GB", "hosts[0].memory: must be given and at most 10TB"},
		{"name: a", "name: a, priority: -1", "vms[0].priority: -1 is not between 0 and 1000000"},
		{"name: a", "name: a, reserved: 2", "vms[0].reserved: 2 is not between 0 and the machine's cores"},
		{"name: a", "name: a, reserved: .nan", "reserved"},
		{"name: a", "name: a, boot: -1s", "boot"},
		{"name: a, on: h1", "name: a, on: h3", "vms[0].on: \"h3\" is not one of h1, h2"},
		{"name: a", "name: a, preferred: [h2, h9]", "vms[0].preferred[1]: \"h9\" is not one of h1, h2"},
		{"name: a", "name: a, possible: [h2]", "vms[0].on: h1 is not among the possible hosts"},
		{"vms: [", "vms: [{name: a, memory: 1GB}, ", "vms[1].name: \"a\" is there twice"},
		{"vms: [", "vms: [{name: b, on: h1, memory: 5GB}, ", "vms[1].on: h1 has not the memory for its machines"},
		{"platform: wsfc", "migration: {live_rate: 1B}\nplatform: wsfc", "migration.live_rate: must be at least 1MB a second"},
		{"platform: wsfc", "platform: {kind: vsphere, admission: {policy: dedicated, hosts: [h7]}}", "platform.admission.hosts[0]: \"h7\" is not one of h1, h2"},
		{"platform: wsfc", "failures: {host: {mttr: 1h}}\nplatform: wsfc", "failures.host.mtbf: must be given, or else law"},
		{"platform: wsfc", "failures: {host: {mtbf: 1s, mttr: 1ms}}\nplatform: wsfc", "failures.host.mttr: 1ms is not between 1s and"},
		{"platform: wsfc", "failures: {host: {mtbf: 1h, mttr: 1h, repair: {kind: constant, mean: 1h}}}\nplatform: wsfc", "failures.host.repair: excludes mttr"},
		{"platform: wsfc", "failures: {vm: {law: {kind: constant, mean: 1ms}, mttr: 1h}}\nplatform: wsfc", "failures.vm.law: has a mean of less than a second"},
		{"platform: wsfc", "failures: {burst: {}}\nplatform: wsfc", "failures.burst: needs failures of hosts"},
		{"platform: wsfc", "failures: {common: [{name: x, mtbf: 1h, mttr: 1h}]}\nplatform: wsfc", "failures.common[0]: takes nothing"},
		{"platform: wsfc", "failures: {common: [{name: x, hosts: [h3], mtbf: 1h, mttr: 1h}]}\nplatform: wsfc", "failures.common[0].hosts[0]: \"h3\" is no host"},
	} {
		text := strings.Replace(good, x.old, x.new, 1)
		if text == good {
			t.Fatalf("%s is not there", x.old)
		}
		if _, err := configOf(text); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s\ngot %v\nwant %s", text, err, x.want)
		}
	}
}
