package cluster_test

import (
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// BenchmarkTenYears runs 1,000 hosts with 10,000 machines, pairs of which are kept
// apart, for ten years in which hosts, machines and racks fail by chance.
func BenchmarkTenYears(b *testing.B) {
	for _, platform := range []string{"wsfc", "vsphere", "proxmox", "kubernetes", "nova", "nomad", "none"} {
		b.Run(platform, func(b *testing.B) {
			config := tenYears(b, platform)
			for b.Loop() {
				e := sim.New(1, 0)
				c := cluster.New(e, config, cluster.Options{})
				e.Run(sim.Time(10 * 8766 * time.Hour))
				n := c.Meter(e.Now())
				if n.HostFailures < 10000 {
					b.Fatalf("%d failures of hosts", n.HostFailures)
				}
				b.ReportMetric(float64(n.HostFailures), "failures")
				b.ReportMetric(float64(n.Restarts), "restarts")
				b.ReportMetric(float64(n.Migrations), "migrations")
				b.ReportMetric(float64(e.Stats().Fired), "events")
			}
		})
	}
}

func tenYears(b testing.TB, platform string) *cluster.Config {
	config, err := configOf("platform: " + platform + `
hosts: [{names: "h[1-1000]", cores: 32, memory: 256GB}]
vms: [{names: "v[1-10000]", cores: 4, memory: 16GB}]
failures:
  host: {mtbf: 8766h, mttr: 4h}
  vm: {mtbf: 8766h, mttr: 3m}
  rack: {mtbf: 43830h, mttr: 2h}
  burst: {probability: 10%}
`)
	if err != nil {
		b.Fatal(err)
	}
	for i := range config.Hosts {
		config.Hosts[i].Rack = "r" + config.Hosts[i/40].Name
	}
	for i := range config.VMs {
		config.VMs[i].On = config.Hosts[i/10].Name
		config.VMs[i].Classes = []string{config.VMs[i%5000].Name}
	}
	return config
}
