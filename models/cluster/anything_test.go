package cluster_test

import (
	"fmt"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/sim"
)

// Whatever happens, in whatever order, the books are right: on every platform, with
// failures by chance beside an operator who does anything at any time.
func TestAnything(t *testing.T) {
	platforms := append(place.Table.Names(), "{kind: vsphere, starts: 1, isolation_response: power-off, respect_anti_affinity: false}",
		"{kind: wsfc, memory: start-and-see, retry: 10m, migrations: 1, enforced_anti_affinity: true, failback: {allow: true, by: quick}}")
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			for seed := range uint64(60) {
				anything(t, platform, seed)
			}
		})
	}
}

func anything(t *testing.T, platform string, seed uint64) {
	t.Helper()
	dice := sim.NewStream(seed, 0, "test")
	config, err := configOf(`platform: ` + platform + `
hosts: [{names: "h[1-3]", cores: 8, memory: 40GB, rack: r1, datastore: d1}, {names: "h[4-6]", cores: 4, memory: 24GB, rack: r2, site: s1}]
vms:
  - {names: "a[1-4]", cores: 4, memory: 8GB, classes: [A], service: 30s, priority: 3000}
  - {names: "b[1-4]", cores: 2, memory: 12GB, classes: [B, A], preferred: [h2, h5], reserved: 1}
  - {names: "c[1-4]", cores: 8, memory: 6GB, datastore: d2, priority: 1000, boot: 0s}
  - {name: d, memory: 2GB, on: h1, possible: [h1, h4], boot: 10m}
  - {name: e, memory: 2GB, on: h2, priority: 0}
failures:
  host: {mtbf: 20h, mttr: 1h, crews: 2}
  vm: {mtbf: 20h, mttr: 3m}
  rack: {mtbf: 50h, mttr: 2h}
  datastore: {mtbf: 30h, mttr: 30m}
  burst: {probability: 30%}
  common: [{name: update, hosts: [h1, h5], vms: [a1, d], mtbf: 40h, mttr: 10m}]
`)
	if err != nil {
		t.Fatal(err)
	}
	if seed%2 == 1 {
		config.Maintenance = &cluster.Maintenance{Every: 10 * time.Hour, Takes: 5 * time.Minute, Patience: 20 * time.Minute}
	}
	e := sim.New(seed, 0)
	e.ShuffleTies(seed)
	told := &listener{up: make([]bool, len(config.VMs))}
	c := cluster.New(e, config, cluster.Options{Machines: told})
	for v := range told.up {
		told.up[v] = c.Serving(v)
	}
	hosts, vms := len(config.Hosts), len(config.VMs)
	var downDomains [][2]int
	for step := range 400 {
		// Some come at the same instant, some before anything could have ended.
		if dice.Float64() < 0.8 {
			e.Run(e.Now().Add(time.Duration(dice.Float64() * dice.Float64() * dice.Float64() * float64(2*time.Hour))))
		}
		h, v := dice.IntN(hosts), dice.IntN(vms)
		what := dice.IntN(17)
		switch what {
		case 0:
			c.FailHost(h)
		case 1, 2:
			c.RecoverHost(h)
		case 3:
			c.FailVM(v)
		case 4:
			c.RecoverVM(v)
		case 5:
			c.CrashVM(v)
		case 6:
			c.StopVM(v)
		case 7, 8:
			c.StartVM(v)
		case 9:
			c.Isolate(h, dice.Float64() < 0.5)
		case 10:
			c.Rejoin(h)
		case 11:
			c.Maintain(h)
		case 12:
			c.Resume(h)
		case 13, 14:
			c.Migrate(v, dice.IntN(hosts+1)-1, cluster.Migration(dice.IntN(3)))
		case 15:
			kind := dice.IntN(int(cluster.DomainKinds))
			d := [2]int{kind, dice.IntN(len(c.View().Labels[kind]))}
			if len(downDomains) > 1 {
				d, downDomains = downDomains[0], downDomains[1:]
				c.RecoverDomain(d[0], d[1])
			} else {
				downDomains = append(downDomains, d)
				c.FailDomain(d[0], d[1])
			}
		case 16:
			c.SetClasses(v, [][]string{nil, {"A"}, {"b", "C"}}[dice.IntN(3)])
		}
		wrong := c.Check(platform == "proxmox")
		for v := range told.up {
			if told.up[v] != c.Serving(v) {
				wrong = append(wrong, fmt.Sprintf("%s: told %v", config.VMs[v].Name, told.up[v]))
			}
			if m := c.VMMeter(v, e.Now()); m.Up < 0 || m.Up > time.Duration(e.Now()) || m.Ready < 0 {
				wrong = append(wrong, fmt.Sprintf("%s: %+v", config.VMs[v].Name, m))
			}
		}
		if len(wrong) > 0 || told.twice {
			t.Fatalf("seed %d, step %d at %v, after %d of host %d, machine %d: %v, told twice %v", seed, step, e.Now(), what, h, v, wrong, told.twice)
		}
	}
}

// listener notes what is told of machines, and whether it was known.
type listener struct {
	up    []bool
	twice bool
}

func (l *listener) Down(v int, _ cluster.Ending) { l.twice = l.twice || !l.up[v]; l.up[v] = false }
func (l *listener) Up(v int, _ bool)             { l.twice = l.twice || l.up[v]; l.up[v] = true }

func (l *listener) Speed(int, float64)      {}
func (l *listener) Stun(int, time.Duration) {}
