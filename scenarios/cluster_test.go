package scenarios

import (
	"os"
	"slices"
	"strings"
	"testing"

	"lbsim/models"
	"lbsim/models/cluster/place"
)

// loadDraft reads a scenario of testdata/drafts.
func loadDraft(t *testing.T, draft string) *File {
	t.Helper()
	text, err := os.ReadFile("testdata/drafts/" + draft)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Load(Source{Name: draft, Text: text}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Patterns of hosts, machines, members, copies and databases become single names,
// paired where that is meant.
func TestClusterOfPatterns(t *testing.T) {
	f := loadDraft(t, "05-hosts.yaml")
	c := &f.Variants[0].Config
	if n := len(c.Cluster.Hosts); n != 4 || c.Cluster.Hosts[2].Name != "hv3" || c.Cluster.Hosts[2].Rack != "r2" {
		t.Errorf("hosts are %+v", c.Cluster.Hosts)
	}
	var at []string
	for _, v := range c.Cluster.VMs {
		at = append(at, v.Name+" "+v.On)
	}
	if want := []string{"ex1 hv1", "ex2 hv2", "ex3 hv3", "dc1 ", "dc2 ", "fs1 hv4"}; !slices.Equal(at, want) {
		t.Errorf("machines are on %q", at)
	}
	if got := c.Cluster.VMs[1].Preferred; !slices.Equal(got, []string{"hv1", "hv2", "hv3", "hv4"}) {
		t.Errorf("preferred hosts are %q", got)
	}
	for _, s := range c.Servers {
		if s.VM != s.Name {
			t.Errorf("server %s is %s", s.Name, s.VM)
		}
	}
	if x := c.Cluster.Failures.Common[0]; !slices.Equal(x.Hosts, []string{"hv1", "hv2"}) || !slices.Equal(x.VMs, []string{"ex1", "ex2"}) {
		t.Errorf("the common cause takes %q and %q", x.Hosts, x.VMs)
	}
	if g := c.DAG; len(g.Members) != 3 || g.Members[2].MaxActive != 20 || len(g.Databases) != 7 {
		t.Errorf("the group is %+v", g)
	}
	var first []string
	for _, d := range c.DAG.Databases[:6] {
		first = append(first, d.Copies[0].On+d.Copies[1].On)
	}
	if want := []string{"ex1ex2", "ex2ex3", "ex3ex1", "ex1ex3", "ex2ex1", "ex3ex2"}; !slices.Equal(first, want) {
		t.Errorf("copies are on %q", first)
	}
	if got := f.Variants[2].Config.Cluster.Platform.(*place.VSphere).Admission.Hosts; !slices.Equal(got, []string{"hv4"}) {
		t.Errorf("kept for failures are %q", got)
	}
	split := c.Timeline[slices.IndexFunc(c.Timeline, func(a models.Action) bool { return a.Split != nil })].Split
	if len(split) != 2 || !slices.Equal(split[0], []string{"ex1", "ex2", "witness"}) {
		t.Errorf("the network is split into %q", split)
	}
	if f.Scenario.Cluster.Hosts[0].Names != "hv[1-2]" || f.Scenario.DAG.Databases[0].Names != "db[1-6]" || f.Scenario.Servers[0].VM != "same" {
		t.Error("the scenario itself has changed")
	}
}

// What a scenario amounts to is said before it is run.
func TestForeseenOfClusters(t *testing.T) {
	const hosts, exchange = `hosts: [{names: "hv[1-3]", cores: 8, memory: 64GB}]`, `vms: [{names: "ex[1-3]", cores: 4, memory: 16GB, on: "hv[1-3]", classes: [PRODEX]}]`
	const fine = "name: x\nduration: 1h\ncluster:\n  platform: wsfc\n  " + hosts + "\n  " + exchange + "\ntimeline: [{at: 1m, fail: hv1}]\n"
	const group = `dag: {members: ["ex[1-3]"], witness: none, databases: [{name: db1, copies: ["ex[1-3]"]}]}`
	for _, c := range []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"class", exchange, `vms: [{names: "ex[1-4]", cores: 2, memory: 8GB, classes: [PRODEX]}]`,
			"cluster.vms: class PRODEX has 4 machines to be kept apart, and there are 3 hosts"},
		{"together", `on: "hv[1-3]"`, "on: hv2", "cluster.vms: ex1 and ex2 of class PRODEX both begin on hv2"},
		{"enforced at the start", "wsfc\n  " + hosts + "\n  " + exchange, "{kind: wsfc, enforced_anti_affinity: true}\n  " + hosts + "\n  " + `vms: [{names: "ex[1-4]", cores: 2, classes: [PRODEX]}]`,
			"cluster.vms: ex4 has no host at the start: each host left has a machine of the same class"},
		{"enforced", "platform: wsfc", "platform: {kind: wsfc, enforced_anti_affinity: true}",
			"cluster.hosts: when hv1 fails, ex1 has no host: each host left has a machine of the same class"},
		{"room", "memory: 16GB", "memory: 40GB", "cluster.hosts: when hv1 fails, ex1 has no host: there is no room"},
		{"none waits", "platform: wsfc", "platform: none", ""},
		{"nothing fails", "memory: 16GB, on: \"hv[1-3]\", classes: [PRODEX]}]\ntimeline: [{at: 1m, fail: hv1}]", "memory: 40GB, on: \"hv[1-3]\"}]", ""},
		{"processors", "cores: 8", "cores: 2", "cluster.hosts: hv1 has 4 virtual processors on 2 cores at the start, 2:1, the most of 3 hosts with more than 1:1"},
		{"voters", `on: "hv[1-3]", classes: [PRODEX]}]`, `on: "hv[1-3]"}, {names: "ex[4-5]", on: hv3}]` + "\n" + strings.Replace(group, "1-3]\"], w", "1-4]\"], w", 1),
			"dag.members: hv3 has ex3, ex4 at the start: with it go 2 of 4 votes"},
		{"witness", "timeline:", strings.Replace(group, "witness: none", "witness: hv2, witness_vote: always", 1) + "\ntimeline:",
			"dag.members: hv2 has ex2, the witness at the start: with it go 2 of 4 votes"},
		{"cores", "timeline:", "servers: [{names: \"ex[1-3]\", cores: 8, vm: same}]\ntimeline:", "servers.ex[1-3].vm: server ex1 has 8 cores, its virtual machine 4"},
		{"not the machine", "timeline:", "servers: [{names: \"ex[1-3]\", cores: 4}]\ntimeline:", "servers.ex[1-3]: server ex1 is a machine of its own, and no virtual one, though one is called so"},
		{"failed twice", "fail: hv1}]", "fail: hv1}, {at: 2m, fail: hv1}]", "timeline[1].fail: hv1 has been down since 1m: this changes nothing"},
		{"up", "fail: hv1}]", "fail: hv1}, {at: 2m, recover: hv2}]", "timeline[1].recover: hv2 is up at 2m: this changes nothing"},
		{"in service", "fail: hv1}]", "fail: hv1}, {at: 2m, enable: hv2}]", "timeline[1].enable: hv2 is not in maintenance at 2m: this changes nothing"},
		{"stopped twice", "fail: hv1}]", "stop: ex1}, {at: 2m, stop: ex1}]", "timeline[1].stop: ex1 has been shut down since 1m: this changes nothing"},
		{"started while it runs", "fail: hv1}]", "start: ex1}, {at: 2m, fail: hv1}]", "timeline[0].start: ex1 has not been shut down at 1m: this changes nothing"},
		{"started after a failure", "fail: hv1}]", "fail: hv1}, {at: 20m, start: ex1}]", ""},
		{"wide", "hosts: [{names: \"hv[1-3]\", cores: 8", "hosts: [{name: hv1, cores: 3, memory: 64GB}, {names: \"hv[2-3]\", cores: 2",
			"cluster.vms: ex1, ex2 and ex3 have more processors than any host has cores, 3"},
		{"wide on one", "hosts: [{names: \"hv[1-3]\", cores: 8", "hosts: [{name: hv1, cores: 4, memory: 64GB}, {names: \"hv[2-3]\", cores: 2",
			"cluster.hosts: hv2 has 4 virtual processors on 2 cores at the start, 2:1, the most of 2 hosts with more than 1:1"},
		{"has the class", "fail: hv1}]", "classes: {of: ex1, add: PRODEX}}]", "classes.of: ex1 has the class PRODEX at 1m: this changes nothing"},
		{"not divided", "timeline: [", group + "\ntimeline: [{at: 2m, recover: network}, ", "timeline[0].recover: the network is up at 2m: this changes nothing"},
		{"maintenance", exchange, exchange + "\n  maintenance: {every: 1h, takes: 30m}", "cluster.maintenance: a round of 3 hosts takes more than 90m, 30m for each, and the next one begins after 1h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(fine, c.old, c.new, 1)
			if c.old != "" && text == fine {
				t.Fatalf("%q is not there", c.old)
			}
			f, err := Load(Source{Name: "x.yaml", Text: []byte(text)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range f.Warnings {
				got = append(got, w.Text)
			}
			if c.want == "" && got != nil || c.want != "" && !slices.Contains(got, c.want) {
				t.Errorf("warnings are %q", got)
			}
		})
	}
}

// A thousand hosts with ten thousand machines may fail by chance for ten years.
func TestLargeClusterIsAccepted(t *testing.T) {
	f, err := Load(Source{Name: "large.yaml", Text: []byte(`
name: large
duration: 87660h
cluster:
  platform: vsphere
  hosts: [{names: "hv[0001-1000]", cores: 64, memory: 512GB}]
  vms: [{names: "vm[00001-10000]", cores: 4, memory: 16GB}]
  failures: {host: {mtbf: 4000h, mttr: 4h}, vm: {mtbf: 8766h, mttr: 3m}}
`)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Warnings) > 0 {
		t.Error(f.Warnings)
	}
	if m := f.Variants[0].Memory; m < 1e6 || m > 2e8 {
		t.Errorf("takes %g bytes", m)
	}
}

// What is shown of scenarios with clusters means the same in each variant.
func TestShownClustersAreTheSame(t *testing.T) {
	for _, draft := range []string{"05-hosts.yaml", "06-placement.yaml"} {
		f := loadDraft(t, draft)
		shown, err := f.Show()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(Source{Name: "shown.yaml", Text: shown}, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, shown)
		}
		for i := range f.Variants {
			if a, b := leaves(t, f.Variants[i].Scenario), leaves(t, again.Variants[i].Scenario); !slices.Equal(a, b) {
				t.Errorf("%s, variant %s is\n%v\nand shown\n%v", draft, f.Variants[i].Name, a, b)
			}
		}
	}
}
